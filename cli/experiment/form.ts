/**
 * The file of an experiment: which schedulers place which demands where.
 * @module
 */
import * as v from "valibot";
import type { Demand } from "../../domain/mod.ts";
import { nodeClassSchema } from "../../scheduling/plans/plan.ts";
import { record } from "../../scheduling/plans/forms.ts";

/** What something is called. */
export const name = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
/** Whole number of 32 bits. */
export const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4294967295));
/** A time limit. */
export const seconds = v.pipe(v.number(), v.gtValue(0));
/** Different seeds, at least one. */
export const seeds = v.pipe(
  v.array(whole),
  v.minLength(1),
  v.check((values) => new Set(values).size === values.length, "must be different"),
);
const parameters = record(v.string(), v.union([v.string(), v.number(), v.boolean()]));

/** Where throughput is known from. */
export const surfaceSchema = v.union([
  v.strictObject({ table: name, fallback: v.optional(name) }),
  v.strictObject({ profile: name, fit: v.optional(name) }),
  v.strictObject({ model: name }),
  v.strictObject({ bundled: name, fit: v.optional(name) }),
], "must be one of {table}, {profile, fit}, {model}, {bundled, fit}");

const demandsSchema = v.union([
  v.strictObject({ name, file: name, rows: v.optional(v.string()) }),
  v.strictObject({ name, bundled: name, rows: v.optional(v.string()) }),
  v.strictObject({
    name,
    containers: v.pipe(whole, v.minValue(1)),
    draws: v.pipe(whole, v.minValue(1), v.maxValue(10000)),
    seed: whole,
  }),
], "must be {name, file, rows}, {name, bundled, rows} or {name, containers, draws, seed}");

const schedulerSchema = v.union([
  name,
  v.strictObject({
    scheduler: name,
    label: v.optional(name),
    parameters: v.optional(parameters, {}),
    timeLimit: v.optional(seconds),
    gap: v.optional(v.pipe(v.number(), v.minValue(0), v.ltValue(1))),
    seeds: v.optional(seeds),
  }),
], "must be a name or {scheduler, label, parameters, timeLimit, gap, seeds}");

/** Nodes. */
export const clusterSchema = v.union([
  v.strictObject({
    nodes: v.pipe(whole, v.minValue(1)),
    capacity: v.pipe(whole, v.minValue(1), v.maxValue(255)),
  }),
  v.pipe(v.array(nodeClassSchema), v.minLength(1)),
], "must be {nodes, capacity} or a list of node classes");

/** Name of an experiment: also of its folder. */
export const experimentName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{1,60}$/, "must be letters, digits, . _ -"),
);

const demandSets = v.pipe(v.array(demandsSchema), v.minLength(1));

const commonEntries = {
  name: experimentName,
  title: v.optional(v.string()),
  constraints: v.optional(name),
  schedulers: v.pipe(v.array(schedulerSchema), v.minLength(1)),
  seeds: v.optional(seeds, [1]),
  timeLimit: v.optional(seconds),
  bound: v.optional(v.picklist(["optimal", "lp", "none"]), "optimal"),
  boundTimeLimit: v.optional(seconds, 20),
};

/** An experiment on a problem file: nodes, resources, rules and surfaces are the file's. */
const problemExperimentSchema = v.strictObject({
  ...commonEntries,
  problem: name,
  demands: v.optional(demandSets),
});

/** An experiment that says nodes, surface and demands itself. */
const ownExperimentSchema = v.strictObject({
  ...commonEntries,
  surface: surfaceSchema,
  cluster: clusterSchema,
  demands: demandSets,
});

/** Form of the file. */
export const experimentSchema = v.lazy((file) =>
  typeof file === "object" && file !== null && "problem" in file
    ? problemExperimentSchema
    : ownExperimentSchema
);
/** Name of the set of the demand of a problem file. */
export const OWN_SET = "problem";

/** Names of the sets of demands: an experiment on a problem file that names none has the file's own demand. */
export function setNames({ demands }: Pick<ExperimentFile, "demands">): readonly string[] {
  return demands?.map(({ name }) => name) ?? [OWN_SET];
}

/** The file as read. */
export type ExperimentFile = v.InferOutput<typeof experimentSchema>;

/** What an experiment says where it names no problem file. */
export type OwnExperimentFile = v.InferOutput<typeof ownExperimentSchema>;

/** Demands with what they are called in tables. */
export interface DemandSet {
  readonly name: string;
  readonly rows: readonly { readonly row: number; readonly demand: Demand }[];
}

/** A scheduler as the experiment runs it. */
export interface Contender {
  /** What it is called in tables; unique. */
  readonly label: string;
  readonly scheduler: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly timeLimit?: number;
  readonly gap?: number;
  readonly seeds: readonly number[];
}
