import { Random, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import { Core } from "../core/core.ts";
import { CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import { type LinkedTrees, linkTrees, type TreeArrays } from "./tree_arrays.ts";
import { FEATURE_SETS, featureCount, type FeatureSet, paddedFeatures } from "./tree_features.ts";
import {
  checkOptions,
  checkSample,
  type DistinctRows,
  distinctRows,
  fitEnsemble,
  type TreeOptions,
  type TreeSample,
} from "./tree_fit.ts";

/** Rows that are predicted at a time: bounds the memory of the core. */
const CHUNK = 4096;

/** Where the trees of one app are in the core. */
interface PlacedTrees {
  readonly roots: Address;
  readonly nodes: Address;
  readonly values: Address;
  readonly trees: number;
  readonly nodeCount: number;
  readonly leafCount: number;
}

/** One ensemble of regression trees per app, fitted and evaluated in the simulator core. */
export class Trees extends CoreObject {
  /** Number of apps. */
  readonly apps: number;
  /** What the trees look at. */
  readonly features: FeatureSet;
  readonly #ensembles: readonly PlacedTrees[];

  private constructor(core: Core, features: FeatureSet, linked: readonly LinkedTrees[]) {
    super("ensemble of trees", core, 0, () => core.dispose());
    this.apps = linked.length;
    this.features = features;
    this.#ensembles = linked.map(({ roots, nodes, values }) => ({
      roots: core.place("u32", roots),
      nodes: core.place("u32", nodes),
      values: core.place("f64", values),
      trees: roots.length,
      nodeCount: nodes.length / 2,
      leafCount: values.length,
    }));
  }

  /**
   * Fits the trees of every app.
   * @param samples Measurements for each app; length = apps.
   * @throws {InputError} for an option out of range, or an app without measurements.
   * @throws {ShapeError} if the arrays of a sample do not fit each other.
   */
  static fit(features: FeatureSet, samples: readonly TreeSample[], options: TreeOptions): Trees {
    checkOptions(options);
    const core = new Core("ensemble of trees");
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
   * @throws {InputError} if the arrays are not those of sound trees; says which app and node.
   */
  static load(features: FeatureSet, arrays: readonly TreeArrays[]): Trees {
    const usable = featureCount(features, arrays.length);
    const linked = arrays.map((ensemble, app) => linkTrees(ensemble, usable, app));
    return new Trees(new Core("ensemble of trees"), features, linked);
  }

  /** A copy of the trees of an app, for saving. */
  arrays(app: number): TreeArrays {
    const { trees, nodes, nodeCount, values, leafCount } = this.#ensembles[app]!;
    const core = coreOf(this);
    const words = core.view("u32", nodes, 2 * nodeCount);
    const splits = new Uint32Array(nodeCount);
    for (let node = 0; node < nodeCount; node++) splits[node] = words[2 * node + 1]!;
    return {
      trees,
      splits,
      values: core.read("f64", values, leafCount),
    };
  }

  /**
   * Mean of each app's trees for each configuration.
   * @param counts Row-major, rows x apps.
   * @returns Row-major, rows x apps; 0 if the app is absent.
   * @throws {ShapeError} if `counts` has another length.
   */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.#predict(counts, rows, false);
  }

  /**
   * Standard deviation over each app's trees for each configuration: how much trees disagree.
   * @returns Laid out as {@link Trees.predict}.
   * @throws {ShapeError} if `counts` has another length.
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
    const core = coreOf(this);
    const { makeFeatures, predictTrees } = core.functions;
    core.lend(
      [["u8", chunk * apps], ["u8", chunk * padded], ["f64", chunk * apps]],
      (countsAt, featuresAt, out) => {
        for (let first = 0; first < rows; first += chunk) {
          const part = Math.min(chunk, rows - first);
          core.view("u8", countsAt, part * apps)
            .set(counts.subarray(first * apps, (first + part) * apps));
          const set = FEATURE_SETS[this.features];
          makeFeatures(countsAt, part, apps, set, padded, featuresAt);
          this.#ensembles.forEach(({ nodes, values, roots, trees }, app) => {
            const column = out + app * 8;
            predictTrees({
              nodes,
              values,
              roots,
              trees,
              features: featuresAt,
              rows: part,
              paddedFeatures: padded,
              app,
              out: column,
              outStride: apps,
              squares,
            });
          });
          predicted.set(core.view("f64", out, part * apps), first * apps);
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
    const core = coreOf(this);
    core.lend([["f64", configurations]], (sums) => {
      this.#ensembles.forEach((ensemble, app) => {
        this.#sumSpace(app, capacity, configurations, sums);
        const column = core.view("f64", sums, configurations);
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
    const core = coreOf(this);
    return core.lend([["f64", configurations], ["f64", configurations]], (sums, throughput) => {
      const { addThroughput } = core.functions;
      this.#ensembles.forEach(({ trees }, app) => {
        this.#sumSpace(app, capacity, configurations, sums);
        addThroughput(sums, trees, this.apps, capacity, app, throughput);
        onProgress?.((app + 1) / this.apps);
      });
      return core.read("f64", throughput, configurations);
    });
  }

  #sumSpace(app: number, capacity: number, configurations: number, out: Address): void {
    const { nodes, values, roots, trees } = this.#ensembles[app]!;
    functionsOf(this).sumSpace({
      nodes,
      values,
      roots,
      trees,
      featureSet: FEATURE_SETS[this.features],
      apps: this.apps,
      capacity,
      app,
      configurations,
      out,
    });
  }
}
