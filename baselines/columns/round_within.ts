import {
  brokenSpread,
  emptyPlacement,
  type Placement,
  placingOrder,
  spreadsOverDomains,
} from "../../domain/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";
import type { RelaxedProblem } from "./relaxed_problem.ts";
import { roundDown, spreadOverNodes } from "./rounding.ts";

/** A step must be worth more than rounding. */
const LEAST_GAIN = 1e-9;

/**
 * As {@link roundRelaxation}, but no node holds more than so many different apps: the rest goes where it gains most, or where that ends nowhere, everything to the first node that may hold it. Undefined where that does too.
 */
export function roundWithin(
  relaxed: RelaxedProblem,
  { kinds, stop }: { readonly kinds: number; readonly stop: () => boolean },
): { readonly placement: Placement; readonly total: number } | undefined {
  const { problem, formulation } = relaxed;
  const { shares, left } = roundDown(relaxed);
  using state = problem.simulator.clusterState(problem);
  const starts = [[spreadOverNodes(formulation, shares), left], [
    emptyPlacement(state.nodes, state.apps),
    formulation.demand,
  ]] as const;
  for (const [placement, rest] of starts) {
    state.load(placement);
    const isGreedy = rest === left;
    if (
      !placingOrder(problem).every((app) => placeWithin(state, app, rest[app]!, kinds, isGreedy))
    ) {
      continue;
    }
    climbWithin(state, kinds, stop);
    const placed = state.placement();
    // What the relaxation rounds down to may be too uneven over failure domains for the rest to mend.
    const spread = spreadsOverDomains(problem.rules) && brokenSpread(problem, placed.counts);
    if (spread === false || spread === null) return { placement: placed, total: state.total };
  }
  return undefined;
}

/** Places containers of an app on nodes that then hold at most so many different apps; false where one finds none. */
function placeWithin(
  state: ClusterState,
  app: number,
  containers: number,
  kinds: number,
  isGreedy: boolean,
): boolean {
  const { counts: held, apps } = state.placement();
  const mayHold = (node: number): boolean =>
    held[node * apps + app]! > 0 ||
    held.subarray(node * apps, (node + 1) * apps).filter((count) => count > 0).length < kinds;
  for (let container = 0; container < containers; container++) {
    let best = { node: -1, gain: -Infinity };
    for (let node = 0; node < state.nodes && (isGreedy || best.node < 0); node++) {
      const gain = mayHold(node) ? state.placeGain(node, app) : null;
      if (gain !== null && gain > best.gain) best = { node, gain };
    }
    if (best.node < 0) return false;
    state.place(best.node, app);
    held[best.node * apps + app]!++;
  }
  return true;
}

/** Moves and swaps containers as long as that gains and leaves no node with more than so many different apps. */
function climbWithin(state: ClusterState, kinds: number, stop: () => boolean): void {
  const { counts: held, apps } = state.placement();
  const at = (node: number, app: number): number => held[node * apps + app]!;
  const appsOn = (node: number): number[] =>
    Array.from({ length: apps }, (_, app) => app).filter((app) => at(node, app) > 0);
  const mayTrade = (node: number, less: number | null, more: number | null): boolean =>
    appsOn(node).length - (less !== null && at(node, less) === 1 ? 1 : 0) +
        (more !== null && at(node, more) === 0 ? 1 : 0) <= kinds;
  const note = (node: number, less: number | null, more: number | null): void => {
    if (less !== null) held[node * apps + less]!--;
    if (more !== null) held[node * apps + more]!++;
  };
  /** True if an exchange between two nodes has gained. */
  const improves = (one: number, other: number): boolean => {
    for (const given of appsOn(one)) {
      for (const taken of [null, ...appsOn(other)]) {
        if (taken === given) continue;
        if (!mayTrade(one, given, taken) || !mayTrade(other, taken, given)) continue;
        const gain = taken === null
          ? state.moveGain(one, other, given)
          : state.swapGain(one, given, other, taken);
        if (gain === null || gain < LEAST_GAIN) continue;
        if (taken === null) state.move(one, other, given);
        else state.swap(one, given, other, taken);
        note(one, given, taken);
        note(other, taken, given);
        return true;
      }
    }
    return false;
  };
  for (let again = true; again;) {
    again = false;
    for (let one = 0; one < state.nodes; one++) {
      for (let other = 0; other < state.nodes; other++) {
        if (stop()) return;
        while (one !== other && improves(one, other)) again = true;
      }
    }
  }
}
