import type { Placement, Problem } from "../../domain/mod.ts";
import { Underway } from "./underway.ts";

/** One container that starts or stops. */
export interface Act {
  readonly kind: "start" | "stop";
  readonly node: number;
  readonly app: number;
  /** It is no part of the change: it starts where it will not stay, or stops where one comes back. */
  readonly extra?: true;
  /** It stops before its new one runs. */
  readonly first?: true;
  /** It breaks a rule about company or failure domains. */
  readonly broken?: true;
  /** It leaves fewer running than are to keep running. */
  readonly down?: true;
}

/** How many containers of each app are to keep running: a number, or a share of those that run before and after. */
export type KeepRunning = { readonly count: number } | { readonly share: number };

/** From what to what the steps lead, and what has to keep running on the way. */
export interface Passage {
  readonly problem: Problem;
  /** What runs now. */
  readonly current: Placement;
  /** What should run. */
  readonly next: Placement;
  /** Per app: containers that run before and after. */
  readonly least: readonly number[];
  /** Per app: containers that must run at any time; at most `least`. */
  readonly floors: readonly number[];
}

/** The passage between two placements of a problem. */
export function passageOf(
  problem: Problem,
  current: Placement,
  next: Placement,
  keep: KeepRunning,
): Passage {
  const { running } = new Underway(problem, current);
  const least = problem.demand.map((count, app) => Math.min(count, running[app]!));
  const floors = least.map((count) =>
    "count" in keep ? Math.min(keep.count, count) : Math.ceil(keep.share * count - 1e-9)
  );
  return { problem, current, next, least, floors };
}

/** What an order of acts costs, worst first: rules or floors broken, stopped first, extra. */
export function costOf(acts: readonly Act[]): readonly number[] {
  const count = (counts: (act: Act) => boolean | undefined): number => acts.filter(counts).length;
  return [
    count(({ broken, down }) => broken ?? down),
    count(({ first }) => first),
    count(({ extra }) => extra),
  ];
}

/** True if the first order costs less. */
export function isCheaper(one: readonly Act[], other: readonly Act[]): boolean {
  const [a, b] = [costOf(one), costOf(other)];
  const at = a.findIndex((cost, rank) => cost !== b[rank]);
  return at >= 0 && a[at]! < b[at]!;
}

/** True if no act of an order breaks what was whole before, or leaves fewer running than are to. */
export function isSafe(
  { problem, current, floors, least }: Passage,
  acts: readonly Act[],
): boolean {
  const underway = new Underway(problem, current);
  return acts.every(({ kind, node, app, first }) => {
    const may = kind === "start" ? underway.canStart(node, app) : underway.canStop(node, app) &&
      underway.running[app]! > (first ? floors[app]! : least[app]!);
    underway[kind](node, app);
    return may;
  });
}
