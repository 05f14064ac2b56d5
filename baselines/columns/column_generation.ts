import type { Deadline } from "../../scheduling/mod.ts";
import type { Pricing } from "../../sim-wasm/space/pricing.ts";
import type { Formulation } from "./formulation.ts";
import { type MasterColumn, RestrictedMaster } from "./master.ts";

/** Reduced costs below this do not make a new column. */
const TOLERANCE = 1e-9;

/** The linear relaxation, solved over all configurations. */
export interface Relaxation {
  /** Proven upper bound on the total throughput of any placement. */
  readonly bound: number;
  /** Price of a container of each app that proves the bound; length apps. */
  readonly prices: Float64Array;
  /** Price of a node of each group: the best that one is worth at these prices, at least 0. */
  readonly nodePrices: Float64Array;
  /** Columns in use with their number of nodes, a fractional number. */
  readonly used: readonly { readonly column: MasterColumn; readonly nodes: number }[];
  /** Containers of each app that do not fit; all 0 if the relaxation is feasible. Final once converged. */
  readonly unplaced: Float64Array;
  /** True if the bound proves that no placement exists. */
  readonly infeasible: boolean;
  /** Passes over the space of configurations. */
  readonly passes: number;
  /** False if time ran out before the bound stopped improving. */
  readonly converged: boolean;
}

/**
 * Upper bound on the total throughput of every placement, from any prices (Lagrangian relaxation):
 * prices . demand + sum over groups of nodes x best(throughput - price of the containers).
 * @param best Best of each total at these prices, see Pricing.best.
 */
export function lagrangianBound(
  formulation: Formulation,
  prices: Float64Array,
  best: Float64Array,
): { readonly bound: number; readonly nodePrices: Float64Array } {
  let bound = 0;
  let magnitude = 0;
  formulation.demand.forEach((wanted, app) => {
    bound += wanted * prices[app]!;
    magnitude += Math.abs(wanted * prices[app]!);
  });
  const nodePrices = Float64Array.from(formulation.groups, ({ capacity }) => {
    let price = 0;
    for (let total = 0; total <= capacity; total++) price = Math.max(price, best[total]!);
    return price;
  });
  formulation.groups.forEach(({ nodes }, group) => {
    bound += nodes.length * nodePrices[group]!;
    magnitude += nodes.length * nodePrices[group]!;
  });
  // Covers the rounding of these sums and of the pass over the table.
  return { bound: bound + 1e-13 * magnitude, nodePrices };
}

/**
 * Solves the linear relaxation by column generation (Dantzig and Wolfe 1960; Gilmore and Gomory 1961):
 * the master prices the containers, a pass over all configurations finds those that are worth more.
 * @param deadline Looked at between passes: once it has passed, the work ends with the bound so far.
 */
export async function relax(
  formulation: Formulation,
  pricing: Pricing,
  deadline: Deadline,
): Promise<Relaxation> {
  const { demand, groups, apps } = formulation;
  const largest = largestValue(formulation, pricing);
  let penalty = 4 * (largest + 1);
  const master = new RestrictedMaster(demand, groups.map(({ nodes }) => nodes.length), penalty);
  let best = { bound: Infinity, prices: new Float64Array(apps.length) };
  let bestNodePrices = new Float64Array(groups.length);
  let passes = 0;
  let converged = false;
  let infeasible = false;
  while (passes === 0 || !deadline.passed()) {
    await deadline.takeTurns();
    const sound = master.optimise();
    const duals = master.duals();
    const prices = duals.slice(0, apps.length);
    const priced = pricing.best(prices);
    passes++;
    const { bound, nodePrices } = lagrangianBound(formulation, prices, priced.bestByTotal);
    if (bound < best.bound) {
      best = { bound, prices };
      bestNodePrices = Float64Array.from(nodePrices);
    }
    infeasible = best.bound < -1e-6 && best.bound < lowestTotal(formulation, pricing) - 1e-6;
    const before = master.columns.length;
    addColumns(formulation, pricing, master, duals, priced);
    const settled = master.columns.length === before || !sound;
    if (settled || best.bound - master.objective() <= 1e-10 * Math.max(1, Math.abs(best.bound))) {
      // The shortage is only told apart from lost throughput where the penalty is far above that.
      const blurred = !infeasible || penalty < 1000 * (largest + 1);
      if (blurred && penalty < 1e10 && master.unplaced().some((missing) => missing > 1e-4)) {
        penalty *= 1000;
        master.raisePenalty(penalty);
        continue;
      }
      converged = true;
      break;
    }
  }
  return {
    ...best,
    nodePrices: bestNodePrices,
    used: [...master.solution()].map(([column, nodes]) => ({
      column: master.columns[column]!,
      nodes,
    })),
    unplaced: master.unplaced().map((missing) => missing > 1e-4 ? missing : 0),
    infeasible,
    passes,
    converged,
  };
}

function addColumns(
  formulation: Formulation,
  pricing: Pricing,
  master: RestrictedMaster,
  duals: Float64Array,
  priced: { readonly ranks: Uint32Array; readonly reduced: Float64Array },
): void {
  const apps = formulation.apps.length;
  priced.ranks.forEach((rank, at) => {
    let counts: Uint8Array | undefined;
    let total = 0;
    formulation.groups.forEach(({ capacity }, group) => {
      if (priced.reduced[at]! - duals[apps + group]! <= TOLERANCE) return;
      if (counts === undefined) {
        counts = new Uint8Array(apps);
        pricing.unrank(rank, counts);
        total = counts.reduce((sum, count) => sum + count, 0);
      }
      if (total > capacity) return;
      master.add({ group, rank, value: pricing.value(rank), counts });
    });
  });
}

/** Highest throughput of any permitted configuration. */
function largestValue(formulation: Formulation, pricing: Pricing): number {
  return Math.max(...pricing.best(new Float64Array(formulation.apps.length)).bestByTotal);
}

/** A lower bound on the total throughput of any placement: below 0 only where a throughput is. */
function lowestTotal(formulation: Formulation, pricing: Pricing): number {
  return pricing.lowest() * formulation.groups.reduce((sum, { nodes }) => sum + nodes.length, 0);
}
