/**
 * What the journal of a profile holds: one JSON value a line, in the order of time.
 * @module
 */
import * as v from "valibot";
import { record } from "../../scheduling/plans/forms.ts";

/** Format of journals that this program writes. */
export const JOURNAL_VERSION = 1;

const text = v.string();
const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
const maybe = v.nullable(amount);
const counts = v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)));

/** One container in one measurement. */
const repeatSchema = v.strictObject({
  /** Requests per second. */
  rps: amount,
  /** Latencies in milliseconds; null if nothing was answered. */
  p50: maybe,
  p99: maybe,
  requests: amount,
  errors: record(v.string(), amount),
});

const containerSchema = v.strictObject({
  slot: v.pipe(v.number(), v.integer(), v.minValue(0)),
  app: text,
  repeats: v.array(repeatSchema),
});

const loadSchema = v.strictObject({
  users: amount,
  wait: v.strictTuple([amount, amount]),
  warmUp: amount,
  duration: amount,
  repeats: amount,
  timeLimit: amount,
});

/** The first line: what is measured, and how. */
export const headerSchema = v.strictObject({
  kind: v.literal("header"),
  format: v.literal("metis-profile-journal"),
  version: v.number(),
  at: text,
  apps: v.pipe(v.array(text), v.minLength(1)),
  capacity: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(255)),
  load: loadSchema,
  /** SHA-256 of what runs as each app, with the limits of a container. */
  services: text,
  /** Versions of what measured. */
  versions: record(v.string(), text),
});

/** One configuration on one node, loaded once; a run of a single container is a solo run. */
export const runSchema = v.strictObject({
  kind: v.literal("run"),
  at: text,
  node: text,
  /** Containers of each app. */
  counts,
  /** Which try at this configuration it was, from 1. */
  attempt: amount,
  /** Of deploying, warming up and measuring. */
  seconds: amount,
  containers: v.array(containerSchema),
  verdict: v.picklist(["good", "unsteady", "void"]),
  /** Why it is not good, or null. */
  reason: v.nullable(text),
  /** Containers that differ from the others of their app, in words. */
  outliers: v.array(text),
});

/** A configuration that was given up. */
export const missingSchema = v.strictObject({
  kind: v.literal("missing"),
  at: text,
  node: text,
  counts,
  reason: text,
});

/** A line after the header. */
export const entrySchema = v.variant("kind", [runSchema, missingSchema]);

/** The first line of the journal of a verification: which plans are deployed, and how they are loaded. */
export const verifyHeaderSchema = v.strictObject({
  kind: v.literal("header"),
  format: v.literal("metis-verify-journal"),
  version: v.number(),
  at: text,
  /** Plan files, each with the SHA-256 of what it deploys. */
  plans: v.pipe(v.array(v.strictObject({ file: text, deploys: text })), v.minLength(1)),
  load: loadSchema,
  /** As in {@link headerSchema}. */
  services: text,
});

/** A plan, deployed and loaded once. */
export const measuredSchema = v.strictObject({
  kind: v.literal("measured"),
  at: text,
  /** Index of the plan in the header, and which time it was deployed, from 1. */
  plan: v.pipe(v.number(), v.integer(), v.minValue(0)),
  round: v.pipe(v.number(), v.integer(), v.minValue(1)),
  containers: v.array(v.strictObject({ ...containerSchema.entries, node: text })),
});

/** A line after the header: apps that ran alone stand there as in the journal of a profile. */
export const verifyEntrySchema = v.variant("kind", [measuredSchema, runSchema, missingSchema]);

/** See {@link headerSchema}. */
export type Header = v.InferOutput<typeof headerSchema>;
/** See {@link runSchema}. */
export type Run = v.InferOutput<typeof runSchema>;
/** See {@link missingSchema}. */
export type Missing = v.InferOutput<typeof missingSchema>;
/** One container of a run. */
export type ContainerRun = v.InferOutput<typeof containerSchema>;
/** A line after the header. */
export type Entry = Run | Missing;
/** See {@link verifyHeaderSchema}. */
export type VerifyHeader = v.InferOutput<typeof verifyHeaderSchema>;
/** See {@link verifyEntrySchema}. */
export type VerifyEntry = v.InferOutput<typeof verifyEntrySchema>;
