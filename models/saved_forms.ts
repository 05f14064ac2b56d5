/**
 * Forms of saved models: what their JSON may hold.
 * @module
 */
import * as v from "valibot";

/** Name of the format of saved models. */
export const MODEL_FORMAT = "metis-model";

/** Version of the format that this release writes, and the only one that it reads. */
export const MODEL_VERSION = 1;

/** Most apps that counts and features allow. */
const MAX_APPS = 255;

const appsSchema = v.pipe(
  v.array(v.pipe(v.string(), v.nonEmpty("an app has no name"))),
  v.minLength(1, "there are no apps"),
  v.maxLength(MAX_APPS, `there are more than ${MAX_APPS} apps`),
  v.check((apps) => new Set(apps).size === apps.length, "two apps have the same name"),
);

/** What every saved model begins with. */
const head = {
  format: v.literal(MODEL_FORMAT),
  version: v.literal(MODEL_VERSION),
  apps: appsSchema,
};

const treesSchema = v.strictObject({
  trees: v.pipe(v.number(), v.integer(), v.minValue(1)),
  splits: v.string(),
  values: v.string(),
});

/** Trees for each app. */
export const treeModelSchema = v.strictObject({
  ...head,
  kind: v.picklist(["forest", "extra-trees", "boosting"]),
  features: v.picklist(["counts", "presence"]),
  residuals: v.optional(v.array(v.pipe(v.number(), v.finite(), v.minValue(0)))),
  ensembles: v.array(treesSchema),
});

/** Measured configurations, and a model for all others. */
export const tableSchema = v.strictObject({
  ...head,
  kind: v.literal("table"),
  counts: v.string(),
  rps: v.string(),
  fallback: v.nullable(v.unknown()),
});

/** A Gaussian process for each app. */
export const gaussianSchema = v.strictObject({
  ...head,
  kind: v.literal("gaussian"),
  capacity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(255)),
  counts: v.string(),
  rps: v.string(),
  repeats: v.string(),
  hyperparameters: v.array(v.strictObject({
    logLengths: v.array(v.pipe(v.number(), v.minValue(-10), v.maxValue(10))),
    logNoise: v.pipe(v.number(), v.minValue(-10), v.maxValue(10)),
  })),
});

/** Logarithms of what shapes a process. */
const logarithm = v.pipe(v.number(), v.minValue(-20), v.maxValue(20));

/** One process over all apps. */
export const pooledSchema = v.strictObject({
  ...head,
  kind: v.literal("pooled"),
  capacity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(255)),
  counts: v.string(),
  rps: v.string(),
  repeats: v.string(),
  hyperparameters: v.strictObject({
    lengths: v.array(logarithm),
    total: logarithm,
    own: logarithm,
    sharing: logarithm,
    trend: logarithm,
    noise: logarithm,
  }),
});

/** A term for every pair of apps. */
export const pairwiseSchema = v.strictObject({
  ...head,
  kind: v.literal("pairwise"),
  first: v.string(),
  further: v.string(),
});

/** What is learned from other classes of nodes. */
export const transferSchema = v.strictObject({
  ...head,
  kind: v.literal("transfer"),
  counts: v.string(),
  rps: v.string(),
  repeats: v.string(),
  sources: v.pipe(v.array(v.unknown()), v.minLength(1, "there are no sources")),
  hyperparameters: v.strictObject({
    level: logarithm,
    slope: logarithm,
    app: logarithm,
    company: logarithm,
    alike: logarithm,
    length: logarithm,
    noise: logarithm,
  }),
});

/** A model of some of its apps, at speeds of their own. */
export const arrangedSchema = v.strictObject({
  ...head,
  kind: v.literal("arranged"),
  speed: v.array(v.pipe(v.number(), v.gtValue(0), v.finite())),
  model: v.unknown(),
});

/** A mixture of models. */
export const ensembleSchema = v.strictObject({
  ...head,
  kind: v.literal("auto"),
  members: v.pipe(
    v.array(v.strictObject({
      weight: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
      model: v.unknown(),
    })),
    v.minLength(1, "there are no members"),
  ),
});

/** A saved model of any kind. */
export type SavedModel =
  | v.InferOutput<typeof treeModelSchema>
  | v.InferOutput<typeof tableSchema>
  | v.InferOutput<typeof gaussianSchema>
  | v.InferOutput<typeof pooledSchema>
  | v.InferOutput<typeof pairwiseSchema>
  | v.InferOutput<typeof transferSchema>
  | v.InferOutput<typeof arrangedSchema>
  | v.InferOutput<typeof ensembleSchema>;
