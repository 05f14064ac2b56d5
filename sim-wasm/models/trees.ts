import { InputError, Random, ShapeError } from "../../domain/mod.ts";
import { Core } from "../core/core.ts";

/**
 * What the trees see of a configuration: "counts" = the counts; "presence" = the counts, per app
 * whether it is present, and the total.
 */
export type FeatureSet = "counts" | "presence";

/** How an ensemble is grown. */
export interface TreeOptions {
  /** Trees per app, at least 1. */
  readonly trees: number;
  /** Most splits above a leaf, 1 to {@link MAX_DEPTH}. */
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
  /** Gradient boosting instead of independent trees; needs splits "best" and no bootstrap. */
  readonly boosting?: BoostingOptions;
}

/** How trees build on each other (Friedman 2001). */
export interface BoostingOptions {
  /** Share of each tree that is added, above 0, at most 1. */
  readonly rate: number;
  /** Share of the rows that each tree learns from, above 0, at most 1. */
  readonly subsample: number;
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

/** The trees of one app, each in preorder: a node, then all of its left side, then its right side. */
export interface TreeArrays {
  /** Number of trees, at least 1. */
  readonly trees: number;
  /**
   * One number per node, tree after tree: feature + 65536 x threshold (a feature value of at most
   * the threshold goes left), or {@link LEAF}. Preorder says which node is whose child.
   */
  readonly splits: Uint32Array;
  /** Value of each leaf, in the order of the leaves. */
  readonly values: Float64Array;
}

/** What stands for a leaf in {@link TreeArrays.splits}. */
export const LEAF = 0xffff;

/** Deepest trees that are grown or loaded: far above what whole-numbered features need. */
export const MAX_DEPTH = 1000;

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

/** Trees as the core follows them; see sim-wasm/assembly/models/forest.ts. */
interface LinkedTrees {
  readonly roots: Uint32Array;
  readonly nodes: Uint32Array;
  readonly values: Float64Array;
}

/** Where the trees of one app are in the core. */
interface PlacedTrees {
  readonly roots: number;
  readonly nodes: number;
  readonly values: number;
  readonly trees: number;
  readonly nodeCount: number;
  readonly leafCount: number;
}

/** One ensemble of regression trees per app, fitted and evaluated in the simulator core. */
export class Trees {
  /** Number of apps. */
  readonly apps: number;
  /** What the trees look at. */
  readonly features: FeatureSet;
  readonly #core: Core;
  readonly #ensembles: readonly PlacedTrees[];

  private constructor(core: Core, features: FeatureSet, linked: readonly LinkedTrees[]) {
    this.apps = linked.length;
    this.features = features;
    this.#core = core;
    this.#ensembles = linked.map(({ roots, nodes, values }) => ({
      roots: place(core, "u32", roots),
      nodes: place(core, "u32", nodes),
      values: place(core, "f64", values),
      trees: roots.length,
      nodeCount: nodes.length / 2,
      leafCount: values.length,
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
    const apps = samples.length;
    // Apps often share the measured configurations: then they are sorted out once.
    const known = new Map<Uint8Array, DistinctRows>();
    const fitted = samples.map((sample, app) => {
      checkSample(sample, apps, app);
      const rows = known.get(sample.counts) ?? distinctRows(sample.counts, apps);
      known.set(sample.counts, rows);
      return fitEnsemble(core, features, apps, sample, rows, { ...options, seed: seeds.uint32() });
    });
    return new Trees(core, features, fitted);
  }

  /**
   * Trees from the arrays of fitted ones.
   * @throws {InputError} where the arrays are not those of sound trees; says which app and node.
   */
  static load(features: FeatureSet, arrays: readonly TreeArrays[]): Trees {
    const usable = featureCount(features, arrays.length);
    const linked = arrays.map((ensemble, app) => linkTrees(ensemble, usable, app));
    return new Trees(new Core(), features, linked);
  }

  /** A copy of the trees of an app, for saving. */
  arrays(app: number): TreeArrays {
    const { trees, nodes, nodeCount, values, leafCount } = this.#ensembles[app]!;
    const words = this.#core.view("u32", nodes, 2 * nodeCount);
    const splits = new Uint32Array(nodeCount);
    for (let node = 0; node < nodeCount; node++) splits[node] = words[2 * node + 1]!;
    return {
      trees,
      splits,
      values: this.#core.read("f64", values, leafCount),
    };
  }

  /**
   * Mean of each app's trees for each configuration.
   * @param counts Row-major, rows x apps.
   * @returns Row-major, rows x apps; 0 where the app is absent.
   * @throws {ShapeError} where `counts` has another length.
   */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.#predict(counts, rows, false);
  }

  /**
   * Standard deviation over each app's trees for each configuration: how much trees disagree.
   * @returns Laid out as {@link Trees.predict}.
   * @throws {ShapeError} where `counts` has another length.
   */
  predictSpread(counts: Uint8Array, rows: number): Float64Array {
    const means = this.#predict(counts, rows, false);
    return this.#predict(counts, rows, true)
      .map((square, at) => Math.sqrt(Math.max(0, square - means[at]! ** 2)));
  }

  #predict(counts: Uint8Array, rows: number, squares: boolean): Float64Array {
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
              squares ? 1 : 0,
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
   * @param onProgress Told after each app which share, 0 to 1, is done.
   * @returns Length = configurations.
   */
  throughputSpace(
    capacity: number,
    configurations: number,
    onProgress?: (fraction: number) => void,
  ): Float64Array {
    const core = this.#core;
    return core.lend([["f64", configurations], ["f64", configurations]], (sums, throughput) => {
      const add = core.function("addThroughput");
      this.#ensembles.forEach(({ trees }, app) => {
        this.#sumSpace(app, capacity, configurations, sums!);
        add(sums!, trees, this.apps, capacity, app, throughput!);
        onProgress?.((app + 1) / this.apps);
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
  const whole = { trees: 1e6, maxDepth: MAX_DEPTH, minLeaf: 1e9, maxFeatures: Infinity } as const;
  for (const [name, most] of Object.entries(whole) as [keyof typeof whole, number][]) {
    const value = options[name];
    const allowed = Number.isInteger(value) || (name === "maxFeatures" && value === Infinity);
    if (!allowed || value < 1 || value > most) {
      throw new InputError(
        `Option ${name} must be a whole number from 1 to ${most}: got ${value}`,
      );
    }
  }
  if (options.boosting !== undefined) {
    for (const [name, value] of Object.entries(options.boosting)) {
      if (!(value > 0 && value <= 1)) {
        throw new InputError(`Option ${name} must be above 0 and at most 1: got ${value}`);
      }
    }
    if (options.bootstrap || options.splits !== "best") {
      throw new InputError('Boosting needs splits "best" and no bootstrap');
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
interface DistinctRows {
  readonly distinct: Uint8Array;
  readonly of: Uint32Array;
}

function distinctRows(counts: Uint8Array, apps: number): DistinctRows {
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
  sample: TreeSample,
  { distinct, of }: DistinctRows,
  options: TreeOptions,
): LinkedTrees {
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
        options.boosting?.rate ?? 0,
        options.boosting?.subsample ?? 1,
      );
      return takeFitted(core, options.trees);
    },
  );
}

/** Copies the result of a fit out of the core. */
function takeFitted(core: Core, trees: number): LinkedTrees {
  const arrays = {
    roots: core.read("u32", core.function("fittedRoots")(), trees),
    nodes: core.read("u32", core.function("fittedNodes")(), 2 * core.function("fittedNodeCount")()),
    values: core.read("f64", core.function("fittedValues")(), core.function("fittedValueCount")()),
  };
  core.function("freeFitted")();
  return arrays;
}

/**
 * Finds the children of every node from the preorder, so that following any path ends in a leaf.
 * @param usable Number of features that there are.
 * @throws {InputError} where the arrays are not those of whole trees.
 */
function linkTrees(
  { trees, splits, values }: TreeArrays,
  usable: number,
  app: number,
): LinkedTrees {
  const refuse = (problem: string): never => {
    throw new InputError(`Trees of app ${app} are broken: ${problem}`);
  };
  if (!Number.isInteger(trees) || trees < 1 || trees > splits.length) {
    refuse(`${splits.length} nodes cannot be ${trees} trees`);
  }
  const roots = new Uint32Array(trees);
  const nodes = new Uint32Array(2 * splits.length);
  let node = 0;
  let leaves = 0;
  for (let tree = 0; tree < trees; tree++) {
    roots[tree] = node;
    const awaitingRight: { readonly node: number; readonly depth: number }[] = [];
    let depth = 0;
    for (let open = true; open; node++) {
      const split = splits[node] ?? refuse(`tree ${tree} ends too early`);
      nodes[2 * node + 1] = split;
      if (split !== LEAF) {
        if ((split & 0xffff) >= usable) refuse(`node ${node} asks for an unknown feature`);
        if (split >>> 16 > 255) refuse(`node ${node} has a threshold above 255`);
        if (depth === MAX_DEPTH) refuse(`node ${node} is deeper than ${MAX_DEPTH} splits`);
        awaitingRight.push({ node, depth: ++depth });
        continue;
      }
      const value = values[leaves] ?? refuse(`node ${node} has no value`);
      if (!Number.isFinite(value)) refuse(`the value of node ${node} is not a finite number`);
      nodes[2 * node] = leaves++;
      const parent = awaitingRight.pop();
      if (parent === undefined) {
        open = false;
      } else {
        nodes[2 * parent.node] = node + 1;
        depth = parent.depth;
      }
    }
  }
  if (node < splits.length) refuse(`${splits.length - node} nodes are left over`);
  if (leaves < values.length) refuse(`${values.length - leaves} values are left over`);
  return { roots, nodes, values };
}
