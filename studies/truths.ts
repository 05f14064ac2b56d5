/**
 * What studies measure models and profiles against.
 * Truths: pool = the distinct rows of metis-2008.npz and metis-322.npz, rf20 = rf20-table.csv (all of the reference data, see
 * docs/data.md), rough-trees and rough-gaussian = all configurations: the pool where it was measured, elsewhere what
 * models of the pool predict plus an error drawn from what they were off by on held-out rows; synthN = all
 * configurations of a synthetic node (N = 0: the bundled workloads, else seven random apps of seed N) with 2 % noise.
 * @module
 */
import { contentionModel, PAPER_WORKLOADS, randomApps } from "../datasets/mod.ts";
import {
  configurationKey,
  type Demand,
  type InterferenceModel,
  multinomialDemands,
  type Profile,
  Random,
  selectRows,
} from "../domain/mod.ts";
import { fitModel, TableModel } from "../models/mod.ts";
import { readProfile } from "../profiles/mod.ts";
import { allConfigurations } from "../profiling/active.ts";
import { Planner, planValue } from "../profiling/plans.ts";
import { measuredKeys } from "../profiling/surface.ts";
import { referencePath } from "../reference/folder.ts";

export const NODES = 81;
export const CAPACITY = 8;
const NOISE = 0.02;

export async function load(name: string): Promise<Profile> {
  return (await readProfile(await Deno.readFile(referencePath(name)), name)).profile;
}

export async function truthNamed(name: string): Promise<Profile> {
  if (name === "pool") return await loadPool();
  if (name.startsWith("rough-")) return roughTruth(await loadPool(), name.slice("rough-".length));
  if (name === "rf20") return await load("rf20-table.csv");
  const seed = Number(name.replace("synth", ""));
  const model = contentionModel(seed === 0 ? PAPER_WORKLOADS : randomApps(7, seed));
  const width = model.apps.length;
  const counts = allConfigurations(width, CAPACITY).slice(width);
  const errors = new Random(seed + 99);
  const rps = model.predict(counts, counts.length / width).map((value, at) => {
    if (counts[at] === 0) return NaN;
    const held = counts.subarray(at - at % width, at - at % width + width);
    const error = errors.normal();
    return held.reduce((sum, count) => sum + count, 0) === 1
      ? 1
      : Math.max(1e-4, value * (1 + NOISE * error));
  });
  return { apps: [...model.apps], rows: counts.length / width, counts, rps };
}

async function loadPool(): Promise<Profile> {
  const [many, few] = [await load("metis-2008.npz"), await load("metis-322.npz")];
  return distinct({
    apps: many.apps,
    rows: many.rows + few.rows,
    counts: Uint8Array.of(...many.counts, ...few.counts),
    rps: Float64Array.of(...many.rps, ...few.rps),
  });
}

/** Folds that errors are drawn from. */
const ROUGH_FOLDS = 8;

/**
 * The whole space as rough as the pool: measured rows, elsewhere predictions with errors like those on held-out
 * rows of as many apps and about as many containers; a failed run is as likely as in the pool.
 */
function roughTruth(pool: Profile, kind: string): Profile {
  const width = pool.apps.length;
  const kinds = kind === "trees" ? ["extra-trees", "boosting"] : [kind];
  const predictor = (rows: Profile) => {
    const models = kinds.map((one) => fitModel(one, rows, { seed: 1, trustMeasured: false }));
    return (counts: Uint8Array, count: number) => {
      const parts = models.map((model) => model.predict(counts, count));
      return parts[0]!.map((_, at) => mean(parts.map((part) => part[at]!)));
    };
  };
  const shapeOf = (counts: Uint8Array, row: number) => {
    const held = counts.subarray(row * width, (row + 1) * width);
    return {
      apps: held.filter((count) => count > 0).length,
      total: held.reduce((a, b) => a + b, 0),
    };
  };
  const random = new Random(kind.length);
  const order = random.shuffle(Array.from({ length: pool.rows }, (_, row) => row));
  const errors: { app: number; apps: number; total: number; error: number }[] = [];
  let failed = 0;
  for (let fold = 0; fold < ROUGH_FOLDS; fold++) {
    const train = selectRows(pool, order.filter((_, at) => at % ROUGH_FOLDS !== fold));
    const test = selectRows(pool, order.filter((_, at) => at % ROUGH_FOLDS === fold));
    const predicted = predictor(train)(test.counts, test.rows);
    for (let row = 0; row < test.rows; row++) {
      const range = [row * width, (row + 1) * width] as const;
      if (!test.rps.subarray(...range).some((value) => value > 0)) {
        failed++;
        continue;
      }
      for (let at = range[0]; at < range[1]; at++) {
        if (test.counts[at] === 0) continue;
        const error = test.rps[at]! - predicted[at]!;
        errors.push({ app: at % width, ...shapeOf(test.counts, row), error });
      }
    }
  }
  const likely = (app: number, shape: { apps: number; total: number }) => {
    const near = errors.filter((one) =>
      one.app === app && one.apps === shape.apps && Math.abs(one.total - shape.total) <= 1
    );
    return near.length >= 15 ? near : errors.filter((one) => one.app === app && one.apps >= 2);
  };
  const known = new Map<string, number>();
  for (let row = 0; row < pool.rows; row++) {
    known.set(configurationKey(pool.counts, row * width, width), row);
  }
  const counts = allConfigurations(width, CAPACITY).slice(width);
  const rows = counts.length / width;
  const rps = predictor(pool)(counts, rows);
  for (let row = 0; row < rows; row++) {
    const at = known.get(configurationKey(counts, row * width, width));
    const shape = shapeOf(counts, row);
    const fails = random.uniform() < failed / pool.rows;
    for (let app = 0; app < width; app++) {
      const cell = row * width + app;
      if (at !== undefined) rps[cell] = pool.rps[at * width + app]!;
      else if (counts[cell] === 0) rps[cell] = NaN;
      else if (shape.total === 1) rps[cell] = 1;
      else {
        const drawn = likely(app, shape);
        const error = drawn[random.below(drawn.length)]!.error;
        rps[cell] = fails ? 0 : Math.max(1e-3, rps[cell]! + error);
      }
    }
  }
  return { apps: pool.apps, rows, counts, rps };
}

export function distinct(profile: Profile): Profile {
  const seen = new Map<string, number>();
  const width = profile.apps.length;
  for (let row = 0; row < profile.rows; row++) {
    const key = configurationKey(profile.counts, row * width, width);
    if (!seen.has(key)) seen.set(key, row);
  }
  return selectRows(profile, [...seen.values()]);
}

export function sample(profile: Profile, rows: number, seed: number): Profile {
  const all = Array.from({ length: profile.rows }, (_, row) => row);
  return selectRows(profile, new Random(seed).shuffle(all).slice(0, rows));
}

/** Mean and largest regret of placing by a model, by the linear relaxation. */
export class Meter {
  readonly #allowed: Uint8Array;
  readonly #counts: Uint8Array;
  readonly #truth: Float64Array;
  readonly #optima: Promise<number[]>;

  constructor(readonly truth: Profile, readonly demands: readonly Demand[]) {
    const width = truth.apps.length;
    this.#counts = allConfigurations(width, CAPACITY);
    const keys = measuredKeys(truth);
    this.#allowed = Uint8Array.from(
      { length: this.#counts.length / width },
      (_, rank) => keys.has(configurationKey(this.#counts, rank * width, width)) ? 1 : 0,
    );
    this.#truth = this.#throughput(new TableModel(truth));
    const planner = new Planner(truth.apps, CAPACITY, NODES, this.#truth);
    this.#optima = Promise.all(
      demands.map(async (demand) => planValue(await planner.plan(demand), this.#truth)),
    );
  }

  #throughput(model: InterferenceModel): Float64Array {
    const width = this.truth.apps.length;
    const ranks = [...this.#allowed.keys()].filter((rank) => this.#allowed[rank]);
    const counts = new Uint8Array(ranks.length * width);
    ranks.forEach((rank, at) =>
      counts.set(this.#counts.subarray(rank * width, (rank + 1) * width), at * width)
    );
    const rps = model.predict(counts, ranks.length);
    const throughput = new Float64Array(this.#allowed.length).fill(-1e4);
    ranks.forEach((rank, at) => {
      let total = 0;
      for (let app = 0; app < width; app++) {
        total += counts[at * width + app]! * rps[at * width + app]!;
      }
      throughput[rank] = total;
    });
    return throughput;
  }

  async measure(model: InterferenceModel): Promise<number[]> {
    const planner = new Planner(this.truth.apps, CAPACITY, NODES, this.#throughput(model));
    const optima = await this.#optima;
    const regrets: number[] = [];
    for (const [at, demand] of this.demands.entries()) {
      regrets.push(1 - planValue(await planner.plan(demand), this.#truth) / optima[at]!);
    }
    planner.dispose();
    return regrets;
  }
}

/** Mean absolute error on present containers of configurations outside of `train` in which anything ran. */
export function errorOnUnseen(model: InterferenceModel, train: Profile, test: Profile): number {
  const seen = measuredKeys(train);
  const width = test.apps.length;
  const predicted = model.predict(test.counts, test.rows);
  let error = 0;
  let present = 0;
  for (let row = 0; row < test.rows; row++) {
    const range = [row * width, (row + 1) * width] as const;
    if (seen.has(configurationKey(test.counts, range[0], width))) continue;
    if (!test.rps.subarray(...range).some((value) => value > 0)) continue;
    for (let at = range[0]; at < range[1]; at++) {
      if (test.counts[at] === 0) continue;
      error += Math.abs(predicted[at]! - test.rps[at]!);
      present++;
    }
  }
  return error / present;
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
export const percent = (share: number) => (100 * share).toFixed(2);
export const draw = (count: number, seed: number): Demand[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, at) => {
    const containers = [200, 300, 400][at % 3]!;
    return multinomialDemands(7, containers, containers)(random);
  });
};
