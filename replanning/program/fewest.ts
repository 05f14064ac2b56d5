/**
 * How few starts do: for a worth, and for any placement at all.
 * @module
 */
import { InterruptedError } from "../../domain/mod.ts";
import { UndecidedError } from "../../scheduling/mod.ts";
import { type Known, type MoveSearch, TooFewStartsError } from "./search.ts";

/** Relative difference of worths that counts as none. */
const SAME = 1e-9;

/**
 * The answer that is worth as much as a known one with the fewest starts.
 * @param least Starts that no placement does without.
 * @returns `fewest`: true if it is proven that fewer do not do.
 */
export async function fewestStarts(
  search: MoveSearch,
  known: Known,
  least: number,
): Promise<{ readonly answer: Known; readonly fewest: boolean }> {
  const wanted = known.worth - SAME * Math.max(1, Math.abs(known.worth));
  let best = known;
  // By the relaxation: fewer starts than this are worth less, even in fractions.
  let under = await lastWhere(
    least - 1,
    best.starts,
    async (starts) => await search.bound(starts) < wanted,
  );
  let step = 1;
  while (best.starts - under > 1) {
    const starts = Math.min(under + step, best.starts - 1);
    try {
      const found = await search.solve(starts, {
        enough: (worth, bound) => worth >= wanted || bound < wanted,
      });
      if (found.worth >= wanted) {
        best = found;
        step = 1;
        continue;
      }
      if (found.bound >= wanted) return { answer: best, fewest: false };
    } catch (error) {
      // Time or a signal ended the search for fewer.
      if (error instanceof UndecidedError || error instanceof InterruptedError) {
        return { answer: best, fewest: false };
      }
      if (!(error instanceof TooFewStartsError)) throw error;
    }
    under = starts;
    step *= 2;
  }
  return { answer: best, fewest: true };
}

/** The fewest starts with which a placement keeps the rules; undefined if none does. */
export async function leastStarts(
  search: MoveSearch,
  under: number,
  most: number,
): Promise<number | undefined> {
  if (await search.bound(most) === -Infinity) return undefined;
  let low = await lastWhere(
    under,
    most,
    async (starts) => await search.bound(starts) === -Infinity,
  );
  let high = most + 1;
  let step = 1;
  while (high - low > 1) {
    const starts = Math.min(low + step, high - 1);
    try {
      high = (await search.solve(starts, { enough: (worth) => worth > -Infinity })).starts;
      step = 1;
    } catch (error) {
      if (!(error instanceof TooFewStartsError)) throw error;
      low = starts;
      step *= 2;
    }
  }
  return high > most ? undefined : high;
}

/** The last number from `low` on for which something is true that is true up to some number: of `low` it is known, and of `high` not. */
async function lastWhere(
  low: number,
  high: number,
  isTrue: (at: number) => Promise<boolean>,
): Promise<number> {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isTrue(middle)) low = middle;
    else high = middle;
  }
  return low;
}
