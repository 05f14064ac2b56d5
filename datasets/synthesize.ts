import {
  configurationCount,
  configurationKey,
  type Demand,
  drawEvenDemand,
  InputError,
  MAX_CAPACITY,
  type Profile,
  Random,
  UsageError,
} from "../domain/mod.ts";
import { contentionModel } from "./contention.ts";
import type { SyntheticApp } from "./workloads.ts";

/** What to measure on the synthetic node. */
export interface SynthesizeOptions {
  /** The made-up apps that share the node. */
  readonly apps: readonly SyntheticApp[];
  /** Slots of the node, 1 to 255. */
  readonly capacity: number;
  /** Configurations to measure, at least 1 and at most as many as there are. */
  readonly rows: number;
  /** Standard deviation of one measurement, relative to its value, such as 0.03. */
  readonly noise: number;
  /** Whole number from 0 to 2^32 - 1; the same seed gives the same profile. */
  readonly seed: number;
}

/**
 * "Measures" a profile on the synthetic node: every app alone, every pair of containers, every app
 * beside its own kind up to the capacity, then configurations drawn uniformly from all others, each once.
 * Values are the model's times (1 + noise x standard normal), rounded to 4 decimals as a load generator
 * would print them, at least 0.0001. A single container is the unit of measurement: exactly 1.
 * @throws {UsageError} if an option is out of range.
 * @throws {InputError} if an app's numbers are.
 */
export function synthesizeProfile(options: SynthesizeOptions): Profile {
  const { apps, capacity, rows, noise, seed } = options;
  checkOptions(options);
  const random = new Random(seed);
  const draws = random.fork();
  const errors = random.fork();
  const chosen = new Map<string, Uint8Array>();
  const choose = (counts: Uint8Array) => {
    const key = configurationKey(counts, 0, apps.length);
    if (chosen.size < rows && !chosen.has(key)) chosen.set(key, counts);
  };
  for (const counts of basicConfigurations(apps.length, capacity)) choose(counts);
  while (chosen.size < rows) {
    const counts = drawConfiguration(apps.length, capacity, draws);
    if (counts.some((count) => count > 0)) choose(counts);
  }
  const counts = new Uint8Array(rows * apps.length);
  [...chosen.values()].forEach((row, at) => counts.set(row, at * apps.length));
  const truth = contentionModel(apps).predict(counts, rows);
  const rps = truth.map((value, at) => {
    if (counts[at] === 0) return NaN;
    const row = Math.floor(at / apps.length);
    const held = counts.subarray(row * apps.length, (row + 1) * apps.length);
    const measured = value * (1 + noise * errors.normal());
    const single = held.reduce((sum, count) => sum + count, 0) === 1;
    return single ? 1 : Math.max(1, Math.round(measured * 1e4)) / 1e4;
  });
  return { apps: apps.map(({ name }) => name), rows, counts, rps };
}

/**
 * Demands where each container is of any app with the same probability.
 * @param apps Number of apps, at least 1.
 * @param containers Containers of each demand.
 * @param seed Whole number from 0 to 2^32 - 1.
 * @returns `count` demands, each of length `apps`.
 */
export function synthesizeDemands(
  apps: number,
  containers: number,
  count: number,
  seed: number,
): Demand[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => drawEvenDemand(apps, containers, random));
}

function* basicConfigurations(apps: number, capacity: number): Generator<Uint8Array> {
  const of = (...held: number[]) => {
    const counts = new Uint8Array(apps);
    for (const app of held) counts[app]!++;
    return counts;
  };
  for (let app = 0; app < apps; app++) yield of(app);
  if (capacity < 2) return;
  for (let a = 0; a < apps; a++) {
    for (let b = a; b < apps; b++) yield of(a, b);
  }
  for (let count = 3; count <= capacity; count++) {
    for (let app = 0; app < apps; app++) yield of(...new Array<number>(count).fill(app));
  }
}

/** One of all configurations of at most `capacity` containers, each with the same probability. */
function drawConfiguration(apps: number, capacity: number, random: Random): Uint8Array {
  // Stars and bars: `apps` bars among capacity + apps places; stars before a bar are its app's count.
  const places = Uint16Array.from({ length: capacity + apps }, (_, place) => place);
  random.shuffle(places);
  const bars = places.subarray(0, apps).sort();
  return Uint8Array.from(bars, (bar, app) => bar - (app === 0 ? 0 : bars[app - 1]! + 1));
}

function checkOptions({ apps, capacity, rows, noise }: SynthesizeOptions): void {
  if (apps.length === 0) throw new InputError("A synthetic profile needs at least one app");
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
    throw new UsageError(
      `Capacity must be a whole number from 1 to ${MAX_CAPACITY}: got ${capacity}`,
    );
  }
  const most = configurationCount(apps.length, capacity) - 1;
  if (!Number.isInteger(rows) || rows < 1 || rows > most) {
    throw new UsageError(`Rows must be a whole number from 1 to ${most}: got ${rows}`);
  }
  if (!(noise >= 0 && noise < 1)) {
    throw new UsageError(`Noise must be at least 0 and below 1: got ${noise}`);
  }
}
