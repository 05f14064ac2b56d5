import * as v from "valibot";
import {
  aboutFile,
  checkCluster,
  checkPlacement,
  checkProblem,
  type Cluster,
  InputError,
  MAX_NODES,
  MetisError,
  parseJson,
  type Placement,
  placementFromRows,
  placementRows,
  type Problem,
  reservedProblem,
  type Resources,
  uniformCluster,
} from "../../domain/mod.ts";
import type { Grounds } from "../grounds.ts";
import type { Objective } from "../objective.ts";
import { name, record, wholeNumber } from "./forms.ts";
import { hasFurtherRules, namedRules, type PlanRules, rulesOf, rulesSchema } from "./plan_rules.ts";

/** Newest version of the format of plan files that this program knows. */
export const PLAN_VERSION = 3;

/**
 * Version of the format that a plan of a problem needs: 3 where its nodes have names, 2 where it speaks of resources,
 * surfaces of node classes, or rules on company, labels and failure domains; else 1, which older programs read too.
 */
export function planVersion(
  { cluster, rules, needs = [] }: Problem,
  nodeNames?: readonly string[],
): number {
  if (nodeNames !== undefined) return PLAN_VERSION;
  const speaksOfMore =
    cluster.nodeClasses.some(({ resources, surface = 0 }) =>
      resources !== undefined || surface > 0
    ) || needs.some((need) => Object.keys(need).length > 0) || hasFurtherRules(rules);
  return speaksOfMore ? 2 : 1;
}

const count = v.pipe(wholeNumber, v.maxValue(255));
const amounts = record(v.string(), v.pipe(v.number(), v.minValue(0)));

/** Form of a node class in a file: only `capacity` and `count` are needed; a misspelt key is refused. */
export const nodeClassSchema = v.strictObject({
  name: v.optional(name),
  capacity: v.pipe(wholeNumber, v.minValue(1), v.maxValue(255)),
  count: v.pipe(wholeNumber, v.minValue(1), v.maxValue(MAX_NODES)),
  labels: v.optional(record(v.string(), v.string()), {}),
  failureDomain: v.optional(v.nullable(v.string()), null),
  resources: v.exactOptional(amounts),
  surface: v.exactOptional(v.pipe(wholeNumber, v.maxValue(255))),
});

/** Fields that only report: they may be there, and are not looked at. */
const REPORTS = [
  ...["seed", "parameters", "total", "perApp", "worst", "bound", "gap", "proven", "seconds"],
  ...["surfaces", "objective", "worstBound", "p99", "p99Limits", "floors"],
  ...["fairness", "fairnessBound", "weights", "weightedMean", "weightedBound"],
  ...["violations", "violationRatio", "risk", "breakdown", "details"],
] as const;

const share = v.exactOptional(v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))));
const mean = v.exactOptional(v.nullable(v.pipe(v.number(), v.minValue(0))));

/** What the mean of a plan rests on: see Grounds. */
const groundsSchema = v.object({
  measuredShare: share,
  nearShare: share,
  extrapolatedShare: share,
  meanLow: mean,
  meanHigh: mean,
  provenUnder: v.exactOptional(v.picklist(["table", "model"])),
});

/** What is needed of a plan file to read it; a misspelt key is refused. */
const planSchema = v.strictObject({
  ...v.entriesFromList(REPORTS, v.optional(v.unknown())),
  ...groundsSchema.entries,
  format: v.optional(v.literal("metis-plan"), "metis-plan"),
  version: v.optional(v.pipe(wholeNumber, v.minValue(1)), PLAN_VERSION),
  scheduler: v.optional(v.string(), "unknown"),
  apps: v.pipe(v.array(name), v.minLength(1)),
  nodes: v.optional(wholeNumber),
  capacity: v.optional(v.pipe(wholeNumber, v.minValue(1), v.maxValue(255))),
  cluster: v.optional(v.array(nodeClassSchema)),
  demand: v.optional(v.array(wholeNumber)),
  needs: v.optional(v.array(amounts)),
  rules: v.optional(rulesSchema, {}),
  mean,
  nodeNames: v.exactOptional(v.array(name)),
  surface: v.optional(v.unknown()),
  placement: v.pipe(v.array(v.array(count)), v.minLength(1)),
});

/** What a plan says that it was valued by, where it says so in this form. */
const surfaceSchema = v.object({
  kind: v.string(),
  fallback: v.exactOptional(v.string()),
  source: v.string(),
});

/** How good a placement is, in the field names of `--json`. Throughputs are normalised RPS. */
export interface PlanValue {
  /** Total throughput per container. */
  readonly mean: number;
  /** Sum of the throughput of all nodes. */
  readonly total: number;
  /** Mean normalised RPS of the containers of each app; null if the demand has none. */
  readonly perApp: Readonly<Record<string, number | null>>;
  /** Normalised RPS of the slowest container, or null without containers. */
  readonly worst: number | null;
  /** Geometric mean of the normalised RPS of the containers, each as often as its app counts; null without containers. */
  readonly fairness: number | null;
  /** Proven upper bound on the mean of any placement, or null if none was asked for or found. */
  readonly bound: number | null;
  /** (bound - mean) / bound, or null without a bound. */
  readonly gap: number | null;
  /** True if the gap is proven to be 0 (within 1e-9). */
  readonly proven: boolean;
}

/** Nodes that hold the same, in the field names of `--json`. */
export interface NodeGroup {
  /** Indices of the nodes, ascending. */
  readonly nodes: readonly number[];
  /** Containers of each app on each of them. */
  readonly counts: readonly number[];
  /** Throughput of one of them, normalised RPS. */
  readonly throughput: number;
  /** Normalised RPS of one container of each app; null if the app is absent. */
  readonly rps: readonly (number | null)[];
}

/** The fields of `--json` about objective and latencies; only those that apply. */
export interface AimFields {
  /** What was made large, where it was not the throughput. */
  readonly objective?: Objective;
  /** Proven upper bound on `worst`; null if none was proven. */
  readonly worstBound?: number | null;
  /** Proven upper bound on `fairness`; null if none was proven. */
  readonly fairnessBound?: number | null;
  /** How often a container of each app counts, where not all count alike. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Mean of the normalised RPS of the containers, each as often as its app counts. */
  readonly weightedMean?: number;
  /** Proven upper bound on `weightedMean`; null if none was proven. */
  readonly weightedBound?: number | null;
  /** Per app: the highest 99th percentile latency of its containers in milliseconds; null if it has none. */
  readonly p99?: Readonly<Record<string, number | null>>;
  /** Milliseconds that were not to be exceeded, by app. */
  readonly p99Limits?: Readonly<Record<string, number>>;
  /** Normalised RPS that every container had to keep, by app. */
  readonly floors?: Readonly<Record<string, number>>;
}

/** What a placement was valued by, in the field names of `--json`. */
export interface PlanSurface {
  /** Kind of the model, or table. */
  readonly kind: string;
  /** Kind of model for what a table lacks. */
  readonly fallback?: string;
  /** File or dataset that it comes from. */
  readonly source: string;
}

/** A plan file, and what `metis schedule --json` prints. */
export interface Plan extends PlanValue, AimFields, Partial<Grounds> {
  /** Marks the file for what it is. */
  readonly format: "metis-plan";
  /** Version of the format. */
  readonly version: number;
  /** Name of the scheduler that placed. */
  readonly scheduler: string;
  /** Seed that it was given. */
  readonly seed: number;
  /** Parameters of the scheduler alone. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Names of the apps, in the order of all counts. */
  readonly apps: readonly string[];
  /** Number of nodes. */
  readonly nodes: number;
  /** Slots of the largest node. */
  readonly capacity: number;
  /** Kinds of nodes; nodes are numbered class after class. */
  readonly cluster: Cluster["nodeClasses"];
  /** Containers of each app. */
  readonly demand: readonly number[];
  /** What one container of each app takes, where any takes something. */
  readonly needs?: readonly Resources[];
  /** Rules that the placement keeps. */
  readonly rules: PlanRules;
  /** What the placement was valued by. */
  readonly surface: PlanSurface;
  /** What each surface of node classes is, where there are several: `surface` of a class is the index. */
  readonly surfaces?: readonly PlanSurface[];
  /** Names of the nodes, in their order, where they have names. */
  readonly nodeNames?: readonly string[];
  /** Nodes x apps: containers of each app on each node. */
  readonly placement: readonly (readonly number[])[];
  /** Deviations that it was planned below the mean, where any. */
  readonly risk?: number;
  /** Seconds that the scheduler took. */
  readonly seconds: number;
  /** How much constraints are broken, where there are any: see ViolationFields. */
  readonly violations?: number;
  /** Share of the constraints' worst case that is violated. */
  readonly violationRatio?: number;
  /** What nodes hold, with `--verbose`. */
  readonly breakdown?: readonly NodeGroup[];
  /** Figures of the scheduler alone. */
  readonly details: Readonly<Record<string, number | string | boolean>>;
}

/**
 * The fields of a plan that say what was asked and where everything went.
 * @param nodeNames Names of the nodes, where they have names.
 */
export function planOfPlacement(
  problem: Problem,
  placement: Placement,
  nodeNames?: readonly string[],
): Pick<
  Plan,
  | "apps"
  | "nodes"
  | "capacity"
  | "cluster"
  | "demand"
  | "needs"
  | "rules"
  | "nodeNames"
  | "placement"
> {
  const { apps, cluster, demand, needs = [], rules } = problem;
  return {
    apps,
    nodes: placement.nodes,
    capacity: Math.max(...cluster.nodeClasses.map(({ capacity }) => capacity)),
    cluster: cluster.nodeClasses,
    demand,
    ...(needs.some((need) => Object.keys(need).length > 0) ? { needs } : {}),
    rules: namedRules(rules, apps),
    ...(nodeNames === undefined ? {} : { nodeNames }),
    placement: placementRows(placement),
  };
}

/** The text of a plan file: JSON, one node per line, so that plans can be compared by line. */
export function planText(plan: Partial<Plan> & Pick<Plan, "placement">): string {
  const fields = Object.entries(plan).map(([key, value]) => {
    const text = key === "placement"
      ? `[\n    ${plan.placement.map((row) => JSON.stringify(row)).join(",\n    ")}\n  ]`
      : JSON.stringify(value);
    return `  ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${fields.join(",\n")}\n}\n`;
}

/** What a plan file asks for and where it puts everything. */
export interface ReadPlan {
  /** Name of the scheduler that placed, or unknown. */
  readonly scheduler: string;
  /** Total throughput per container that the plan was made with, or null if it does not say. */
  readonly predicted: number | null;
  /** What that rests on, as far as the file says. */
  readonly grounds: Partial<Grounds>;
  /** What was asked for. */
  readonly problem: Problem;
  /** Names of the nodes, where the file names them. */
  readonly nodeNames?: readonly string[];
  /** What it was valued by, as far as the file says. */
  readonly surface: PlanSurface | null;
  /** Where everything goes. */
  readonly placement: Placement;
}

/**
 * Reads a plan file. A plan by another program needs only `apps` and `placement`: capacity is then
 * the fullest node's, the demand what was placed. The placement keeps its own demand, capacities and rules.
 * @param text The file. @param file Its name, for messages.
 * @throws {InputError} naming the file and the field.
 */
export function readPlan(text: string, file: string): ReadPlan {
  const plan = checkJson(planSchema, text, file);
  if (plan.version > PLAN_VERSION) {
    throw new InputError(
      `${file}: version ${plan.version} of the plan format is newer than this program knows (${PLAN_VERSION})`,
    );
  }
  const { apps, placement: rows } = plan;
  rows.forEach((row, node) => {
    if (row.length !== apps.length) {
      throw new InputError(
        `${file}: placement[${node}] has ${row.length} counts, but there are ${apps.length} apps`,
      );
    }
  });
  if (plan.nodes !== undefined && plan.nodes !== rows.length) {
    throw new InputError(
      `${file}: nodes is ${plan.nodes}, but placement has ${rows.length} rows`,
    );
  }
  const largest = plan.cluster?.reduce((most, { capacity }) => Math.max(most, capacity), 0);
  if (plan.capacity !== undefined && largest !== undefined && plan.capacity !== largest) {
    throw new InputError(
      `${file}: capacity is ${plan.capacity}, but the largest node of cluster has ${largest} slots`,
    );
  }
  const inCluster = plan.cluster?.reduce((sum, { count }) => sum + count, 0);
  if (inCluster !== undefined && inCluster !== rows.length) {
    throw new InputError(
      `${file}: cluster has ${inCluster} nodes, but placement has ${rows.length} rows`,
    );
  }
  const { nodeNames } = plan;
  if (
    nodeNames !== undefined &&
    (new Set(nodeNames).size !== rows.length || nodeNames.length !== rows.length)
  ) {
    throw new InputError(
      `${file}: nodeNames must be ${rows.length} different names, one for each row of placement`,
    );
  }
  if (new Set(apps).size !== apps.length) {
    throw new InputError(`${file}: apps must have different names: ${apps.join(", ")}`);
  }
  for (const app of apps) {
    const reserved = reservedProblem(app);
    if (reserved !== null) throw new InputError(`${file}: apps: ${reserved}`);
  }
  if (plan.demand !== undefined && plan.demand.length !== apps.length) {
    throw new InputError(
      `${file}: demand has ${plan.demand.length} numbers, but there are ${apps.length} apps`,
    );
  }
  const sums = rows.map((row) => row.reduce((sum, value) => sum + value, 0));
  const fullest = sums.reduce((most, value) => Math.max(most, value), 1);
  const cluster = aboutFile(
    file,
    () =>
      plan.cluster === undefined
        ? uniformCluster(rows.length, plan.capacity ?? fullest)
        : checkCluster(clusterOf(plan.cluster)),
  );
  const placed = apps.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0));
  const demand = plan.demand ?? placed;
  const wrong = demand.findIndex((count, app) => count !== placed[app]);
  if (wrong >= 0) {
    throw new InputError(
      `${file}: demand asks for ${demand[wrong]} of ${apps[wrong]}, but placement holds ${
        placed[wrong]
      }`,
    );
  }
  const problem = {
    apps,
    cluster,
    demand,
    rules: rulesOf(plan.rules, apps, file),
    ...(plan.needs === undefined ? {} : { needs: plan.needs }),
  };
  const placement = placementFromRows(rows);
  try {
    checkProblem(problem);
    checkPlacement(problem, placement);
  } catch (error) {
    if (!(error instanceof MetisError)) throw error;
    throw new InputError(`${file}: ${error.message}`, { cause: error });
  }
  const grounds = v.parse(groundsSchema, plan);
  checkGrounds(grounds, placed.some((count) => count > 0), file);
  return {
    scheduler: plan.scheduler,
    predicted: plan.mean ?? null,
    grounds,
    problem,
    ...(nodeNames === undefined ? {} : { nodeNames }),
    surface: v.is(surfaceSchema, plan.surface) ? plan.surface : null,
    placement,
  };
}

/** @throws {InputError} where what the mean of a plan rests on contradicts itself. */
function checkGrounds(
  { measuredShare, nearShare, extrapolatedShare, meanLow, meanHigh }: v.InferOutput<
    typeof groundsSchema
  >,
  isUsed: boolean,
  file: string,
): void {
  if (meanLow != null && meanHigh != null && meanLow > meanHigh) {
    throw new InputError(`${file}: meanLow is ${meanLow}, but meanHigh is ${meanHigh}`);
  }
  if (measuredShare == null || nearShare == null || extrapolatedShare == null || !isUsed) return;
  const sum = measuredShare + nearShare + extrapolatedShare;
  if (Math.abs(sum - 1) > 1e-6) {
    throw new InputError(
      `${file}: measuredShare, nearShare and extrapolatedShare add up to ${sum}, not to 1`,
    );
  }
}

/** A cluster from checked node classes; classes without a name are numbered. */
export function clusterOf(classes: v.InferOutput<typeof nodeClassSchema>[]): Cluster {
  return {
    nodeClasses: classes.map((one, at) => ({ ...one, name: one.name ?? `class-${at}` })),
  };
}

/**
 * Parses JSON and checks its form.
 * @throws {InputError} naming the file and the first field that is wrong.
 */
export function checkJson<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
  file: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, parseJson(text, file), { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  throw new InputError(`${file}: ${path === null ? "" : `${path}: `}${plainly(issue)}`);
}

/** Kinds of values in plain words, by valibot's. */
const KINDS: Readonly<Record<string, string>> = {
  Array: "a list",
  Object: "keys with values",
  number: "a number",
  string: "a text",
  boolean: "true or false",
};

/** What is wrong, without the words of programmers. */
function plainly({ type, expected, message, received }: v.BaseIssue<unknown>): string {
  if (type === "strict_object" && expected === "never") return "this key is not known";
  if (message.startsWith("Invalid key: ")) return "is missing";
  const kind = message.startsWith("Invalid type: ") ? KINDS[expected ?? ""] : undefined;
  return kind === undefined ? message : `must be ${kind}: got ${KINDS[received] ?? received}`;
}
