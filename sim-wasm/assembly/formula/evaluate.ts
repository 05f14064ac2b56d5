// What a formula says of a node: the speed of each app that is present, and the sum of counts x speeds.

import { listPresent } from "../implicit/contention";
import { Formula, presentAt } from "./base";
import { Pairwise, PAIRWISE, pairwiseSpeeds } from "./pairwise";

/** True if an evaluation costs no more than a look into a cache would. */
export function isQuick(address: usize): bool {
  return changetype<Formula>(address).kind == PAIRWISE;
}

/** Lists the apps of a node with these counts (u8[apps]) and writes their speeds; returns how many there are. */
export function evaluateSpeeds(formula: Formula, counts: usize): u32 {
  const found = listPresent(counts, formula.apps, formula.present);
  if (formula.kind == PAIRWISE) pairwiseSpeeds(changetype<Pairwise>(formula), counts, found);
  return found;
}

/** Throughput of a node with these counts (u8[apps]). */
export function formulaThroughput(address: usize, counts: usize): f64 {
  const formula = changetype<Formula>(address);
  const found = evaluateSpeeds(formula, counts);
  let total: f64 = 0;
  for (let at: u32 = 0; at < found; at++) {
    const app = <usize> presentAt(formula, at);
    total += <f64> load<u8>(counts + app) * load<f64>(formula.speeds + (app << 3));
  }
  return total;
}
