/**
 * Readers of what is planned and learned: plans, clusters, saved models, policies.
 * @module
 */
import { memoryContext } from "../../cli/_testing.ts";
import { loadPlan } from "../../cli/options/mod.ts";
import { loadCluster } from "../../cli/options/mod.ts";
import { Talk } from "../../cli/output/progress.ts";
import {
  decodeText,
  type InterferenceModel,
  nodeCount,
  type Profile,
  Random,
} from "../../domain/mod.ts";
import { EnsembleModel } from "../../models/ensemble.ts";
import { fitModel, loadModel, saveModel } from "../../models/mod.ts";
import { TableModel } from "../../models/table.ts";
import { TreeModel } from "../../models/tree_model.ts";
import { sha256, utf8 } from "../../policies/checkpoint/bytes.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  MANIFEST_FILE,
} from "../../policies/checkpoint/checkpoint.ts";
import { readManifest } from "../../policies/checkpoint/manifest.ts";
import { readLayersModel, writeLayersModel } from "../../policies/checkpoint/model_json.ts";
import { readState, writeState } from "../../policies/checkpoint/state.ts";
import { createNetwork } from "../../policies/learning/network.ts";
import { planOfPlacement } from "../../scheduling/plans/plan.ts";
import { LEAF } from "../../sim-wasm/models/tree_arrays.ts";
import { editJson } from "./edit_json.ts";
import { editText } from "./edit_text.ts";
import { mutate } from "./mutate.ts";
import { differenceOf, lostOf, naiveJson, naiveText } from "./naive.ts";
import type { Reader } from "./reader.ts";

const FILE = "given.json";

const bytesOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

/** What is lost of a JSON file whose value is kept so. */
function lost(file: Uint8Array, kept: unknown, unread: readonly string[] = []): string | null {
  const text = naiveText(file);
  const written = text === null ? null : naiveJson(text);
  return written === null ? "what is no JSON in UTF-8 was read" : lostOf(written, kept, unread);
}

const CLASSES = [
  { name: "small", capacity: 4, count: 3, labels: { disk: "ssd", zone: "a" }, failureDomain: "r1" },
  { capacity: 8, count: 2 },
];

const cluster: Reader = {
  name: "cluster-json",
  form: "json",
  place: FILE,
  samples: [bytesOf(CLASSES), bytesOf([{ capacity: 8, count: 3, failureDomain: null }])],
  async accept(file) {
    const context = memoryContext({ files: { [FILE]: file } });
    const read = await loadCluster(context, new Talk(context, true), { cluster: FILE });
    if (nodeCount(read) > 10_000_000) return `${nodeCount(read)} nodes`;
    const names = read.nodeClasses.map(({ name }) => name);
    return new Set(names).size < names.length
      ? "two classes of one name"
      : lost(file, read.nodeClasses);
  },
};

const PLAN = {
  format: "metis-plan",
  version: 1,
  scheduler: "optimal",
  seed: 1,
  parameters: {},
  apps: ["redis", "mms", "isr"],
  nodes: 3,
  capacity: 4,
  cluster: [{ name: "node", capacity: 4, count: 3, labels: {}, failureDomain: null }],
  demand: [3, 2, 1],
  rules: { maxPerNode: { redis: 2 }, apart: [["mms", "isr"]], fencedNodes: [2] },
  mean: 0.91,
  bound: 0.92,
  gap: 0.01,
  proven: false,
  placement: [[2, 2, 0], [1, 0, 1], [0, 0, 0]],
  seconds: 0.1,
  details: {},
};
/** Fields of a plan that tell of how it was made. */
const REPORTED = [
  ...["seed", "parameters", "total", "perApp", "worst", "bound", "gap", "proven", "seconds"],
  ...["surface", "objective", "worstBound", "p99", "p99Limits", "floors"],
  ...["fairness", "fairnessBound", "weights", "weightedMean", "weightedBound"],
  ...["violations", "violationRatio"],
  ...["measuredShare", "nearShare", "extrapolatedShare", "meanLow", "meanHigh", "risk"],
  // An older file may say a newer version that is known: it is read as that.
  ...["provenUnder", "breakdown", "details", "version"],
].map((name) => `.${name}`);

const plan: Reader = {
  name: "plan-json",
  form: "json",
  place: FILE,
  samples: [bytesOf(PLAN), bytesOf({ apps: ["a", "b"], placement: [[1, 2], [0, 1]] })],
  async accept(file) {
    const context = memoryContext({ files: { [FILE]: file } });
    const { problem, placement, scheduler, predicted } = await loadPlan(context, FILE);
    const { apps, demand, rules, cluster } = problem;
    const rows = planOfPlacement(problem, placement).placement;
    if (new Set(apps).size < apps.length) return "two apps of one name";
    const capacities = cluster.nodeClasses.flatMap(({ capacity, count }) =>
      Array.from({ length: count }, () => capacity)
    );
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    const overfull = rows.findIndex((row, node) => sum(row) > capacities[node]!);
    if (overfull >= 0 || rows.length !== capacities.length) return `node ${overfull} is overfull`;
    const short = apps.findIndex((_, app) => sum(rows.map((row) => row[app]!)) !== demand[app]);
    if (short >= 0) return `not all of ${apps[short]} is placed`;
    for (const [node, row] of rows.entries()) {
      if (rules.fencedNodes.includes(node) && sum(row) > 0) return `node ${node} is fenced`;
      if (rules.apart.some(([a, b]) => row[a]! > 0 && row[b]! > 0)) return "apart are together";
      if (row.some((count, app) => count > (rules.maxPerNode[app] ?? 255))) return "above a limit";
    }
    const kept = { format: "metis-plan", scheduler, mean: predicted };
    return lost(file, { ...planOfPlacement(problem, placement), ...kept }, REPORTED);
  },
};

const PROFILE: Profile = {
  apps: ["a", "b"],
  rows: 5,
  counts: Uint8Array.of(1, 0, 0, 1, 1, 1, 2, 1, 2, 0),
  rps: Float64Array.of(1, NaN, NaN, 1, 0.9, 0.8, 0.7, 0.75, 0.85, NaN),
};
/** Not within a table of the rows: each kind of model is a file of its own, too. */
const ALONE = { seed: 1, trustMeasured: false } as const;
const WIDE = 4096;
/** The smallest of each kind: trees of a fit are many. */
const models: readonly string[] = [
  ...["forest", "boosting", "gaussian", "pooled"].map((kind) =>
    withFewTrees(saveModel(fitModel(kind, PROFILE, ALONE)))
  ),
  saveModel(new TableModel(PROFILE, fitModel("gaussian", PROFILE, ALONE))),
  saveModel(
    new EnsembleModel([
      { model: fitModel("gaussian", PROFILE, ALONE), weight: 0.5 },
      { model: fitModel("pooled", PROFILE, ALONE), weight: 0.5 },
    ], "auto"),
  ),
];

/** A saved model of two trees an app: each one split. */
function withFewTrees(text: string): string {
  const saved = JSON.parse(text);
  if (saved.ensembles === undefined || text.length < WIDE) return text;
  const base64 = (array: Uint32Array | Float64Array) =>
    btoa(String.fromCharCode(...new Uint8Array(array.buffer)));
  saved.ensembles = saved.apps.map(() => ({
    trees: 2,
    splits: base64(Uint32Array.of(65536, LEAF, LEAF, LEAF)),
    values: base64(Float64Array.of(0.5, 0.75, 0.9)),
  }));
  return JSON.stringify(saved);
}

function disposeOf(model: InterferenceModel): void {
  if (model instanceof TreeModel) model.trees.dispose();
  if (model instanceof TableModel && model.fallback !== null) disposeOf(model.fallback);
  if (model instanceof EnsembleModel) model.members.forEach((member) => disposeOf(member.model));
}

const savedModel: Reader = {
  name: "model-json",
  form: "json",
  place: FILE,
  samples: models.map(bytesOf),
  accept(file) {
    const model = loadModel(decodeText(file, FILE), FILE);
    try {
      const width = model.apps.length;
      const counts = new Uint8Array(width);
      counts[0] = 1;
      const rps = model instanceof TableModel && model.fallback === null
        ? model.rps
        : model.predict(counts, 1);
      // Boosted trees may be made to predict less than nothing: no single leaf is wrong.
      const least = model.kind === "boosting" ? -1e10 : 0;
      if (!rps.every((value) => value >= least && value < 1e10)) return `predicts ${rps}`;
      return lost(file, JSON.parse(saveModel(model)));
    } finally {
      disposeOf(model);
    }
  },
};

const network = createNetwork({
  name: "choice",
  inputs: 2,
  layers: [{ outputs: 3, activation: "tanh" }, { outputs: 1, activation: "linear" }],
  start: "glorot",
}, new Random(1));
const TRAINER = {
  values: { updates: 3, rate: 0.5, name: "adam", nested: { list: [1, 2, null], flag: true } },
  arrays: {
    moments: Float32Array.of(1, 2, 3),
    draws: Uint32Array.of(7, 8),
    steps: new Float64Array(1),
  },
};
const checkpoint: Checkpoint = {
  info: {
    kind: "metis",
    algorithm: "metis",
    apps: ["a", "b"],
    capacity: 8,
    nodes: 27,
    preset: null,
    surface: "ab".repeat(32),
    data: null,
    seed: 1,
    updates: 3,
    episodes: 9,
    options: { hidden: 32, levels: false, rule: "x", none: null },
    metrics: { "eval/gap": 0.006, "eval/seconds": null },
    versions: { metis: "0.2.0" },
    created: "2026-01-01",
  },
  networks: [network],
  trainer: TRAINER,
};
const PLACE = "given";
const parts = await encodeCheckpoint(checkpoint);
const paths = [...parts.keys()];
const decoded = await decodeCheckpoint((path) => Promise.resolve(parts.get(path)!), PLACE);

/** The files of a policy, one of them changed: the first byte says which. Every byte is under a SHA-256. */
const policyFiles: Reader = {
  name: "policy-files",
  form: "bytes",
  place: PLACE,
  samples: paths.map((path, at) => Uint8Array.of(at, ...parts.get(path)!)),
  mutate: (sample, random) => {
    const form = paths[sample]!.endsWith(".json") ? "json" : "bytes";
    const file = mutate(parts.get(paths[sample]!)!, form, random);
    const whole = new Uint8Array(file.length + 1);
    whole[0] = sample;
    whole.set(file, 1);
    return Promise.resolve(whole);
  },
  async accept(file) {
    const changed = paths[file[0]!];
    const read = await decodeCheckpoint(
      (path) => Promise.resolve(path === changed ? file.subarray(1) : parts.get(path)!),
      PLACE,
    );
    return differenceOf(read, decoded);
  },
};

const SEAL = ',\n  "sha256": "';
const MANIFEST = new TextDecoder().decode(parts.get(MANIFEST_FILE)!).split(SEAL)[0]! + "\n}";

/** The text of an object with its seal. */
async function sealed(text: string): Promise<Uint8Array> {
  const open = text.trimEnd().replace(/\s*\}$/, "");
  return utf8(`${open}${SEAL}${await sha256(utf8(open))}"\n}\n`);
}

const manifest: Reader = {
  name: "policy-manifest",
  form: "json",
  place: PLACE,
  samples: [await sealed(MANIFEST)],
  mutate: (_, random) => {
    const edit = random.below(5) === 0 ? editText : editJson;
    return sealed(edit(MANIFEST, random));
  },
  async accept(file) {
    const read = await readManifest(file, `${PLACE}/${MANIFEST_FILE}`);
    const whole = lost(file, read, [".sha256"]);
    if (whole !== null) return whole;
    const { networks } = await decodeCheckpoint(
      (path) =>
        Promise.resolve(path === MANIFEST_FILE ? file : parts.get(path) ?? new Uint8Array()),
      PLACE,
    );
    const names = networks.map(({ name }) => name);
    return new Set(names).size < names.length ? "two networks of one name" : null;
  },
};

const layers = writeLayersModel(network);
/** What TF.js wants to know, and we do not. */
const FOR_TFJS = [
  ...[".generatedBy", ".convertedBy", ".modelTopology.keras_version", ".modelTopology.backend"],
  ".modelTopology.config.name",
  ...["name", "trainable", "dtype", "kernel_initializer", "bias_initializer", "batch_input_shape"]
    .map((name) => `.modelTopology.config.layers.*.config.${name}`),
  ".weightsManifest.0.weights.*.name",
];

const layersModel: Reader = {
  name: "policy-network",
  form: "json",
  place: PLACE,
  samples: [layers.model],
  accept(file) {
    const read = readLayersModel(file, layers.weights, PLACE);
    const again = writeLayersModel(read);
    const text = new TextDecoder().decode(again.model);
    return lost(file, JSON.parse(text), FOR_TFJS) ??
      differenceOf(again.weights, layers.weights, "weights");
  },
};

const state = writeState(TRAINER);

const trainerState: Reader = {
  name: "trainer-state",
  form: "json",
  place: PLACE,
  samples: [state.json],
  accept(file) {
    const again = writeState(readState(file, state.bytes, PLACE));
    return lost(file, JSON.parse(new TextDecoder().decode(again.json))) ??
      differenceOf(again.bytes, state.bytes, "arrays");
  },
};

/** Readers of plans, clusters, saved models and policies. */
export const planReaders: readonly Reader[] = [
  cluster,
  plan,
  savedModel,
  policyFiles,
  manifest,
  layersModel,
  trainerState,
];
