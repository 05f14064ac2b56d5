// Time per request as a sum over neighbours, as domain/model.ts says it.
//
// Memory: terms f64[apps][apps][2]: on the app of the row by that of the column, what the first neighbour adds and what each
// further one does; alone f64[apps]: RPS of each app alone.

import { blockOf } from "../memory";
import { Formula, makeFormula, presentAt, setSpeed } from "./base";

export const PAIRWISE: u32 = 1;

@unmanaged
export class Pairwise extends Formula {
  /** Times below this are this. */
  least: f64;
  terms: usize;
  alone: usize;
}

/** A formula whose terms the host writes. */
export function createPairwise(apps: u32, least: f64): usize {
  const formula = changetype<Pairwise>(makeFormula(offsetof<Pairwise>(), PAIRWISE, apps));
  formula.least = least;
  formula.terms = blockOf(formula, <usize> apps * apps * 16);
  formula.alone = blockOf(formula, <usize> apps * 8);
  return changetype<usize>(formula);
}

export function pairwiseTerms(address: usize): usize {
  return changetype<Pairwise>(address).terms;
}

export function pairwiseAlone(address: usize): usize {
  return changetype<Pairwise>(address).alone;
}

/** RPS of an app alone. */
// @ts-ignore: decorator
@inline
export function aloneOf(formula: Pairwise, app: u32): f64 {
  return load<f64>(formula.alone + (<usize> app << 3));
}

/** Time that `neighbours` (1 or more) of an app add, by the terms of the pair. */
// @ts-ignore: decorator
@inline
export function addedBy(terms: usize, neighbours: u32): f64 {
  return load<f64>(terms) + load<f64>(terms, 8) * <f64> (neighbours - 1);
}

/** Writes the speeds of the apps that are listed as present. */
export function pairwiseSpeeds(formula: Pairwise, counts: usize, found: u32): void {
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    const row = formula.terms + ((<usize> app * formula.apps) << 4);
    let time: f64 = 1;
    for (let other: u32 = 0; other < found; other++) {
      const by = presentAt(formula, other);
      const neighbours = <u32> load<u8>(counts + by) - (by == app ? 1 : 0);
      if (neighbours) time += addedBy(row + (<usize> by << 4), neighbours);
    }
    setSpeed(formula, app, aloneOf(formula, app) / max(formula.least, time));
  }
}
