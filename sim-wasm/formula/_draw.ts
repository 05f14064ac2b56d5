import { Random } from "../../domain/mod.ts";
import { PairwiseModel } from "../../models/mod.ts";

/** A pairwise model with terms drawn at random; some first neighbours help, some cost more than further ones. */
export function drawPairwise(apps: number, seed: number): PairwiseModel {
  const draws = new Random(seed);
  const further = Float64Array.from({ length: apps ** 2 }, () => 0.4 * draws.uniform());
  const first = further.map((term) => draws.uniform() < 0.2 ? -0.3 : 2 * term * draws.uniform());
  return new PairwiseModel(Array.from({ length: apps }, (_, app) => `app-${app}`), {
    first,
    further,
  });
}
