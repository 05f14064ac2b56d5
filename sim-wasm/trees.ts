import { InputError, Random, ShapeError } from "../domain/mod.ts";
import { Core } from "./core.ts";

/**
 * What the trees see of a configuration: "counts" = the counts; "presence" = the counts, per app
 * whether it is present, and the total.
 */
export type FeatureSet = "counts" | "presence";

/** How an ensemble is grown. */
export interface TreeOptions {
  /** Trees per app, at least 1. */
  readonly trees: number;
  /** Most splits above a leaf, at least 1. */
  readonly maxDepth: number;
  /** Least number of distinct configurations in a leaf, at least 1. */
  readonly minLeaf: number;
  /** Features tried at a node, of those that vary there; Infinity = all. */
  readonly maxFeatures: number;
  /** Whether each tree sees a sample of the measurements, drawn with replacement. */
  readonly bootstrap: boolean;
  /**
   * "best": the best of all thresholds, midway between present values. "random": one random
   * threshold per feature (extremely randomised trees: Geurts, Ernst and Wehenkel 2006).
   */
  readonly splits: "best" | "random";
  /** 0 to 2^32 - 1: the same seed and data give the same trees. */
  readonly seed: number;
}

/** Measurements of one app. Several may have the same configuration. */
export interface TreeSample {
  /** Row-major, rows x apps. */
  readonly counts: Uint8Array;
  /** Length rows: what the trees learn. */
  readonly targets: Float64Array;
  /** Length rows: weight of each measurement, above 0. @default 1 each */
  readonly weights?: Float64Array;
}

/** The trees of one app. Trees are in preorder: the left child of node i is i + 1. */
export interface TreeArrays {
  /** Length trees: the first node of each tree, ascending from 0. */
  readonly roots: Uint32Array;
  /**
   * Two numbers per node. Inner node: index of its right child, then feature + 65536 x threshold
   * (a feature value <= threshold goes left). Leaf: index of its value, then {@link LEAF}.
   */
  readonly nodes: Uint32Array;
  /** Value of each leaf, in the order of the leaves. */
  readonly values: Float64Array;
}

/** Second number of a leaf in {@link TreeArrays.nodes}. */
export const LEAF = 0xffff;

const FEATURE_SETS = { counts: 0, presence: 1 } as const;

/** Rows that are predicted at a time: bounds the memory of the core. */
const CHUNK = 4096;

/** Number of features of a set for so many apps. */
export function featureCount(features: FeatureSet, apps: number): number {
  return features === "counts" ? apps : 2 * apps + 1;
}

/** Features of a row in the core: a multiple of 16, so that they are read 16 at a time. */
function paddedFeatures(features: FeatureSet, apps: number): number {
  return Math.ceil(featureCount(features, apps) / 16) * 16;
}

/** One ensemble of regression trees per app, fitted and evaluated in the simulator core. */
export class Trees {
  readonly apps: number;
  readonly features: FeatureSet;
  readonly #core: Core;
  readonly #ensembles: readonly { roots: number; nodes: number; values: number; trees: number }[];
  readonly #arrays: readonly TreeArrays[];

  private constructor(core: Core, features: FeatureSet, arrays: readonly TreeArrays[]) {
    this.apps = arrays.length;
    this.features = features;
    this.#core = core;
    this.#arrays = arrays;
    this.#ensembles = arrays.map(({ roots, nodes, values }) => ({
      roots: place(core, "u32", roots),
      nodes: place(core, "u32", nodes),
      values: place(core, "f64", values),
      trees: roots.length,
    }));
  }

  /**
   * Fits the trees of every app.
   * @param samples Measurements for each app; length = apps.
   * @throws {InputError} for an option out of range, or an app without measurements.
   * @throws {ShapeError} where the arrays of a sample do not fit each other.
   */
  static fit(features: FeatureSet, samples: readonly TreeSample[], options: TreeOptions): Trees {
    checkOptions(options);
    const core = new Core();
    const seeds = new Random(options.seed);
    const arrays = samples.map((sample, app) => {
      const seed = seeds.uint32();
      return fitEnsemble(core, features, samples.length, app, sample, { ...options, seed });
    });
    return new Trees(core, features, arrays);
  }

  /**
   * Trees from the arrays of fitted ones.
   * @throws {InputError} where the arrays are not those of sound trees; says which app and node.
   */
  static load(features: FeatureSet, arrays: readonly TreeArrays[]): Trees {
    arrays.forEach((ensemble, app) => checkTrees(features, arrays.length, app, ensemble));
    return new Trees(new Core(), features, arrays);
  }

  /** The trees of an app; read only. */
  arrays(app: number): TreeArrays {
    return this.#arrays[app]!;
  }

  /**
   * Mean of each app's trees for each configuration.
   * @param counts Row-major, rows x apps.
   * @returns Row-major, rows x apps; 0 where the app is absent.
   * @throws {ShapeError} where `counts` has another length.
   */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const { apps } = this;
    if (counts.length !== rows * apps) throw new ShapeError("counts", rows * apps, counts.length);
    const predicted = new Float64Array(rows * apps);
    const padded = paddedFeatures(this.features, apps);
    const chunk = Math.min(rows, CHUNK);
    const core = this.#core;
    const makeFeatures = core.function("makeFeatures");
    const predictTrees = core.function("predictTrees");
    core.lend(
      [["u8", chunk * apps], ["u8", chunk * padded], ["f64", chunk * apps]],
      (countsAt, featuresAt, out) => {
        for (let first = 0; first < rows; first += chunk) {
          const part = Math.min(chunk, rows - first);
          core.view("u8", countsAt!, part * apps)
            .set(counts.subarray(first * apps, (first + part) * apps));
          const set = FEATURE_SETS[this.features];
          makeFeatures(countsAt!, part, apps, set, padded, featuresAt!);
          this.#ensembles.forEach(({ nodes, values, roots, trees }, app) => {
            const column = out! + app * 8;
            predictTrees(
              nodes,
              values,
              roots,
              trees,
              featuresAt!,
              part,
              padded,
              app,
              column,
              apps,
            );
          });
          predicted.set(core.view("f64", out!, part * apps), first * apps);
        }
      },
    );
    return predicted;
  }

  /**
   * The predictions of all configurations of up to `capacity` containers, by rank: as predict()
   * gives them, but by enumerating the configurations of each leaf instead of following the trees.
   * @param configurations C(apps + capacity, apps).
   * @returns Row-major, configurations x apps.
   */
  predictSpace(capacity: number, configurations: number): Float64Array {
    const predicted = new Float64Array(configurations * this.apps);
    this.#core.lend([["f64", configurations]], (sums) => {
      this.#ensembles.forEach((ensemble, app) => {
        this.#sumSpace(app, capacity, configurations, sums!);
        const column = this.#core.view("f64", sums!, configurations);
        for (let rank = 0, at = app; rank < configurations; rank++, at += this.apps) {
          predicted[at] = column[rank]! / ensemble.trees;
        }
      });
    });
    return predicted;
  }

  /**
   * The throughput (sum over apps of count x prediction) of all configurations, by rank: as
   * {@link Trees.predictSpace}, without the memory for every app's predictions.
   * @returns Length = configurations.
   */
  throughputSpace(capacity: number, configurations: number): Float64Array {
    const core = this.#core;
    return core.lend([["f64", configurations], ["f64", configurations]], (sums, throughput) => {
      const add = core.function("addThroughput");
      this.#ensembles.forEach(({ trees }, app) => {
        this.#sumSpace(app, capacity, configurations, sums!);
        add(sums!, trees, this.apps, capacity, app, throughput!);
      });
      return core.read("f64", throughput!, configurations);
    });
  }

  #sumSpace(app: number, capacity: number, configurations: number, out: number): void {
    const { nodes, values, roots, trees } = this.#ensembles[app]!;
    const set = FEATURE_SETS[this.features];
    this.#core.function("sumSpace")(
      nodes,
      values,
      roots,
      trees,
      set,
      this.apps,
      capacity,
      app,
      configurations,
      out,
    );
  }
}

function place(core: Core, type: "u32" | "f64", values: Uint32Array | Float64Array): number {
  const offset = core.allocate(type, values.length);
  core.write(type, offset, values, values.length);
  return offset;
}

function checkOptions(options: TreeOptions): void {
  const whole = { trees: 1e6, maxDepth: 1e9, minLeaf: 1e9, maxFeatures: Infinity } as const;
  for (const [name, most] of Object.entries(whole) as [keyof typeof whole, number][]) {
    const value = options[name];
    const allowed = Number.isInteger(value) || (name === "maxFeatures" && value === Infinity);
    if (!allowed || value < 1 || value > most) {
      throw new InputError(`Option ${name} must be a whole number, at least 1: got ${value}`);
    }
  }
  if (!Number.isInteger(options.seed) || options.seed < 0 || options.seed >= 2 ** 32) {
    throw new InputError(`Seed must be a whole number from 0 to 2^32 - 1: got ${options.seed}`);
  }
}

function checkSample(sample: TreeSample, apps: number, app: number): void {
  const rows = sample.targets.length;
  if (rows === 0) throw new InputError(`App ${app} has no measurement to learn from`);
  if (sample.counts.length !== rows * apps) {
    throw new ShapeError(`counts of app ${app}`, rows * apps, sample.counts.length);
  }
  if (sample.weights !== undefined && sample.weights.length !== rows) {
    throw new ShapeError(`weights of app ${app}`, rows, sample.weights.length);
  }
  if (!sample.targets.every(Number.isFinite)) {
    throw new InputError(`Targets of app ${app} must be finite numbers`);
  }
  if (sample.weights?.some((weight) => !(weight > 0 && weight < Infinity))) {
    throw new InputError(`Weights of app ${app} must be finite numbers above 0`);
  }
}

/** The distinct rows of counts, and for every row which of them it is. */
function distinctRows(counts: Uint8Array, apps: number): { distinct: Uint8Array; of: Uint32Array } {
  const rows = counts.length / apps;
  const of = new Uint32Array(rows);
  const seen = new Map<string, number>();
  const distinct = new Uint8Array(counts.length);
  for (let row = 0; row < rows; row++) {
    const configuration = counts.subarray(row * apps, (row + 1) * apps);
    const key = String.fromCharCode(...configuration);
    let index = seen.get(key);
    if (index === undefined) {
      index = seen.size;
      seen.set(key, index);
      distinct.set(configuration, index * apps);
    }
    of[row] = index;
  }
  return { distinct: distinct.subarray(0, seen.size * apps), of };
}

function fitEnsemble(
  core: Core,
  features: FeatureSet,
  apps: number,
  app: number,
  sample: TreeSample,
  options: TreeOptions,
): TreeArrays {
  checkSample(sample, apps, app);
  const { distinct, of } = distinctRows(sample.counts, apps);
  const rows = distinct.length / apps;
  const measurements = of.length;
  const padded = paddedFeatures(features, apps);
  const used = featureCount(features, apps);
  return core.lend(
    [["u8", rows * apps], ["u8", rows * padded], ["u32", measurements], ["f64", measurements], [
      "f64",
      measurements,
    ]],
    (counts, featuresAt, rowOf, targets, weights) => {
      core.write("u8", counts!, distinct, distinct.length);
      core.write("u32", rowOf!, of, measurements);
      core.write("f64", targets!, sample.targets, measurements);
      if (sample.weights) core.write("f64", weights!, sample.weights, measurements);
      else core.view("f64", weights!, measurements).fill(1);
      core.function("makeFeatures")(
        counts!,
        rows,
        apps,
        FEATURE_SETS[features],
        padded,
        featuresAt!,
      );
      core.function("fitTrees")(
        featuresAt!,
        rows,
        used,
        padded,
        rowOf!,
        targets!,
        weights!,
        measurements,
        options.trees,
        options.maxDepth,
        options.minLeaf,
        Math.min(options.maxFeatures, used),
        options.bootstrap ? 1 : 0,
        options.splits === "random" ? 1 : 0,
        options.seed | 0,
      );
      return takeFitted(core, options.trees);
    },
  );
}

/** Copies the result of a fit out of the core. */
function takeFitted(core: Core, trees: number): TreeArrays {
  const arrays = {
    roots: core.read("u32", core.function("fittedRoots")(), trees),
    nodes: core.read("u32", core.function("fittedNodes")(), 2 * core.function("fittedNodeCount")()),
    values: core.read("f64", core.function("fittedValues")(), core.function("fittedValueCount")()),
  };
  core.function("freeFitted")();
  return arrays;
}

/**
 * Checks that following any path ends in a leaf: children lie behind their parent and inside of
 * their tree, every node is the child of one, leaves have finite values.
 */
function checkTrees(features: FeatureSet, apps: number, app: number, arrays: TreeArrays): void {
  const { roots, nodes, values } = arrays;
  const total = nodes.length / 2;
  const refuse = (problem: string): never => {
    throw new InputError(`Trees of app ${app} are broken: ${problem}`);
  };
  if (roots.length === 0 || roots[0] !== 0) refuse("the first tree must start at node 0");
  if (!Number.isInteger(total)) refuse("nodes must be pairs of numbers");
  if (!values.every(Number.isFinite)) refuse("a leaf value is not a finite number");
  const usable = featureCount(features, apps);
  let leaves = 0;
  for (let tree = 0; tree < roots.length; tree++) {
    const root = roots[tree]!;
    const end = roots[tree + 1] ?? total;
    if (root >= end || end > total) refuse(`tree ${tree} has no nodes`);
    // In preorder a right child comes exactly where the subtree on its left has ended.
    const awaited: number[] = [];
    for (let node = root; node < end; node++) {
      const link = nodes[2 * node]!;
      const split = nodes[2 * node + 1]!;
      if (split === LEAF) {
        if (link !== leaves++ || link >= values.length) {
          refuse(`node ${node} has no value of its own`);
        }
        const next = awaited.pop();
        if (next !== (node + 1 < end ? node + 1 : undefined)) {
          refuse(`node ${node} is followed by a node that is no child`);
        }
      } else {
        if ((split & 0xffff) >= usable) refuse(`node ${node} asks for an unknown feature`);
        if (split >>> 16 > 255) refuse(`node ${node} has a threshold above 255`);
        if (link <= node + 1 || link >= end) refuse(`node ${node} has a child out of range`);
        awaited.push(link);
      }
    }
  }
  if (leaves !== values.length) refuse("there are values without a leaf");
}
