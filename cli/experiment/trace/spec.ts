/**
 * The file of a trace experiment: what happens to a cluster over hours, and which policies place.
 * @module
 */
import * as v from "valibot";
import {
  type Cluster,
  drawEvenDemand,
  InputError,
  maxCapacity,
  NO_RULES,
  nodeCount,
  Random,
  suggest,
} from "../../../domain/mod.ts";
import type { Network } from "../../../policies/learning/network.ts";
import { loaderOf } from "../../../policies/universal/shipped.ts";
import { drawTrace, momentsOf, readTrace, type Trace } from "../../../replanning/trace/mod.ts";
import { problemOn, type Surface } from "../../../scheduling/mod.ts";
import { record } from "../../../scheduling/plans/forms.ts";
import { type CliContext, readText } from "../../context.ts";
import { commandPolicies } from "../../options/policies.ts";
import type { Talk } from "../../output/progress.ts";
import { clusterSchema, experimentName, name, seconds, seeds, surfaceSchema } from "../form.ts";
import { clusterOfFile, surfaceOf } from "../spec.ts";

const amount = v.pipe(v.number(), v.minValue(0));
const hours = v.pipe(v.number(), v.gtValue(0));

/** One value for all apps, or one for each. */
const byApp = v.union(
  [amount, record(v.string(), amount)],
  "must be a number, or an object of a number for each app",
);

const traceSchema = v.union([
  v.strictObject({ file: name }),
  v.strictObject({
    /** Length. */
    hours,
    /** Containers at 0 hours: by app, or in all, drawn evenly. */
    start: byApp,
    /** Containers that come in an hour on average: by app, or in all, evenly. */
    arrivals: byApp,
    /** Hours that a container stays on average; without it, they stay. */
    stay: v.optional(byApp),
    /** Hours from the return of a node to its failure on average; without it, none fails. */
    untilFailure: v.optional(hours),
    /** Hours from the failure of a node to its return on average. */
    untilReturn: v.optional(hours, 1),
  }),
], "must be {file} or {hours, start, arrivals, stay, untilFailure, untilReturn}");

const policySchema = v.union(
  [
    v.picklist(["greedy", "metis-online", "optimal"]),
    v.strictObject({
      policy: v.literal("optimal"),
      label: v.optional(name),
      /** "lp": the relaxation's bound, and its placement rounded. */
      effort: v.picklist(["lp", "optimal"]),
    }),
    v.strictObject({
      policy: v.literal("metis-online"),
      label: v.optional(name),
      /** Folder of a trained policy. */
      directory: name,
    }),
    v.strictObject({
      policy: v.literal("replan"),
      label: v.optional(name),
      movesPerHour: amount,
      everyHours: v.optional(hours, 1),
    }),
    v.strictObject({
      policy: v.literal("exchange"),
      label: v.optional(name),
      movesPerHour: hours,
    }),
  ],
  "must be greedy, metis-online, optimal, {policy: optimal, effort: lp, label}, {policy: metis-online, directory, label}, {policy: replan, movesPerHour, everyHours, label} or {policy: exchange, movesPerHour, label}",
);

/** Form of the file. */
export const traceExperimentSchema = v.strictObject({
  kind: v.literal("trace"),
  name: experimentName,
  title: v.optional(v.string()),
  surface: surfaceSchema,
  cluster: clusterSchema,
  trace: traceSchema,
  policies: v.pipe(v.array(policySchema), v.minLength(1)),
  /** One trace is drawn from each. */
  seeds: v.optional(seeds),
  /** Seconds that a policy may plan at each time. */
  timeLimit: v.optional(seconds, 10),
  /** Relative gap at which planning may stop. */
  gap: v.optional(v.pipe(v.number(), v.minValue(0), v.ltValue(1)), 0),
});

/** The file as read. */
export type TraceFile = v.InferOutput<typeof traceExperimentSchema>;

/** A policy as the experiment replays it. */
export interface TraceContender {
  /** What it is called in tables; unique. */
  readonly label: string;
  readonly policy: "exchange" | "greedy" | "metis-online" | "optimal" | "replan";
  /** Of `replan` and `exchange`. */
  readonly movesPerHour: number;
  /** Of `replan`. */
  readonly everyHours: number;
  /** Of `optimal`. */
  readonly effort: "lp" | "optimal";
  /** Of `metis-online`: the networks that place. */
  readonly networks: readonly Network[];
}

/** A trace with the seed that it is drawn from; 1 for one from a file. */
export interface SeededTrace {
  readonly seed: number;
  readonly trace: Trace;
}

/** A trace experiment with everything loaded and checked. */
export interface TraceExperiment {
  readonly file: TraceFile;
  readonly surface: Surface;
  readonly cluster: Cluster;
  readonly traces: readonly SeededTrace[];
  readonly contenders: readonly TraceContender[];
}

/** What policies are called, in the order of the file. */
export function labelsOf({ policies }: Pick<TraceFile, "policies">): string[] {
  return policies.map((given) => {
    if (typeof given === "string") return given;
    const usual = "movesPerHour" in given
      ? `${given.policy}, ${given.movesPerHour} an hour`
      : "effort" in given && given.effort === "lp"
      ? "optimal, relaxed"
      : given.policy;
    return given.label ?? usual;
  });
}

/**
 * Loads what a checked file names. Paths in it are relative to its own folder.
 * @throws {InputError | UsageError} before anything has run.
 */
export async function loadTraceExperiment(
  context: CliContext,
  talk: Talk,
  file: TraceFile,
  resolve: (name: string) => string,
): Promise<TraceExperiment> {
  const labels = labelsOf(file);
  const twice = labels.find((label, at) => labels.indexOf(label) !== at);
  if (twice !== undefined) {
    throw new InputError(`policies: two are called ${twice}: give one of them a label`);
  }
  const cluster = clusterOfFile(file);
  const surface = await surfaceOf(context, talk, file, resolve, maxCapacity(cluster));
  const traces = await tracesOf(context, file, surface.apps, nodeCount(cluster), resolve);
  for (const { trace } of traces) {
    momentsOf(trace, { apps: surface.apps, cluster, rules: NO_RULES });
  }
  const contenders = await contendersOf(talk, file, { surface, cluster }, resolve);
  return { file, surface, cluster, traces, contenders };
}

async function tracesOf(
  context: CliContext,
  { trace, seeds }: TraceFile,
  apps: readonly string[],
  nodes: number,
  resolve: (name: string) => string,
): Promise<SeededTrace[]> {
  if ("file" in trace) {
    if (seeds !== undefined) {
      throw new InputError("seeds: a trace from a file is one: leave seeds out");
    }
    const path = resolve(trace.file);
    return [{ seed: 1, trace: readTrace(await readText(context, path), { apps, nodes }, path) }];
  }
  const { hours, start, arrivals, stay, untilFailure = Infinity, untilReturn } = trace;
  const stays = stay === undefined
    ? apps.map(() => Infinity)
    : perApp(stay, apps, "stay", (all) => apps.map(() => all));
  return (seeds ?? [1]).map((seed) => {
    const rates = {
      hours,
      start: perApp(
        start,
        apps,
        "start",
        (all) => drawEvenDemand(apps.length, wholeOf(all), new Random(seed).fork()),
      ),
      arrivals: perApp(arrivals, apps, "arrivals", (all) => apps.map(() => all / apps.length)),
      stay: stays,
      untilFailure,
      untilReturn,
    };
    return { seed, trace: drawTrace(rates, nodes, seed) };
  });
}

/** Most containers that a trace begins with. */
const MOST_CONTAINERS = 1e7;

function wholeOf(all: number): number {
  if (Number.isInteger(all) && all <= MOST_CONTAINERS) return all;
  throw new InputError(
    `trace: start: must be a whole number of containers, at most ${MOST_CONTAINERS}: got ${all}`,
  );
}

function perApp(
  given: number | Readonly<Record<string, number>>,
  apps: readonly string[],
  field: string,
  split: (all: number) => number[],
): number[] {
  if (typeof given === "number") return split(given);
  const unknown = Object.keys(given).find((app) => !apps.includes(app));
  if (unknown !== undefined) {
    throw new InputError(`trace: ${field}: there is no app ${unknown}${suggest(unknown, apps)}`);
  }
  return apps.map((app) => {
    const value = given[app];
    if (value !== undefined) return value;
    throw new InputError(`trace: ${field}: lacks ${app}: give every app a number, or one for all`);
  });
}

/** The policies that can place here: a learned one is left out where the surface has no table, and said so. */
async function contendersOf(
  talk: Talk,
  file: TraceFile,
  { surface, cluster }: Pick<TraceExperiment, "surface" | "cluster">,
  resolve: (name: string) => string,
): Promise<TraceContender[]> {
  const labels = labelsOf(file);
  const contenders: TraceContender[] = [];
  for (const [at, given] of file.policies.entries()) {
    const label = labels[at]!;
    const policy = typeof given === "string" ? given : given.policy;
    let networks: readonly Network[] = [];
    if (policy === "metis-online") {
      const directory = typeof given === "object" && "directory" in given
        ? resolve(given.directory)
        : null;
      using simulator = surface.simulator(maxCapacity(cluster));
      if (!simulator.dense) {
        talk.notice(`${label} is left out: the surface has too many configurations for a table`);
        continue;
      }
      const problem = problemOn(simulator, { cluster, demand: surface.apps.map(() => 0) });
      networks = await loaderOf("online", commandPolicies(talk))(problem, directory);
    }
    const replans = typeof given === "object" && "movesPerHour" in given;
    contenders.push({
      label,
      policy,
      networks,
      movesPerHour: replans ? given.movesPerHour : 0,
      everyHours: replans && "everyHours" in given ? given.everyHours : 1,
      effort: typeof given === "object" && "effort" in given ? given.effort : "optimal",
    });
  }
  if (contenders.length === 0) throw new InputError("policies: none of them can place here");
  return contenders;
}
