// What a formula says of a node: the speed of each app that is present, and the sum of counts x speeds.

import { listPresent } from "../implicit/contention";
import { Formula, presentAt } from "./base";
import {
  Arranged,
  ARRANGED,
  arrangedSpeeds,
  Blend,
  BLEND,
  blendSpeeds,
  Measured,
  MEASURED,
  Worth,
  WORTH,
  worths,
  writeMeasured,
} from "./combined";
import { CONTENTION, ContentionFormula, contentionSpeeds } from "./contention";
import { GAUSSIAN, GaussianFormula, gaussianSpeeds } from "./gaussian";
import { Pairwise, PAIRWISE, pairwiseSpeeds } from "./pairwise";
import { TREES, TreesFormula, treesSpeeds } from "./trees";

/** True if an evaluation costs no more than a look into a cache would. */
export function isQuick(address: usize): bool {
  const kind = changetype<Formula>(address).kind;
  if (kind == ARRANGED) return isQuick(changetype<Arranged>(address).model);
  if (kind == WORTH) return isQuick(changetype<Worth>(address).model);
  return kind == PAIRWISE || kind == CONTENTION;
}

/** Lists the apps of a node with these counts (u8[apps]) and writes their speeds; returns how many there are. */
export function evaluateSpeeds(formula: Formula, counts: usize): u32 {
  const found = listPresent(counts, formula.apps, formula.present);
  switch (formula.kind) {
    case PAIRWISE:
      pairwiseSpeeds(changetype<Pairwise>(formula), counts, found);
      break;
    case TREES:
      treesSpeeds(changetype<TreesFormula>(formula), counts, found);
      break;
    case GAUSSIAN:
      gaussianSpeeds(changetype<GaussianFormula>(formula), counts, found);
      break;
    case BLEND:
      blendSpeeds(changetype<Blend>(formula), counts, found);
      break;
    case MEASURED:
      writeMeasured(changetype<Measured>(formula), counts, found);
      break;
    case ARRANGED:
      arrangedSpeeds(changetype<Arranged>(formula), counts, found);
      break;
    case WORTH:
      worths(changetype<Worth>(formula), counts, found);
      break;
    case CONTENTION:
      contentionSpeeds(changetype<ContentionFormula>(formula), counts, found);
      break;
  }
  return found;
}

/** Speed of an app that was present in the last evaluation. */
// @ts-ignore: decorator
@inline
export function speedOf(formula: Formula, app: u32): f64 {
  return load<f64>(formula.speeds + (<usize> app << 3));
}

/** Throughput of a node with these counts (u8[apps]). */
export function formulaThroughput(address: usize, counts: usize): f64 {
  const formula = changetype<Formula>(address);
  const found = evaluateSpeeds(formula, counts);
  let total: f64 = 0;
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    total += <f64> load<u8>(counts + app) * speedOf(formula, app);
  }
  return total;
}
