/**
 * What a watch has done, as the lines of its journal: what it may do next depends on it.
 * @module
 */
import * as v from "valibot";
import { InputError, parseJson } from "../../domain/mod.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const moved = v.object({ app: v.string(), node: v.string(), count });
const gain = v.object({ mean: v.number(), low: v.number(), high: v.number() });

const proposed = {
  /** Moves beyond what is forced. */
  moves: count,
  /** Containers that must start, since what the stack asks for does not run. */
  forced: count,
  /** What starts where. */
  started: v.array(moved),
  /** By how much the mean is expected to grow; null where it is not asked. */
  gain: v.nullable(gain),
  why: v.string(),
};

const pastActSchema = v.strictObject({ at: v.number(), moves: count, started: v.array(moved) });

const entrySchema = v.variant("kind", [
  v.object({ kind: v.literal("begins"), at: v.number(), acts: v.boolean() }),
  v.object({ kind: v.literal("sees"), at: v.number(), what: v.string() }),
  v.object({ kind: v.literal("stays"), at: v.number(), why: v.string() }),
  v.object({ kind: v.literal("would act"), at: v.number(), ...proposed }),
  v.object({ kind: v.literal("acts"), at: v.number(), ...proposed }),
  v.object({ kind: v.literal("done"), at: v.number(), seconds: v.number() }),
  v.object({ kind: v.literal("failed"), at: v.number(), why: v.string() }),
]);

/** One line of the journal; `at` is in seconds since 1970. */
export type Entry = v.InferOutput<typeof entrySchema>;
/** So many containers of an app on a node. */
export type Moved = v.InferOutput<typeof moved>;

/**
 * Reads the journal of a watch; a last line that was cut off in the middle never was.
 * @param file Its name, for messages. @throws {InputError} naming file and line.
 */
export function readHistory(text: string, file: string): Entry[] {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").slice(0, -1);
  return lines.map((line, at) => {
    const place = `${file}: line ${at + 1}`;
    const result = v.safeParse(entrySchema, parseJson(line, place));
    if (result.success) return result.output;
    throw new InputError(
      `${place}: not a line of the journal of a watch: name another file by --journal`,
    );
  });
}

/** What is left of an act once it is past: its moves and its starts count for a while. */
export type PastAct = v.InferOutput<typeof pastActSchema>;

/** The acts that watches of a stack share. @param file Where they are from, for messages. @throws {InputError} naming it. */
export function readPastActs(text: string, file: string): PastAct[] {
  const result = v.safeParse(v.array(pastActSchema), parseJson(text, file));
  if (result.success) return result.output;
  throw new InputError(`${file} does not hold what watches did: remove it`);
}

/** What of the past still counts. */
export class History {
  #acts: PastAct[];

  /** @param entries Of the journal, in its order. */
  constructor(entries: readonly Entry[]) {
    this.#acts = entries.filter((entry) => entry.kind === "acts").map(pastAct);
  }

  /** Notes one more. */
  add(entry: Entry): void {
    if (entry.kind === "acts") this.#acts.push(pastAct(entry));
  }

  /** Adds what other watches did; what is known already counts once. */
  merge(acts: readonly PastAct[]): void {
    const known = new Set(this.#acts.map((act) => JSON.stringify(act)));
    const more = acts.filter((act) => !known.has(JSON.stringify(act)));
    this.#acts = [...this.#acts, ...more].sort((a, b) => a.at - b.at);
  }

  /** The acts since a moment. */
  since(at: number): PastAct[] {
    return this.#acts.filter((act) => act.at > at);
  }

  /** Moves since a moment; those that failed were made, and taken back. */
  movesSince(at: number): number {
    return this.#acts.reduce((sum, act) => act.at > at ? sum + act.moves : sum, 0);
  }

  /** Containers that started since a moment, by app and node: they are to stay for a while. */
  startedSince(at: number): Moved[] {
    const all = new Map<string, Moved>();
    for (const act of this.#acts) {
      if (act.at <= at) continue;
      for (const { app, node, count } of act.started) {
        const key = `${app} ${node}`;
        all.set(key, { app, node, count: count + (all.get(key)?.count ?? 0) });
      }
    }
    return [...all.values()];
  }

  /** When the first of the acts since a moment was; null if there was none. */
  firstSince(at: number): number | null {
    return this.#acts.find((act) => act.at > at)?.at ?? null;
  }
}

function pastAct({ at, moves, started }: PastAct): PastAct {
  return { at, moves, started: started.map(({ app, node, count }) => ({ app, node, count })) };
}
