import {
  brokenSpread,
  emptyPlacement,
  InfeasibleError,
  type Placement,
  Random,
  spreadsOverDomains,
} from "../../domain/mod.ts";
import { startGreedily } from "../heuristics/start.ts";
import type { Formulation } from "./formulation.ts";
import type { RelaxedProblem } from "./relaxed_problem.ts";

/** Nodes above which the local search from the rounded placement is left out: it looks at all pairs of nodes. */
const SEARCH_LIMIT = 2000;

/** Nodes of a group that are to hold a configuration. */
export interface Share {
  readonly column: { readonly group: number; readonly counts: Uint8Array };
  readonly nodes: number;
}

/** Gives each configuration its number of nodes, in the order of the shares; the other nodes stay empty. */
export function spreadOverNodes(formulation: Formulation, shares: readonly Share[]): Placement {
  const apps = formulation.apps.length;
  const placement = emptyPlacement(formulation.nodes, apps);
  const next = new Array<number>(formulation.groups.length).fill(0);
  for (const { column, nodes: share } of shares) {
    const members = formulation.groups[column.group]!.nodes;
    for (let at = 0; at < share; at++) {
      placement.counts.set(column.counts, members[next[column.group]!++]! * apps);
    }
  }
  return placement;
}

/** The relaxation rounded down, and the containers of each app that are then left. */
export function roundDown(
  { formulation, relaxation }: RelaxedProblem,
): { readonly shares: readonly Share[]; readonly left: readonly number[] } {
  const left = [...formulation.demand];
  const shares: Share[] = [];
  for (const { column, nodes } of relaxation.used) {
    let whole = Math.floor(nodes + 1e-6);
    column.counts.forEach((count, app) => {
      if (count > 0) whole = Math.min(whole, Math.floor(left[app]! / count));
    });
    if (whole <= 0) continue;
    column.counts.forEach((count, app) => left[app]! -= count * whole);
    shares.push({ column, nodes: whole });
  }
  return { shares, left };
}

/**
 * A placement without any integer program: the relaxation rounded down, the rest placed greedily, then local
 * search. Undefined if greedy placing leaves containers over (rules can make it so).
 */
export function roundRelaxation(
  relaxed: RelaxedProblem,
  options: { readonly seed: number; readonly stop: () => boolean },
): { readonly placement: Placement; readonly total: number } | undefined {
  const { problem, formulation } = relaxed;
  const { shares, left } = roundDown(relaxed);
  using state = problem.simulator.clusterState(problem);
  try {
    state.load(spreadOverNodes(formulation, shares));
    state.greedy(left);
  } catch (error) {
    if (!(error instanceof InfeasibleError)) throw error;
    try {
      state.load(emptyPlacement(state.nodes, state.apps));
      startGreedily(state, problem, new Random(options.seed));
    } catch (failure) {
      if (failure instanceof InfeasibleError) return undefined;
      throw failure;
    }
  }
  if (state.nodes <= SEARCH_LIMIT && !options.stop()) state.localSearch(options.stop);
  const placement = state.placement();
  // What the relaxation rounds down to may be too uneven over failure domains for the rest to mend.
  if (spreadsOverDomains(problem.rules) && brokenSpread(problem, placement.counts) !== null) {
    return undefined;
  }
  return { placement, total: state.total };
}
