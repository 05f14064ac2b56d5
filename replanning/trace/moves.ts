/**
 * Moves that a policy makes while a trace happens, within a budget of moves an hour.
 * @module
 */
import { type Placement, spreadsOverDomains } from "../../domain/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";
import { changeOf } from "../change.ts";
import type { ReplanProblem } from "../problem.ts";
import type { TraceAnswer, TracePolicy, TraceTime } from "./replay.ts";

/** How much may move, and what is worth it. */
export interface MoveBudget {
  /** Moves that each hour adds; what is not used is kept. Above 0. */
  readonly movesPerHour: number;
  /** Normalised RPS that a move must bring where it is the last in hand; where there are n, an nth of it. @default 0.05 */
  readonly leastGain?: number;
}

/** What the last move in hand must bring: about what it would bring later. */
const LEAST_GAIN = 0.05;

/** Nodes that take part in one exchange at most. */
const LONGEST = 5;

/** Gains below this are rounding. */
const ROUNDING = 1e-9;

/** Times that an exchange is looked for again where one would use a node twice. */
const TRIES = 30;

/**
 * Places as another policy does, and makes every exchange of containers that brings more than its moves are worth, as soon as
 * there is one: after each event, and whenever the budget has grown by a move. Where rules speak of failure domains it makes none.
 */
export function exchangePolicy(placing: TracePolicy, budget: MoveBudget): TracePolicy {
  const improve = (problem: ReplanProblem, placement: Placement, time: TraceTime): TraceAnswer => ({
    placement: improved(problem, placement, budget, time),
  });
  return {
    respond: async (problem, time) =>
      improve(problem, (await placing.respond(problem, time)).placement, time),
    improve: {
      everyHours: 1 / budget.movesPerHour,
      next: (problem, time) => Promise.resolve(improve(problem, problem.current, time)),
    },
  };
}

function improved(
  problem: ReplanProblem,
  placement: Placement,
  { movesPerHour, leastGain = LEAST_GAIN }: MoveBudget,
  { hours, moves }: TraceTime,
): Placement {
  if (spreadsOverDomains(problem.rules)) return placement;
  const allowed = Math.floor(movesPerHour * hours + ROUNDING) - moves;
  let best = placement;
  using state = problem.simulator.clusterState(problem);
  state.load(placement);
  let left = allowed - changeOf(problem, problem.current, best).moves;
  if (left < 1) return best;
  // The same for all: what is gained less what moves cost then rises with each exchange, so they end.
  const cost = leastGain / left;
  while (left > 0 && exchange(state, problem.current, left, cost)) {
    best = state.placement();
    left = allowed - changeOf(problem, problem.current, best).moves;
  }
  return best;
}

/** What a node gains by giving a container of one app for one of another, and how many moves that takes: -1 to 1. */
interface Arc {
  readonly node: number;
  readonly gain: number;
  readonly moves: number;
}

/** By app given, app taken (`apps` stands for none) and moves + 1: the nodes that gain the most. */
type Arcs = readonly (readonly (readonly Arc[][])[])[];

/** A part of an exchange. */
interface Step {
  readonly from: number;
  readonly to: number;
  readonly arcs: Arc[];
}

/**
 * Makes the exchange that brings the most beyond what its moves cost: a cycle of apps, in which each node gives a container (or a
 * free slot) for the next one. Cyclic exchanges: Thompson and Orlin (1989).
 * @param current What ran before: a container that has only just started moves for nothing.
 * @param most Moves at most. @param cost Normalised RPS that each must bring.
 * @returns False if none does.
 */
function exchange(state: ClusterState, current: Placement, most: number, cost: number): boolean {
  for (let longest = Math.min(LONGEST, state.nodes); longest > 1; longest--) {
    if (exchangeUpTo(longest, state, current, most, cost)) return true;
  }
  return false;
}

/** As {@link exchange}, over so many nodes at most; false too where the best ones would use a node twice. */
function exchangeUpTo(
  longest: number,
  state: ClusterState,
  current: Placement,
  most: number,
  cost: number,
): boolean {
  const arcs = listArcs(state, current);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const cycle = bestCycle(arcs, longest, most, cost);
    if (cycle === null) return false;
    const nodes = cycle.map((step) => step.arcs[0]!.node);
    const again = nodes.findIndex((node, at) => nodes.indexOf(node) < at);
    if (again >= 0) {
      // What a node gives twice is not the sum of both: one of them looks for another.
      cycle[again]!.arcs.shift();
      continue;
    }
    cycle.forEach(({ from, to }, at) => {
      if (from < state.apps) state.remove(nodes[at]!, from);
      if (to < state.apps) state.place(nodes[at]!, to);
    });
    return true;
  }
  return false;
}

function listArcs(state: ClusterState, current: Placement): Arcs {
  const { apps, nodes } = state;
  const { counts } = state.placement();
  const arcs = Array.from(
    { length: apps + 1 },
    () => Array.from({ length: apps + 1 }, () => [-1, 0, 1].map((): Arc[] => [])),
  );
  const beyond = (node: number, app: number): number =>
    counts[node * apps + app]! - current.counts[node * apps + app]!;
  const note = (node: number, from: number, to: number, gain: number): void => {
    const moves = (to < apps && beyond(node, to) >= 0 ? 1 : 0) -
      (from < apps && beyond(node, from) > 0 ? 1 : 0);
    const list = arcs[from]![to]![moves + 1]!;
    const at = list.findIndex((other) => other.gain < gain);
    list.splice(at < 0 ? list.length : at, 0, { node, gain, moves });
    if (list.length > LONGEST) list.pop();
  };
  for (let node = 0; node < nodes; node++) {
    for (let from = 0; from <= apps; from++) {
      const off = from < apps ? state.remove(node, from) : 0;
      if (off === null) continue;
      for (let to = 0; to < apps; to++) {
        const on = to === from ? null : state.placeGain(node, to);
        if (on !== null) note(node, from, to, off + on);
      }
      if (from === apps) continue;
      note(node, from, apps, off);
      state.place(node, from);
    }
  }
  return arcs;
}

/** A walk over apps, from its end back. */
interface Walk {
  readonly end: number;
  readonly moves: number;
  readonly worth: number;
  readonly step: Step | null;
  readonly before: Walk | null;
}

/** The cycle that brings the most less the cost of its moves; null if none brings anything. */
function bestCycle(arcs: Arcs, longest: number, most: number, cost: number): Step[] | null {
  const none = arcs.length - 1;
  let best: Walk | null = null;
  for (let first = 0; first < none; first++) {
    // The best walk of so many steps to each app, by its moves.
    let walks: Walk[] = [{ end: first, moves: 0, worth: 0, step: null, before: null }];
    for (let length = 1; length <= longest; length++) {
      const next = new Map<number, Walk>();
      for (const walk of walks) {
        const from = walk.end;
        for (let to = 0; to <= none; to++) {
          for (const list of arcs[from]![to]!) {
            const arc = list[0];
            if (arc === undefined || walk.moves + arc.moves > most) continue;
            const moves = walk.moves + arc.moves;
            const worth = walk.worth + arc.gain - cost * arc.moves;
            const key = to * 100 + moves;
            if (worth <= (next.get(key)?.worth ?? -Infinity)) continue;
            next.set(key, { end: to, moves, worth, step: { from, to, arcs: list }, before: walk });
          }
        }
      }
      walks = [...next.values()];
      for (const walk of walks) {
        if (walk.end === first && walk.worth > (best?.worth ?? ROUNDING)) best = walk;
      }
    }
  }
  const steps: Step[] = [];
  for (let walk = best; walk?.step; walk = walk.before) steps.push(walk.step);
  return best === null ? null : steps.reverse();
}
