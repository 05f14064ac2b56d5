/**
 * What studies measure models and profiles against: profiles that stand for the truth.
 * pool = the distinct rows of metis-2008.npz and metis-322.npz, rf20 = rf20-table.csv (all of the reference data, see
 * docs/data.md), rough-trees and rough-gaussian = all configurations: the pool where it was measured, elsewhere what
 * models of the pool predict plus an error drawn from what they were off by on held-out rows; synthN = all
 * configurations of a synthetic node (N = 0: the bundled workloads, else seven random apps of seed N) with 2 % noise.
 * Nodes of {@link smallNode} have fewer apps and slots.
 * @module
 */
import {
  contentionModel,
  PAPER_WORKLOADS,
  randomApps,
  type SyntheticApp,
} from "../../datasets/mod.ts";
import { configurationKey, type Profile, Random, selectRows } from "../../domain/mod.ts";
import { fitModel } from "../../models/mod.ts";
import { readProfile } from "../../profiles/mod.ts";
import { allConfigurations } from "../../profiling/active.ts";
import { referencePath } from "../../reference/folder.ts";
import { mean } from "./study.ts";

/** Slots of a node. */
export const CAPACITY = 8;
/** Noise of a synthetic truth. */
const NOISE = 0.02;

/** A profile of the reference data. */
export async function load(name: string): Promise<Profile> {
  return (await readProfile(await Deno.readFile(referencePath(name)), name)).profile;
}

/** The truths that tables are about. */
export const TRUTHS = ["pool", "rough-trees", "rough-gaussian", "rf20", "synth0", "synth3"];

/** A truth by name: one of {@link TRUTHS}, or synthN. */
export async function truthNamed(name: string): Promise<Profile> {
  if (name === "pool") return await loadPool();
  if (name.startsWith("rough-")) return roughTruth(await loadPool(), name.slice("rough-".length));
  if (name === "rf20") return await load("rf20-table.csv");
  const seed = Number(name.replace("synth", ""));
  return synthetic(seed === 0 ? PAPER_WORKLOADS : randomApps(7, seed), CAPACITY, seed + 99);
}

/** Slots of a small node. */
export const SMALL_CAPACITY = 6;

/** All configurations of a synthetic node of five random apps. */
export function smallNode(seed: number): Profile {
  return synthetic(randomApps(5, seed), SMALL_CAPACITY, seed + 99);
}

/** All configurations of a synthetic node, with noise that is part of the truth. */
function synthetic(workloads: readonly SyntheticApp[], capacity: number, seed: number): Profile {
  const model = contentionModel(workloads);
  const width = model.apps.length;
  const counts = allConfigurations(width, capacity).slice(width);
  const errors = new Random(seed);
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

/** The first row of each configuration. */
export function distinct(profile: Profile): Profile {
  const seen = new Map<string, number>();
  const width = profile.apps.length;
  for (let row = 0; row < profile.rows; row++) {
    const key = configurationKey(profile.counts, row * width, width);
    if (!seen.has(key)) seen.set(key, row);
  }
  return selectRows(profile, [...seen.values()]);
}

/** So many random rows. */
export function sample(profile: Profile, rows: number, seed: number): Profile {
  const all = Array.from({ length: profile.rows }, (_, row) => row);
  return selectRows(profile, new Random(seed).shuffle(all).slice(0, rows));
}
