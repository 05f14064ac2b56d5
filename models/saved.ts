import * as v from "valibot";
import { InputError, type InterferenceModel, parseJson } from "../domain/mod.ts";
import type { TreeArrays } from "../sim-wasm/models/tree_arrays.ts";
import { Trees } from "../sim-wasm/models/trees.ts";
import { decodeArray, type Element, type ElementArray, encodeArray } from "./base64.ts";
import { EnsembleModel } from "./ensemble.ts";
import { GaussianModel } from "./gaussian.ts";
import type { Measurements } from "./measurements.ts";
import { PairwiseModel } from "./pairwise.ts";
import { PooledModel } from "./pooled.ts";
import { TableModel } from "./table.ts";
import { ArrangedModel, arrangeModel } from "./arranged.ts";
import { TransferModel } from "./transfer.ts";
import {
  arrangedSchema,
  ensembleSchema,
  gaussianSchema,
  MODEL_FORMAT,
  MODEL_VERSION,
  pairwiseSchema,
  pooledSchema,
  type SavedModel,
  tableSchema,
  transferSchema,
  treeModelSchema,
} from "./saved_forms.ts";
import { TreeModel } from "./tree_model.ts";

/** Far above any normalised RPS: sums of such are finite. */
const MOST_RPS = 1e9;

/** Far above any time per request, alone 1: sums of such are finite. */
const MOST_TIME = 1e9;

/** Most models of node classes in each other: one learned from one that was learned from others is enough. */
const MOST_CLASSES = 3;

/**
 * A fitted model as JSON text: `{format, version, kind, apps, ...}`, arrays as base64 of
 * little-endian elements. Loading it gives bit-identical predictions.
 * @throws {InputError} for a kind of model that cannot be saved.
 */
export function saveModel(model: InterferenceModel): string {
  return JSON.stringify(toSaved(model)) + "\n";
}

function toSaved(model: InterferenceModel): SavedModel {
  const head = {
    format: MODEL_FORMAT as typeof MODEL_FORMAT,
    version: MODEL_VERSION as typeof MODEL_VERSION,
    apps: [...model.apps],
  };
  if (model instanceof TreeModel) {
    const ensembles = model.arrays().map(({ trees, splits, values }) => ({
      trees,
      splits: encodeArray("u32", splits),
      values: encodeArray("f64", values),
    }));
    return {
      ...head,
      kind: model.kind,
      features: model.trees.features,
      ensembles,
      ...(model.residuals.length > 0 ? { residuals: [...model.residuals] } : {}),
    };
  }
  if (model instanceof TableModel) {
    return {
      ...head,
      kind: "table",
      counts: encodeArray("u8", model.counts),
      rps: encodeArray("f64", model.rps),
      fallback: model.fallback === null ? null : toSaved(model.fallback),
    };
  }
  if (model instanceof PooledModel) {
    const { lengths, ...rest } = model.hyperparameters;
    return {
      ...head,
      kind: "pooled",
      capacity: model.capacity,
      ...savedMeasurements(model.measurements),
      hyperparameters: { lengths: [...lengths], ...rest },
    };
  }
  if (model instanceof PairwiseModel) {
    const { first, further } = model.formula;
    return {
      ...head,
      kind: "pairwise",
      first: encodeArray("f64", first),
      further: encodeArray("f64", further),
    };
  }
  if (model instanceof GaussianModel) {
    return {
      ...head,
      kind: "gaussian",
      capacity: model.capacity,
      ...savedMeasurements(model.measurements),
      hyperparameters: model.hyperparameters.map(({ logLengths, logNoise }) => ({
        logLengths: [...logLengths],
        logNoise,
      })),
    };
  }
  if (model instanceof EnsembleModel) {
    const members = model.members.map(({ weight, model }) => ({ weight, model: toSaved(model) }));
    return { ...head, kind: "auto", members };
  }
  if (model instanceof TransferModel) {
    return {
      ...head,
      kind: "transfer",
      ...savedMeasurements(model.measurements),
      sources: model.sources.map(toSaved),
      hyperparameters: { ...model.hyperparameters },
    };
  }
  if (model instanceof ArrangedModel) {
    return { ...head, kind: "arranged", speed: [...model.speed], model: toSaved(model.model) };
  }
  throw new InputError(`Models of kind ${model.kind} cannot be saved`);
}

function savedMeasurements(
  { counts, rps, repeats }: Measurements,
): { counts: string; rps: string; repeats: string } {
  return {
    counts: encodeArray("u8", counts),
    rps: encodeArray("f64", rps),
    repeats: encodeArray("f64", repeats),
  };
}

/**
 * The model in a text that {@link saveModel} made.
 * @param file Name of the file that the text is from, for messages.
 * @throws {InputError} in one line, for anything that is no sound model of this version.
 */
export function loadModel(text: string, file: string): InterferenceModel {
  const saved = parseJson(text, file);
  try {
    return fromSaved(saved, WHOLE);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${file}: ${error.message}`, { cause: error });
  }
}

/** How a saved model lies in others. */
interface Nesting {
  /** Tables and ensembles around it, since the last whole model. */
  readonly depth: number;
  /** Models of other node classes around it: each begins a whole model of its own. */
  readonly classes: number;
}
const WHOLE: Nesting = { depth: 0, classes: 0 };

function deeper({ depth, classes }: Nesting): Nesting {
  return { depth: depth + 1, classes };
}

/** Of the model of another node class. @throws {InputError} if there are too many in each other. */
function otherClass({ classes }: Nesting): Nesting {
  if (classes >= MOST_CLASSES) {
    throw new InputError(`more than ${MOST_CLASSES} models of node classes in each other`);
  }
  return { depth: 0, classes: classes + 1 };
}

function fromSaved(saved: unknown, nesting: Nesting): InterferenceModel {
  const { format, version, kind } = (saved ?? {}) as Readonly<Record<string, unknown>>;
  if (format !== MODEL_FORMAT) {
    throw new InputError(`not a saved model: its format is not "${MODEL_FORMAT}"`);
  }
  if (version !== MODEL_VERSION) {
    throw new InputError(
      `saved model of version ${
        JSON.stringify(version)
      }, this release reads version ${MODEL_VERSION}: fit it again`,
    );
  }
  if (kind === "table") return tableFrom(saved, nesting);
  if (kind === "transfer") return transferFrom(saved, nesting);
  if (kind === "arranged") return arrangedFrom(saved, nesting);
  if (kind === "gaussian") return gaussianFrom(saved);
  if (kind === "pooled") return pooledFrom(saved);
  if (kind === "pairwise") return pairwiseFrom(saved);
  if (kind === "auto") return ensembleFrom(saved, nesting);
  return treesFrom(saved);
}

function treesFrom(saved: unknown): TreeModel {
  const { kind, apps, features, ensembles, residuals } = check(treeModelSchema, saved);
  if (ensembles.length !== apps.length) {
    throw new InputError(`${ensembles.length} ensembles of trees for ${apps.length} apps`);
  }
  if (residuals !== undefined && residuals.length !== apps.length) {
    throw new InputError(`${residuals.length} residuals for ${apps.length} apps`);
  }
  const arrays = ensembles.map(({ trees, splits, values: text }, app): TreeArrays => {
    const values = decode("f64", text, `ensembles.${app}.values`);
    // Boosted trees correct each other: theirs may be below 0.
    const least = kind === "boosting" ? -MOST_RPS : 0;
    if (!values.every((value) => value >= least && value <= MOST_RPS)) {
      throw new InputError(
        `field ensembles.${app}.values must hold RPS of ${least} to ${MOST_RPS}`,
      );
    }
    return { trees, splits: decode("u32", splits, `ensembles.${app}.splits`), values };
  });
  return new TreeModel(kind, apps, Trees.load(features, arrays), residuals);
}

function tableFrom(saved: unknown, nesting: Nesting): TableModel {
  const { apps, counts: countsText, rps: rpsText, fallback } = check(tableSchema, saved);
  if (nesting.depth > 0) throw new InputError("a table cannot be the fallback of a table");
  const counts = decode("u8", countsText, "counts");
  const rps = decode("f64", rpsText, "rps");
  if (counts.length % apps.length !== 0 || rps.length !== counts.length) {
    throw new InputError(
      `${counts.length} counts and ${rps.length} RPS are not a table of ${apps.length} apps`,
    );
  }
  if (
    // A table does not keep the sign of 0: a file that has one says something else.
    !rps.every((value, at) =>
      value >= 0 && !Object.is(value, -0) && value < Infinity && (counts[at]! > 0 || value === 0)
    )
  ) {
    throw new InputError("field rps must hold finite numbers, 0 or more, and 0 for absent apps");
  }
  const rows = counts.length / apps.length;
  const model = new TableModel(
    { apps, rows, counts, rps },
    fallback === null ? null : fromSaved(fallback, deeper(nesting)),
  );
  if (model.rows !== rows) throw new InputError("the table has repeated or empty configurations");
  return model;
}

function gaussianFrom(saved: unknown): GaussianModel {
  const { apps, capacity, hyperparameters, ...texts } = check(gaussianSchema, saved);
  const measurements = measurementsFrom(apps, texts);
  if (
    hyperparameters.length !== apps.length ||
    hyperparameters.some(({ logLengths }) => logLengths.length !== apps.length + 1)
  ) {
    throw new InputError(`field hyperparameters does not fit ${apps.length} apps`);
  }
  return new GaussianModel(measurements, hyperparameters, capacity);
}

function pooledFrom(saved: unknown): PooledModel {
  const { apps, capacity, hyperparameters, ...texts } = check(pooledSchema, saved);
  if (hyperparameters.lengths.length !== apps.length) {
    throw new InputError(`field hyperparameters does not fit ${apps.length} apps`);
  }
  return new PooledModel(measurementsFrom(apps, texts), hyperparameters, capacity);
}

function pairwiseFrom(saved: unknown): PairwiseModel {
  const { apps, ...texts } = check(pairwiseSchema, saved);
  const [first, further] = (["first", "further"] as const).map((field) => {
    const terms = decode("f64", texts[field], field);
    const least = field === "further" ? 0 : -MOST_TIME;
    if (terms.length !== apps.length ** 2) {
      throw new InputError(`field ${field} holds ${terms.length} terms for ${apps.length} apps`);
    }
    if (!terms.every((term) => term >= least && term <= MOST_TIME)) {
      throw new InputError(`field ${field} must hold times of ${least} to ${MOST_TIME}`);
    }
    return terms;
  });
  return new PairwiseModel(apps, { first: first!, further: further! });
}

/** The measurements that a saved process is conditioned on; every app is in at least one. */
function measurementsFrom(
  apps: readonly string[],
  texts: { readonly counts: string; readonly rps: string; readonly repeats: string },
): Measurements {
  const counts = decode("u8", texts.counts, "counts");
  const rps = decode("f64", texts.rps, "rps");
  const repeats = decode("f64", texts.repeats, "repeats");
  const rows = repeats.length;
  if (counts.length !== rows * apps.length || rps.length !== counts.length) {
    throw new InputError(
      `${counts.length} counts, ${rps.length} RPS and ${rows} repeats do not belong together`,
    );
  }
  if (!rps.every((value) => value >= 0 && value < Infinity)) {
    throw new InputError("field rps must hold finite numbers, 0 or more");
  }
  if (!repeats.every((count) => count >= 1 && count < Infinity)) {
    throw new InputError("field repeats must hold finite numbers, at least 1");
  }
  apps.forEach((name, app) => {
    for (let row = 0; row < rows; row++) if (counts[row * apps.length + app] !== 0) return;
    throw new InputError(`no measurement holds ${name}`);
  });
  return { apps, rows, counts, rps, repeats };
}

function transferFrom(saved: unknown, nesting: Nesting): TransferModel {
  const { apps, sources, hyperparameters, ...texts } = check(transferSchema, saved);
  const models = sources.map((source) => fromSaved(source, otherClass(nesting)));
  return new TransferModel(measurementsFrom(apps, texts), models, hyperparameters);
}

function arrangedFrom(saved: unknown, nesting: Nesting): InterferenceModel {
  const { apps, speed, model: text } = check(arrangedSchema, saved);
  const model = fromSaved(text, otherClass(nesting));
  if (speed.length !== apps.length) {
    throw new InputError(`${speed.length} speeds for ${apps.length} apps`);
  }
  const stranger = apps.find((app) => !model.apps.includes(app));
  if (stranger !== undefined) throw new InputError(`the arranged model knows no ${stranger}`);
  return arrangeModel(model, {
    apps,
    speed: Object.fromEntries(apps.map((app, at) => [app, speed[at]!])),
  });
}

function ensembleFrom(saved: unknown, nesting: Nesting): EnsembleModel {
  const { apps, members: texts } = check(ensembleSchema, saved);
  if (nesting.depth > 1) throw new InputError("an ensemble cannot be a member of another");
  const members = texts.map(({ weight, model: text }) => {
    const { kind } = (text ?? {}) as Readonly<Record<string, unknown>>;
    if (kind === "auto" || kind === "table") {
      throw new InputError(`a model of kind ${kind} cannot be a member of an ensemble`);
    }
    const model = fromSaved(text, deeper(nesting));
    if (model.apps.join("\n") !== apps.join("\n")) {
      throw new InputError(`a member has other apps: ${model.apps.join(", ")}`);
    }
    return { model, weight };
  });
  return new EnsembleModel(members, "auto");
}

function decode<T extends Element>(type: T, text: string, field: string): ElementArray<T> {
  const elements = decodeArray(type, text);
  if (elements === null) throw new InputError(`field ${field} is not base64 of ${type} elements`);
  return elements;
}

function check<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new InputError(`field ${v.getDotPath(issue) ?? "(top)"}: ${issue.message}`);
}
