/**
 * The file of a profiling experiment: which truths are profiled by which strategies with which budgets.
 * @module
 */
import * as v from "valibot";
import { PAPER_WORKLOADS, randomApps, synthesizeProfile } from "../../../datasets/mod.ts";
import {
  checkProblem,
  configurationCount,
  type Demand,
  InputError,
  NO_RULES,
  type Profile,
  profiledCapacity,
  totalSlots,
  uniformCluster,
} from "../../../domain/mod.ts";
import { fitNames } from "../../../models/mod.ts";
import type { CliContext } from "../../context.ts";
import { loadBundledProfile } from "../../datasets.ts";
import { STRATEGY_NAMES } from "../../options/names.ts";
import type { Talk } from "../../output/progress.ts";
import { drawDemands, refuseTooMany } from "../spec.ts";
import { loadProfile } from "../../options/mod.ts";

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(100));
const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4294967295));
const several = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.array(schema),
    v.minLength(1),
    v.check((values) => new Set(values).size === values.length, "must be different"),
  );

const truthSchema = v.union([
  v.strictObject({ name, table: name }),
  v.strictObject({ name, bundled: name }),
  v.strictObject({
    name,
    synthetic: v.strictObject({
      /** Random apps; without it, the seven bundled workloads. */
      apps: v.optional(v.pipe(whole, v.minValue(1), v.maxValue(20))),
      capacity: v.pipe(whole, v.minValue(1), v.maxValue(16)),
      seed: whole,
      noise: v.optional(v.pipe(v.number(), v.minValue(0), v.ltValue(1)), 0.02),
    }),
  }),
], "must be {name, table}, {name, bundled} or {name, synthetic: {apps, capacity, seed, noise}}");

/** Form of the file. */
export const profilingSchema = v.strictObject({
  kind: v.literal("profiling"),
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9._-]{1,60}$/, "must be letters, digits, . _ -")),
  title: v.optional(v.string()),
  truths: v.pipe(v.array(truthSchema), v.minLength(1)),
  /** Nodes that placements are for. */
  nodes: v.pipe(whole, v.minValue(1), v.maxValue(100_000)),
  /** Demands that regret is measured on; the profiler sees others of as many containers. */
  demands: v.strictObject({
    containers: several(v.pipe(whole, v.minValue(1))),
    draws: v.pipe(whole, v.minValue(1), v.maxValue(1000)),
    seed: whole,
  }),
  strategies: several(v.picklist(STRATEGY_NAMES)),
  budgets: several(v.pipe(whole, v.minValue(2), v.maxValue(100_000))),
  seeds: v.optional(several(whole), [1, 2, 3]),
  /** Model that places after profiling. */
  fit: v.optional(v.picklist(fitNames()), "auto"),
});

/** The file as read. */
export type ProfilingFile = v.InferOutput<typeof profilingSchema>;

/** A truth with its demands. */
export interface Truth {
  readonly name: string;
  readonly profile: Profile;
  readonly capacity: number;
  readonly demands: readonly Demand[];
}

/** A profiling experiment with everything loaded and checked. */
export interface ProfilingExperiment {
  readonly file: ProfilingFile;
  readonly truths: readonly Truth[];
}

/** One run: a line of results.jsonl once it is done. */
export interface ProfilingRun {
  readonly truth: string;
  readonly strategy: string;
  readonly budget: number;
  readonly seed: number;
}

/** All runs of an experiment, in their order. */
export function runsOf({ truths, strategies, budgets, seeds }: ProfilingFile): ProfilingRun[] {
  return truths.flatMap(({ name: truth }) =>
    strategies.flatMap((strategy) =>
      budgets.flatMap((budget) => seeds.map((seed) => ({ truth, strategy, budget, seed })))
    )
  );
}

/**
 * Loads what a checked file names. Paths in it are relative to its own folder.
 * @throws {InputError | UsageError | InfeasibleError} before anything has run.
 */
export async function loadProfiling(
  context: CliContext,
  talk: Talk,
  file: ProfilingFile,
  resolve: (name: string) => string,
): Promise<ProfilingExperiment> {
  const truths: Truth[] = [];
  for (const given of file.truths) {
    if (truths.some((other) => other.name === given.name)) {
      throw new InputError(`truths: two are called ${given.name}`);
    }
    const profile = await truthOf(context, talk, given, resolve);
    const capacity = profiledCapacity(profile);
    const { containers, draws, seed } = file.demands;
    const cluster = uniformCluster(file.nodes, capacity);
    for (const count of containers) {
      refuseTooMany({ containers: count, draws }, totalSlots(cluster));
    }
    const demands = containers.flatMap((count) =>
      drawDemands({ containers: count, draws, seed }, profile.apps.length).map(({ demand }) =>
        demand
      )
    );
    for (const demand of demands) {
      checkProblem({ apps: profile.apps, cluster, demand, rules: NO_RULES });
    }
    truths.push({ name: given.name, profile, capacity, demands });
  }
  return { file, truths };
}

/** Most configurations of a synthetic truth, which is a table of all of them. */
const MOST_CONFIGURATIONS = 200_000;

async function truthOf(
  context: CliContext,
  talk: Talk,
  given: ProfilingFile["truths"][number],
  resolve: (name: string) => string,
): Promise<Profile> {
  if ("table" in given) return await loadProfile(context, talk, resolve(given.table));
  if ("bundled" in given) {
    return await loadBundledProfile(given.bundled);
  }
  const { apps, capacity, seed, noise } = given.synthetic;
  const workloads = apps === undefined ? PAPER_WORKLOADS : randomApps(apps, seed);
  const size = configurationCount(workloads.length, capacity);
  if (size > MOST_CONFIGURATIONS) {
    throw new InputError(
      `truths: ${given.name} has ${size} configurations, above ${MOST_CONFIGURATIONS}: take fewer apps or slots`,
    );
  }
  return synthesizeProfile({
    apps: workloads,
    capacity,
    rows: size - 1,
    noise,
    seed,
  });
}
