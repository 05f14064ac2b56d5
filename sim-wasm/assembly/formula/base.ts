// What all formulas have in common: models that the core evaluates configuration by configuration, without asking the host.

import { alloc, blockOf, Owner } from "../memory";

@unmanaged
export class Formula extends Owner {
  kind: u32;
  apps: u32;
  /** f64[apps]: normalised RPS of each app that was present in the last evaluation; of the others anything. */
  speeds: usize;
  /** u32[apps + 1]: the apps that were present in the last evaluation. */
  present: usize;
}

/** A formula of a kind, with as many bytes as its class has. */
export function makeFormula(bytes: usize, kind: u32, apps: u32): usize {
  const formula = changetype<Formula>(alloc(bytes));
  formula.kind = kind;
  formula.apps = apps;
  formula.speeds = blockOf(formula, <usize> apps * 8);
  formula.present = blockOf(formula, <usize> apps * 4 + 4);
  return changetype<usize>(formula);
}

// @ts-ignore: decorator
@inline
export function presentAt(formula: Formula, at: u32): u32 {
  return load<u32>(formula.present + (<usize> at << 2));
}

// @ts-ignore: decorator
@inline
export function setSpeed(formula: Formula, app: u32, speed: f64): void {
  store<f64>(formula.speeds + (<usize> app << 3), speed);
}
