// Formulas that are made of others: a mixture, a formula with measurements in place of what it says of them, one seen from other
// apps at other speeds, and what containers are worth to an objective.

import { blockOf } from "../memory";
import { Formula, makeFormula, presentAt, setSpeed } from "./base";
import { evaluateSpeeds, speedOf } from "./evaluate";

export const BLEND: u32 = 4;
export const MEASURED: u32 = 5;
export const ARRANGED: u32 = 6;
export const WORTH: u32 = 7;

/** A weighted mean: 1 for a lone container, whatever its members say. */
@unmanaged
export class Blend extends Formula {
  members: u32;
  /** u32[members]: their formulas. They stay the host's. */
  formulas: usize;
  /** f64[members] */
  weights: usize;
}

/** A mixture whose members and weights the host writes. */
export function createBlend(apps: u32, members: u32): usize {
  const blend = changetype<Blend>(makeFormula(offsetof<Blend>(), BLEND, apps));
  blend.members = members;
  blend.formulas = blockOf(blend, <usize> members * 4);
  blend.weights = blockOf(blend, <usize> members * 8);
  return changetype<usize>(blend);
}

export function blendFormulas(address: usize): usize {
  return changetype<Blend>(address).formulas;
}

export function blendWeights(address: usize): usize {
  return changetype<Blend>(address).weights;
}

/** Writes the speeds of the apps that are listed as present. */
export function blendSpeeds(blend: Blend, counts: usize, found: u32): void {
  if (found == 1 && load<u8>(counts + presentAt(blend, 0)) == 1) {
    return setSpeed(blend, presentAt(blend, 0), 1);
  }
  for (let at: u32 = 0; at < found; at++) setSpeed(blend, presentAt(blend, at), 0);
  for (let member: u32 = 0; member < blend.members; member++) {
    const formula = changetype<Formula>(load<u32>(blend.formulas + (<usize> member << 2)));
    const weight = load<f64>(blend.weights + (<usize> member << 3));
    evaluateSpeeds(formula, counts);
    for (let at: u32 = 0; at < found; at++) {
      const app = presentAt(blend, at);
      setSpeed(blend, app, speedOf(blend, app) + weight * speedOf(formula, app));
    }
  }
}

/** Measured configurations, and a formula for the others. */
@unmanaged
export class Measured extends Formula {
  rows: u32;
  /** A power of two above the rows. */
  slots: u32;
  /** u32[slots]: a row + 1, 0 where free; by the hash of its counts. */
  places: usize;
  /** u8[rows][apps] */
  counts: usize;
  /** f64[rows][apps] */
  measured: usize;
  /** Stays the host's. */
  others: usize;
}

/** A formula whose measurements the host writes, and then calls indexMeasured. */
export function createMeasured(apps: u32, rows: u32, others: usize): usize {
  const formula = changetype<Measured>(makeFormula(offsetof<Measured>(), MEASURED, apps));
  formula.rows = rows;
  formula.slots = 16;
  while (formula.slots < 2 * rows) formula.slots <<= 1;
  formula.places = blockOf(formula, <usize> formula.slots * 4);
  formula.counts = blockOf(formula, <usize> rows * apps);
  formula.measured = blockOf(formula, <usize> rows * apps * 8);
  formula.others = others;
  return changetype<usize>(formula);
}

export function measuredCounts(address: usize): usize {
  return changetype<Measured>(address).counts;
}

export function measuredSpeeds(address: usize): usize {
  return changetype<Measured>(address).measured;
}

function hashOf(counts: usize, apps: u32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let app: u32 = 0; app < apps; app++) hash = (hash ^ load<u8>(counts + app)) * 0x01000193;
  return hash ^ (hash >> 15);
}

/** Finds the measurements by their counts from now on. */
export function indexMeasured(address: usize): void {
  const formula = changetype<Measured>(address);
  const apps = formula.apps;
  for (let row: u32 = 0; row < formula.rows; row++) {
    let slot = hashOf(formula.counts + <usize> row * apps, apps) & (formula.slots - 1);
    while (load<u32>(formula.places + (<usize> slot << 2))) slot = (slot + 1) & (formula.slots - 1);
    store<u32>(formula.places + (<usize> slot << 2), row + 1);
  }
}

/** The row with these counts + 1; 0 where none has. */
function rowOf(formula: Measured, counts: usize): u32 {
  const apps = formula.apps;
  let slot = hashOf(counts, apps) & (formula.slots - 1);
  while (true) {
    const row = load<u32>(formula.places + (<usize> slot << 2));
    if (!row) return 0;
    if (memory.compare(formula.counts + <usize> (row - 1) * apps, counts, apps) == 0) return row;
    slot = (slot + 1) & (formula.slots - 1);
  }
}

/** Writes the speeds of the apps that are listed as present. */
export function writeMeasured(formula: Measured, counts: usize, found: u32): void {
  const row = rowOf(formula, counts);
  const others = changetype<Formula>(formula.others);
  if (!row) evaluateSpeeds(others, counts);
  const measured = formula.measured + <usize> (row - 1) * formula.apps * 8;
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    setSpeed(formula, app, row ? load<f64>(measured + (<usize> app << 3)) : speedOf(others, app));
  }
}

/** A formula for some of its apps, in another order, each at a speed of its own. */
@unmanaged
export class Arranged extends Formula {
  /** Stays the host's. */
  model: usize;
  /** u8[apps of the model]: all 0 between two evaluations. */
  given: usize;
  /** u32[apps]: index in the model. */
  places: usize;
  /** f64[apps] */
  factors: usize;
}

/** A formula whose places and factors the host writes. */
export function createArranged(apps: u32, model: usize): usize {
  const formula = changetype<Arranged>(makeFormula(offsetof<Arranged>(), ARRANGED, apps));
  formula.model = model;
  // Counts are read eight at a time.
  formula.given = blockOf(formula, <usize> changetype<Formula>(model).apps + 8);
  formula.places = blockOf(formula, <usize> apps * 4);
  formula.factors = blockOf(formula, <usize> apps * 8);
  return changetype<usize>(formula);
}

export function arrangedPlaces(address: usize): usize {
  return changetype<Arranged>(address).places;
}

export function arrangedFactors(address: usize): usize {
  return changetype<Arranged>(address).factors;
}

/** Writes the speeds of the apps that are listed as present. */
export function arrangedSpeeds(formula: Arranged, counts: usize, found: u32): void {
  const model = changetype<Formula>(formula.model);
  for (let at: u32 = 0; at < found; at++) {
    const app = <usize> presentAt(formula, at);
    store<u8>(formula.given + load<u32>(formula.places + (app << 2)), load<u8>(counts + app));
  }
  evaluateSpeeds(model, formula.given);
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    const place = load<u32>(formula.places + (<usize> app << 2));
    store<u8>(formula.given + place, 0);
    setSpeed(formula, app, speedOf(model, place) * load<f64>(formula.factors + (<usize> app << 3)));
  }
}

/** What a container is worth to an objective: weight x its speed, or x the logarithm of its speed. */
@unmanaged
export class Worth extends Formula {
  /** Stays the host's. */
  model: usize;
  /** f64[apps] */
  weights: usize;
  /** Speeds below this are this for the logarithm; 0 where there is none. */
  least: f64;
}

/** A formula whose weights the host writes. least: 0 for speeds, above 0 for logarithms of at least this. */
export function createWorth(model: usize, least: f64): usize {
  const apps = changetype<Formula>(model).apps;
  const formula = changetype<Worth>(makeFormula(offsetof<Worth>(), WORTH, apps));
  formula.model = model;
  formula.least = least;
  formula.weights = blockOf(formula, <usize> apps * 8);
  return changetype<usize>(formula);
}

export function worthWeights(address: usize): usize {
  return changetype<Worth>(address).weights;
}

/** Writes what the apps that are listed as present are worth. */
export function worths(formula: Worth, counts: usize, found: u32): void {
  const model = changetype<Formula>(formula.model);
  evaluateSpeeds(model, counts);
  for (let at: u32 = 0; at < found; at++) {
    const app = presentAt(formula, at);
    const speed = speedOf(model, app);
    const worth = formula.least > 0 ? Math.log(max(formula.least, speed)) : speed;
    setSpeed(formula, app, load<f64>(formula.weights + (<usize> app << 3)) * worth);
  }
}
