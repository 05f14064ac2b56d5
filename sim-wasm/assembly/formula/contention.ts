// A contention model of implicit/, as a formula that says the speed of each app: for what is made of formulas.

import {
  Contention,
  inside,
  parametersOf,
  serverOf,
  speed,
  stretch,
} from "../implicit/contention";
import { Formula, makeFormula, presentAt, setSpeed } from "./base";

export const CONTENTION: u32 = 8;

@unmanaged
export class ContentionFormula extends Formula {
  /** Stays the host's. */
  model: usize;
}

/** The formula of a contention model. */
export function createContentionFormula(model: usize): usize {
  const apps = changetype<Contention>(model).apps;
  const formula = changetype<ContentionFormula>(
    makeFormula(offsetof<ContentionFormula>(), CONTENTION, apps),
  );
  formula.model = model;
  return changetype<usize>(formula);
}

/** Writes the speeds of the apps that are listed as present. */
export function contentionSpeeds(formula: ContentionFormula, counts: usize, found: u32): void {
  const model = changetype<Contention>(formula.model);
  let first = f64x2.splat(0);
  let last = f64x2.splat(0);
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    const parameters = parametersOf(model, app);
    const count = f64x2.splat(<f64> load<u8>(counts + app));
    first = f64x2.add(first, f64x2.mul(count, v128.load(parameters)));
    last = f64x2.add(last, f64x2.mul(count, v128.load(parameters, 16)));
  }
  first = stretch(first);
  last = stretch(last);
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    const parameters = parametersOf(model, app);
    const server = serverOf(model, app);
    const serving = server < 0 ? 0.0 : <f64> load<u8>(counts + server);
    const within = inside(parameters, first, last);
    setSpeed(formula, app, speed(parameters, within, serving, <f64> load<u8>(counts + app)));
  }
}
