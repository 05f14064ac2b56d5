/**
 * Which columns an integer program takes: those that lose no more than some amount against the bound of the
 * relaxation.
 * @module
 */
import {
  columnsWithin,
  familyPrices,
  type LossColumn,
  type RelaxedProblem,
} from "../columns/mod.ts";

/** Most columns of any integer program. */
export const MOST_COLUMNS = 20_000;

/** The columns that lose at most `most`, and those that the relaxation uses; `complete` where none is left out. */
export function columnsUpTo(
  relaxed: RelaxedProblem,
  most: number,
): { readonly columns: LossColumn[]; readonly complete: boolean } {
  const { formulation, relaxation } = relaxed;
  const { nodePrices, used } = relaxation;
  const { columns, complete } = columnsWithin(relaxed, most, MOST_COLUMNS);
  // The relaxation's own columns lose nothing but rounding, and are the base that the program starts from.
  const known = new Set(columns.map(({ rank, group }) => `${rank}/${group}`));
  for (const { column } of used) {
    const { rank, group, counts, value } = column;
    if (rank === 0 || known.has(`${rank}/${group}`)) continue;
    const prices = familyPrices(formulation, formulation.groups[group]!.family, relaxation);
    const price = counts.reduce((sum, count, app) => sum + count * prices[app]!, 0);
    columns.push({ group, rank, loss: Math.max(0, nodePrices[group]! - (value - price)), counts });
  }
  return { columns, complete };
}

/** A loss that at least `size` columns stay below, where there are as many. */
export function firstLoss(
  { formulation, pricings, relaxation }: RelaxedProblem,
  size: number,
): number {
  const losses = formulation.families.flatMap(({ space }, family) => {
    const { reduced } = pricings[space]!.best(familyPrices(formulation, family, relaxation));
    return formulation.groups.flatMap((group, at) =>
      group.family === family
        ? Array.from(reduced, (value) => Math.max(0, relaxation.nodePrices[at]! - value))
        : []
    );
  });
  losses.sort((a, b) => a - b);
  return (losses[Math.min(size, losses.length - 1)] ?? 0) + 1e-9;
}

/** A loss between `reached` and `needed` that about `size` columns stay below; `needed` where those are not many more. */
export function nextLoss(
  relaxed: RelaxedProblem,
  reached: number,
  needed: number,
  size: number,
): number {
  const count = (most: number): number => {
    const { columns, complete } = columnsWithin(relaxed, most, 2 * size);
    return complete ? columns.length : Infinity;
  };
  if (needed <= reached || count(needed) <= 2 * size) return needed;
  let low = reached;
  let high = needed;
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    const columns = count(middle);
    if (columns > 2 * size) high = middle;
    else low = middle;
    if (columns <= 2 * size && columns >= size / 2) break;
  }
  return low;
}

/** More than any column loses. */
export function largestLoss({ formulation, pricings, relaxation }: RelaxedProblem): number {
  const dearest = formulation.families.reduce(
    (most, _, family) =>
      familyPrices(formulation, family, relaxation)
        .reduce((dear, price) => Math.max(dear, Math.abs(price)), most),
    0,
  );
  const lowest = Math.min(...pricings.map((pricing) => pricing.lowest()));
  return Math.max(...relaxation.nodePrices) + formulation.capacity * dearest - lowest;
}
