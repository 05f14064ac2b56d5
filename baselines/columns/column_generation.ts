import type { Deadline } from "../../scheduling/mod.ts";
import type { PricedConfigurations, Pricing } from "../../sim-wasm/space/pricing.ts";
import { leastValues } from "./domain_rows.ts";
import { familyPrices, type Prices } from "./prices.ts";
import type { Formulation } from "./formulation.ts";
import { LaterProof, provesLater } from "./later_proof.ts";
import { type MasterColumn, RestrictedMaster } from "./master.ts";

/** Reduced costs below this do not make a new column. */
const TOLERANCE = 1e-9;

/** Passes in a row without a new column before a proof, where columns come from random starts. */
const QUIET_PASSES = 10;

/** The linear relaxation, solved over all configurations. */
export interface Relaxation {
  /** Proven upper bound on the total throughput of any placement. */
  readonly bound: number;
  /** Price of a container of each app that proves the bound; length apps. */
  readonly prices: Float64Array;
  /** Price of each row about failure domains, at least 0; none where no rule speaks of those. */
  readonly rowPrices: Float64Array;
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
 * prices . demand + prices of rows . their limits + sum over groups of nodes x best(throughput - price of the containers).
 * @param best For each family, the best of each total at its prices, see Pricing.best.
 */
export function lagrangianBound(
  formulation: Formulation,
  { prices, rowPrices }: Prices,
  best: readonly Float64Array[],
): { readonly bound: number; readonly nodePrices: Float64Array } {
  let bound = 0;
  let magnitude = 0;
  const add = (amount: number): void => {
    bound += amount;
    magnitude += Math.abs(amount);
  };
  const { demand, domainRows, groups } = formulation;
  demand.forEach((wanted, app) => add(wanted * prices[app]!));
  domainRows.forEach(({ most }, at) => add(most * rowPrices[at]!));
  // The fewest containers in any domain are between none and all.
  leastValues(domainRows, demand.length, rowPrices)
    .forEach((value, app) => add(Math.max(0, value) * demand[app]!));
  const nodePrices = Float64Array.from(groups, ({ capacity, family }) => {
    let price = 0;
    for (let total = 0; total <= capacity; total++) price = Math.max(price, best[family]![total]!);
    return price;
  });
  groups.forEach(({ nodes }, group) => add(nodes.length * nodePrices[group]!));
  // Covers the rounding of these sums and of the pass over the table.
  return { bound: bound + 1e-13 * magnitude, nodePrices };
}

/**
 * Solves the linear relaxation by column generation (Dantzig and Wolfe 1960; Gilmore and Gomory 1961):
 * the master prices the containers, a pass over all configurations finds those that are worth more.
 * @param deadline Looked at between passes: once it has passed, the work ends with the bound so far.
 * @param unprovenPasses Passes after which it ends. Where columns are found without a proof, none is looked for, the bound may be
 * Infinity, and prices are the master's.
 */
export async function relax(
  formulation: Formulation,
  pricings: readonly Pricing[],
  deadline: Deadline,
  unprovenPasses?: number,
): Promise<Relaxation> {
  const { groups, apps, domainRows, families } = formulation;
  const largest = largestValue(formulation, pricings);
  let penalty = 4 * (largest + 1);
  const master = new RestrictedMaster(formulation, penalty);
  let best: Prices & { readonly bound: number } = {
    bound: Infinity,
    prices: new Float64Array(apps.length),
    rowPrices: new Float64Array(domainRows.length),
  };
  let bestNodePrices = new Float64Array(groups.length);
  let passes = 0;
  let converged = false;
  let infeasible = false;
  const improve = (given: Prices, priced: readonly PricedConfigurations[]): void => {
    const { bound, nodePrices } = lagrangianBound(
      formulation,
      given,
      priced.map(({ bestByTotal }) => bestByTotal),
    );
    if (bound < best.bound) {
      best = { bound, ...given };
      bestNodePrices = Float64Array.from(nodePrices);
    }
    infeasible = best.bound < -1e-6 && best.bound < lowestTotal(formulation, pricings) - 1e-6;
  };
  const proof = unprovenPasses === undefined && provesLater(pricings)
    ? new LaterProof(formulation, pricings, deadline)
    : null;
  let quiet = 0;
  while (passes === 0 || (passes < (unprovenPasses ?? Infinity) && !deadline.passed())) {
    await deadline.takeTurns();
    const sound = master.optimise();
    const duals = master.duals();
    const given = pricesOf(formulation, duals);
    const priced = families.map(({ space }, family) =>
      pricings[space]!.best(familyPrices(formulation, family, given))
    );
    passes++;
    improve(given, priced);
    const before = master.columns.length;
    addColumns(formulation, pricings, master, duals, priced);
    const settled = master.columns.length === before || !sound || proof?.late === true;
    const gap = best.bound - master.objective();
    if (settled || (gap < Infinity && gap <= 1e-10 * Math.max(1, Math.abs(best.bound)))) {
      // The shortage is only told apart from lost throughput where the penalty is far above that.
      const blurred = proof?.late !== true && (!infeasible || penalty < 1000 * (largest + 1));
      if (blurred && penalty < 1e10 && master.unplaced().some((missing) => missing > 1e-4)) {
        penalty *= 1000;
        master.raisePenalty(penalty);
        continue;
      }
      if (proof !== null) {
        // A proof that finds a column has to begin again, with other prices.
        if (!proof.late && ++quiet < QUIET_PASSES) continue;
        quiet = 0;
        const isLast = proof.late;
        const proven = await proof.prove(given, duals, master.objective());
        improve(given, proven);
        const known = master.columns.length;
        addColumns(formulation, pricings, master, duals, proven);
        if (master.columns.length > known && !isLast) continue;
        master.optimise();
        converged = !isLast;
        break;
      }
      converged = true;
      break;
    }
    quiet = 0;
  }
  if (proof !== null && best.bound === Infinity) {
    // Interrupted: a first look proves little, but some.
    const duals = master.duals();
    const given = pricesOf(formulation, duals);
    improve(given, await proof.prove(given, duals, master.objective()));
  }
  return {
    ...best,
    ...(best.bound === Infinity ? pricesOf(formulation, master.duals()) : {}),
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

/** Prices by the duals of the master. */
function pricesOf({ apps, groups }: Formulation, duals: Float64Array): Prices {
  return {
    prices: duals.slice(0, apps.length),
    rowPrices: duals.slice(apps.length + groups.length).map((price) => Math.max(0, price)),
  };
}

function addColumns(
  formulation: Formulation,
  pricings: readonly Pricing[],
  master: RestrictedMaster,
  duals: Float64Array,
  priced: readonly PricedConfigurations[],
): void {
  const apps = formulation.apps.length;
  priced.forEach(({ ranks, reduced }, family) => {
    const pricing = pricings[formulation.families[family]!.space]!;
    ranks.forEach((rank, at) => {
      let counts: Uint8Array | undefined;
      let total = 0;
      formulation.groups.forEach(({ capacity, family: own }, group) => {
        if (own !== family || reduced[at]! - duals[apps + group]! <= TOLERANCE) return;
        if (counts === undefined) {
          counts = new Uint8Array(apps);
          pricing.unrank(rank, counts);
          total = counts.reduce((sum, count) => sum + count, 0);
        }
        if (total > capacity) return;
        master.add({ group, rank, value: pricing.value(rank), counts });
      });
    });
  });
}

/** Highest throughput of any permitted configuration. */
function largestValue({ apps }: Formulation, pricings: readonly Pricing[]): number {
  const free = new Float64Array(apps.length);
  return Math.max(0, ...pricings.flatMap((pricing) => [...pricing.best(free).reduced]));
}

/** A lower bound on the total throughput of any placement: below 0 only where a throughput is. */
function lowestTotal(
  { groups, families }: Formulation,
  pricings: readonly Pricing[],
): number {
  const lowest = pricings.map((pricing) => pricing.lowest());
  return groups.reduce(
    (sum, { nodes, family }) => sum + nodes.length * lowest[families[family]!.space]!,
    0,
  );
}
