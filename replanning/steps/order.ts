/**
 * Steps from what runs to what should run, in an order that is safe.
 * @module
 */
import {
  countOf,
  InfeasibleError,
  type Placement,
  type Problem,
  type Rules,
} from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { circuitWorth } from "./circuits.ts";
import { orderExactly } from "./exact.ts";
import { orderGreedily } from "./greedy.ts";
import type { Steps } from "./step.ts";
import { stepsOfActs } from "./words.ts";
import { type Act, costOf, isCheaper, type KeepRunning, type Passage, passageOf } from "./work.ts";
import { Underway } from "./underway.ts";
import { NodeWorth } from "./worth.ts";

/** How often the order by gain may find nothing allowed before that by circuits is left to it. */
const PATIENCE = 20;

/** What steps are ordered by. */
export interface StepOptions {
  /**
   * What of each app is to keep running whatever happens; steps that would leave fewer are refused. @default one, where
   * that can be
   */
  readonly keepRunning?: KeepRunning | undefined;
  /** Name of a node, for people. @default n0, n1, ... */
  readonly nodeName?: ((node: number) => string) | undefined;
  /** Per app: containers that were lost with nodes that left; their new ones say so. @default none */
  readonly lost?: readonly number[] | undefined;
}

/**
 * Orders the change between two placements in steps: a container starts where there is room, then one of its app stops. No
 * node ever holds more than its slots, resources and rules allow, except for what it holds too much of already; no app
 * runs fewer containers than before and after, except where nothing else makes room. The most is brought first where the
 * order is free. Few are stopped first, then few parked. `fewestStopped` says whether no order stops fewer: proven by a search
 * over all orders on up to 10 nodes, and at any size where nothing or one is stopped.
 * @param problem What values nodes may be left out: the order then minds room alone, and gains are 0.
 * @param current What runs now; it need not keep rules or demand.
 * @param next What should run: a placement that checkPlacement accepts.
 * @throws {InfeasibleError} where no order keeps as many running as were asked for.
 */
export function orderSteps(
  problem: Problem & { readonly simulator?: Simulator },
  current: Placement,
  next: Placement,
  options: StepOptions = {},
): Steps {
  const { keepRunning, nodeName = (node) => `n${node}` } = options;
  const passage = passageOf(problem, current, next, keepRunning ?? { count: 1 });
  const worth = new NodeWorth(problem);
  const { acts, isLeast } = bestOrder(passage, worth);
  const down = acts.find((act) => act.down);
  if (keepRunning !== undefined && down !== undefined) throw tooFew(passage, down.app);
  const [, stoppedFirst, parked] = costOf(acts);
  return {
    steps: stepsOfActs(passage, acts, worth, { nodeName, lost: options.lost }),
    parked: parked!,
    stoppedFirst: stoppedFirst!,
    fewestStopped: isLeast || stoppedFirst === 0 || (stoppedFirst === 1 && isStuck(passage)),
    broken: brokenOf(passage, acts, nodeName),
  };
}

/** The cheapest of several orders; of those that cost alike the one that brings the most first. */
function bestOrder(
  passage: Passage,
  worth: NodeWorth,
): { readonly acts: readonly Act[]; readonly isLeast: boolean } {
  const isFree = (acts: readonly Act[]): boolean => costOf(acts).every((cost) => cost === 0);
  const byGain = orderGreedily(passage, worth.ofAct, PATIENCE);
  if (byGain !== null && isFree(byGain)) return { acts: byGain, isLeast: true };
  const byCircuits = orderGreedily(passage, circuitWorth(passage))!;
  const known = byGain === null || isCheaper(byCircuits, byGain) ? byCircuits : byGain;
  if (isFree(known)) return { acts: known, isLeast: true };
  const { acts, isLeast } = orderExactly(passage, known);
  return { acts: acts ?? known, isLeast };
}

/** True if nothing may start, and no app can do without one: every order begins with a stop. */
function isStuck({ problem, current, least }: Passage): boolean {
  const state = new Underway(problem, current);
  if (state.running.some((running, app) => running > least[app]!)) return false;
  return current.counts.every((_, at) =>
    !state.canStart(Math.floor(at / current.apps), at % current.apps)
  );
}

function tooFew({ problem, floors, current }: Passage, app: number): InfeasibleError {
  const held = current.counts.reduce(
    (sum, count, at) => at % current.apps === app ? sum + count : sum,
    0,
  );
  return new InfeasibleError(
    `No order found keeps ${floors[app]} of ${countOf(held, "container")} of ${
      problem.apps[app]
    } running: no node has ` +
      `room for one more before one stops: add a slot somewhere, or keep fewer running`,
  );
}

function brokenOf(
  { problem, floors }: Passage,
  acts: readonly Act[],
  nodeName: (node: number) => string,
): string[] {
  const texts = acts.flatMap(({ kind, node, app, broken, down }) => {
    const name = problem.apps[app]!;
    if (down) {
      return [
        `fewer than ${floors[app]} of ${name} run while one moves away from ${nodeName(node)}`,
      ];
    }
    if (!broken) return [];
    const rule = ruleOf(problem.rules, app);
    return [`${name} ${kind}s on ${nodeName(node)} against the rule ${rule} for a moment`];
  });
  return [...new Set(texts)];
}

function ruleOf({ together = [], spread = [] }: Rules, app: number): string {
  const hasCompany = together.some((pair) => pair.includes(app));
  if (!hasCompany) return "spread";
  return (spread[app] ?? null) === null ? "together" : "together or spread";
}
