import { type PairwiseFormula, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";

/**
 * Writes a formula into a core, to be given back by freeOwner. Returns where it is.
 * @throws {ShapeError} if its arrays do not fit the number of apps.
 */
export function placePairwise(core: Core, apps: number, formula: PairwiseFormula): Address {
  const { first, further, least } = formula;
  for (const { length } of [first, further]) {
    if (length !== apps ** 2) throw new ShapeError("formula", apps ** 2, length);
  }
  const model = core.functions.createPairwise(apps, least);
  const terms = new Float64Array(2 * first.length);
  first.forEach((term, pair) => {
    terms[2 * pair] = term;
    terms[2 * pair + 1] = further[pair]!;
  });
  core.write("f64", core.functions.pairwiseTerms(model), terms, terms.length);
  return model;
}
