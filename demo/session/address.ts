/**
 * The state of the page in its address, after the #: what can be shared.
 * @module
 */
import { type Objective, OBJECTIVES } from "../../mod.ts";
import type { Move } from "./moves.ts";
import { MOST_LETTERS } from "./packing.ts";

/** What an address says; what it leaves out, or says wrongly, is undefined. */
export interface Address {
  readonly nodes?: number | undefined;
  readonly demand?: readonly number[] | undefined;
  readonly schedulers?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** What schedulers make large, where it is not the throughput. */
  readonly objective?: Objective | undefined;
  /** Normalised RPS that every container keeps, above 0. */
  readonly floor?: number | undefined;
  /** Moves by hand of either panel, oldest first. */
  readonly moves?: readonly (readonly Move[])[] | undefined;
  /** Plan file that panel a shows, packed. */
  readonly plan?: string | undefined;
  /** Plan file of what runs, packed. */
  readonly runs?: string | undefined;
  /** The user's profile, packed. */
  readonly profile?: string | undefined;
  /** Name of the user's profile, where it is too large for a link. */
  readonly needs?: string | undefined;
  /** What else the link is about, but does not hold. */
  readonly lacks?: readonly Lack[] | undefined;
}

/**
 * What links may not hold: moves by hand, a plan or what runs, where they are too large, and a policy that was trained in
 * the page.
 */
export const LACKS = ["moves", "plan", "running", "policy"] as const;
/** One of them. */
export type Lack = typeof LACKS[number];

/** Most moves of a panel that an address tells: the rest would make it too long to send. */
export const MOST_MOVES = 200;

/** What a link does not hold, in words. */
const LACK_TEXTS: Readonly<Record<Lack, string>> = {
  moves: `more than ${MOST_MOVES} moves by hand (export the plan instead)`,
  plan: "the plan of the first panel, which is too large (send its file)",
  running: "what runs, which is too large",
  policy: "the policy that was trained in the page (metis places by its own)",
};

/** What an address does not hold, in words; empty if it holds all. */
export function lacksText({ lacks = [], needs }: Pick<Address, "lacks" | "needs">): string {
  const profile = needs === undefined
    ? []
    : [`the profile ${needs}, which is too large (send its file)`];
  return [...profile, ...lacks.map((lack) => LACK_TEXTS[lack])].join("; ");
}

/** Most nodes and containers of each app that an address may ask for. */
const MOST = 100_000;
/** Most letters of a file's name. */
const MOST_NAME = 100;

/**
 * Reads an address such as `#nodes=81&demand=37.31.28&a=spread&b=metis&mb=3-40-1.40-7-0-2`. Its moves are
 * from-to-app, or from-to-app-back where two containers changed places, of panel a (`ma`) and b (`mb`); the plan of
 * panel a, what runs and the profile are packed. Never throws: strangers write addresses.
 */
export function readAddress(hash: string): Address {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  // What is there twice says nothing.
  const get = (name: string) => fields.getAll(name).length === 1 ? fields.get(name) : null;
  const demand = get("demand")?.split(".").map((count) => wholeOf(count));
  const schedulers = [get("a"), get("b")];
  const percent = positive(wholeOf(get("floor"), 100));
  const lacked = get("lacks")?.split(".") ?? [];
  const lacks = LACKS.filter((lack) => lacked.includes(lack));
  return {
    nodes: positive(wholeOf(get("nodes"))),
    demand: demand?.every((count) => count !== undefined) ? demand as number[] : undefined,
    schedulers: schedulers.every((name) => name !== null) ? schedulers as string[] : undefined,
    seed: wholeOf(get("seed"), 0xffffffff),
    objective: OBJECTIVES.find((objective) => objective === get("aim")),
    floor: percent === undefined ? undefined : percent / 100,
    moves: movesOf([get("ma"), get("mb")]),
    plan: packedOf(get("plan")),
    runs: packedOf(get("runs")),
    profile: packedOf(get("profile")),
    needs: get("needs")?.slice(0, MOST_NAME) || undefined,
    lacks: lacks.length === 0 ? undefined : lacks,
  };
}

/** Writes an address; fields that are undefined are left out. */
export function writeAddress(address: Address): string {
  const {
    nodes,
    demand,
    schedulers,
    seed,
    objective,
    floor,
    moves,
    plan,
    runs,
    profile,
    needs,
    lacks,
  } = address;
  const fields: [string, string | number | undefined][] = [
    ["nodes", nodes],
    ["demand", demand?.join(".")],
    ["a", schedulers?.[0]],
    ["b", schedulers?.[1]],
    ["seed", seed],
    ["aim", objective],
    ["floor", floor === undefined ? undefined : Math.round(100 * floor)],
    ["ma", moveText(moves?.[0])],
    ["mb", moveText(moves?.[1])],
    ["plan", plan],
    ["runs", runs],
    ["profile", profile],
    ["needs", needs],
    ["lacks", lacks?.join(".") || undefined],
  ];
  const told = fields.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  );
  return `#${told.join("&")}`;
}

function moveText(moves: readonly Move[] | undefined): string | undefined {
  if (moves === undefined || moves.length === 0 || moves.length > MOST_MOVES) return undefined;
  return moves.map(({ from, to, app, back }) =>
    [from, to, app, ...(back === null ? [] : [back])].join("-")
  ).join(".");
}

/** The moves of both panels; undefined if there are none, or a text is not of moves. */
function movesOf(texts: readonly (string | null)[]): Move[][] | undefined {
  if (texts.every((text) => text === null)) return undefined;
  const panels = texts.map((text) => {
    const moves = text === null ? [] : text.split(".").map(moveOf);
    return moves.length > MOST_MOVES || moves.includes(null) ? null : moves as Move[];
  });
  return panels.includes(null) ? undefined : panels as Move[][];
}

function moveOf(text: string): Move | null {
  const numbers = text.split("-").map((part) => wholeOf(part));
  if (numbers.length < 3 || numbers.length > 4 || numbers.includes(undefined)) return null;
  const [from, to, app, back] = numbers as number[];
  return { from: from!, to: to!, app: app!, back: back ?? null };
}

function packedOf(text: string | null): string | undefined {
  return text !== null && /^[\w-]+$/.test(text) && text.length <= MOST_LETTERS ? text : undefined;
}

function wholeOf(text: string | null, most: number = MOST): number | undefined {
  if (text === null || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}
