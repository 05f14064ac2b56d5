import { type PairwiseFormula, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";

/**
 * Writes a formula into a core, to be given back by freeOwner. Returns where it is.
 * @throws {ShapeError} if its arrays do not fit the number of apps.
 */
export function placePairwise(core: Core, apps: number, formula: PairwiseFormula): Address {
  const { first, further, least, alone } = formula;
  for (const { length } of [first, further]) {
    if (length !== apps ** 2) throw new ShapeError("formula", apps ** 2, length);
  }
  if (alone.length !== apps) throw new ShapeError("formula", apps, alone.length);
  const model = core.functions.createPairwise(apps, least);
  core.write("f64", core.functions.pairwiseAlone(model), alone, apps);
  const terms = new Float64Array(2 * first.length);
  first.forEach((term, pair) => {
    terms[2 * pair] = term;
    terms[2 * pair + 1] = further[pair]!;
  });
  core.write("f64", core.functions.pairwiseTerms(model), terms, terms.length);
  return model;
}

/** The formula for some of its apps, in another order, each as many times as fast. @param places By app: its index in the formula. */
export function arrangePairwise(
  { first, further, least, alone }: PairwiseFormula,
  places: ArrayLike<number>,
  speed: ArrayLike<number>,
): PairwiseFormula {
  const apps = Array.from(places);
  const part = (terms: Float64Array): Float64Array =>
    Float64Array.from(apps.flatMap((on) => apps.map((by) => terms[on * alone.length + by]!)));
  return {
    kind: "pairwise",
    least,
    first: part(first),
    further: part(further),
    alone: Float64Array.from(apps, (place, app) => alone[place]! * speed[app]!),
  };
}
