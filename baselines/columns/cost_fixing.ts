import { familyPrices } from "./prices.ts";
import type { Formulation } from "./formulation.ts";
import type { RelaxedProblem } from "./relaxed_problem.ts";

/** A configuration on the nodes of one group, and what using it costs against the bound. */
export interface LossColumn {
  readonly group: number;
  readonly rank: number;
  /** How much the bound falls with every node that holds it: at least 0. */
  readonly loss: number;
  readonly counts: Uint8Array;
}

/**
 * The columns whose loss is at most `most`, cheapest first: all of them (`complete`), or those of the first
 * `limit` configurations.
 * At fixed prices, total throughput is at most bound - sum of nodes x loss - idle nodes x node price: so no
 * placement that loses at most `most` in all uses any other column (reduced cost fixing).
 */
export function columnsWithin(
  { formulation, pricings, relaxation }: RelaxedProblem,
  most: number,
  limit: number,
): { readonly columns: LossColumn[]; readonly complete: boolean } {
  const columns: LossColumn[] = [];
  let complete = true;
  formulation.families.forEach(({ space }, family) => {
    const pricing = pricings[space]!;
    const thresholds = lossThresholds(formulation, family, relaxation.nodePrices, most);
    const prices = familyPrices(formulation, family, relaxation);
    const found = pricing.collect(prices, thresholds, limit);
    complete &&= found.count <= limit;
    found.ranks.forEach((rank, at) => {
      // The empty configuration is an idle node, which the program knows already.
      if (rank === 0) return;
      const counts = new Uint8Array(formulation.apps.length);
      pricing.unrank(rank, counts);
      const total = counts.reduce((sum, count) => sum + count, 0);
      formulation.groups.forEach(({ capacity, family: own }, group) => {
        const loss = Math.max(0, relaxation.nodePrices[group]! - found.reduced[at]!);
        if (own === family && total <= capacity && loss <= most) {
          columns.push({ group, rank, loss, counts });
        }
      });
    });
  });
  columns.sort((a, b) => a.loss - b.loss || a.rank - b.rank || a.group - b.group);
  return { columns, complete };
}

function lossThresholds(
  { capacity, groups }: Formulation,
  family: number,
  nodePrices: Float64Array,
  most: number,
): Float64Array {
  // Slack covers rounding: a column too many does no harm.
  const slack = 1e-9 * (1 + most);
  return Float64Array.from({ length: capacity + 1 }, (_, total) => {
    let threshold = Infinity;
    groups.forEach(({ capacity, family: own }, group) => {
      if (own === family && total <= capacity) {
        threshold = Math.min(threshold, nodePrices[group]! - most - slack);
      }
    });
    return threshold;
  });
}
