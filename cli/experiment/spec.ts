/**
 * From the file of an experiment to everything that it names. All that can be wrong is found before anything runs.
 * @module
 */
import { readConstraints } from "../../baselines/constraints/mod.ts";
import {
  checkCluster,
  checkProblem,
  type Cluster,
  countOf,
  type Demand,
  drawEvenDemand,
  InfeasibleError,
  InputError,
  type InterferenceConstraint,
  maxCapacity,
  MetisError,
  NO_RULES,
  nodeCount,
  Random,
  suggest,
  totalSlots,
  uniformCluster,
} from "../../domain/mod.ts";
import { selectDemands } from "../../profiles/mod.ts";
import { referencePath } from "../../reference/folder.ts";
import {
  type Aim,
  type SchedulerRegistry,
  type Surface,
  surfaceFromProfile,
} from "../../scheduling/mod.ts";
import { checkJson, clusterOf } from "../../scheduling/plans/plan.ts";
import { type CliContext, readText } from "../context.ts";
import { loadBundledDemands, loadBundledProfile } from "../datasets.ts";
import * as options from "../options/mod.ts";
import { loadDemands, loadSurface, parseRanges } from "../options/mod.ts";
import type { Talk } from "../output/progress.ts";
import { commandPolicies } from "../options/policies.ts";
import {
  type Contender,
  type DemandSet,
  type ExperimentFile,
  experimentSchema,
  OWN_SET,
  type OwnExperimentFile,
} from "./form.ts";
import { type LoadedPolicies, loadPolicies } from "./policies.ts";

/** Begins the paths of files of the 2020 data. */
const REFERENCE = "$METIS_DATA/";

/** An experiment with everything loaded and checked. */
export interface Experiment {
  readonly file: ExperimentFile;
  /** What values which nodes, under which rules. */
  readonly ground: options.Ground;
  readonly aim: Aim;
  readonly constraints?: readonly InterferenceConstraint[];
  readonly sets: readonly DemandSet[];
  readonly contenders: readonly Contender[];
  /** Networks of the contenders that place by learned policies. */
  readonly policies: LoadedPolicies;
}

/**
 * Reads an experiment and everything that it names. Paths in it are relative to its own folder.
 * @throws {InputError | UsageError | InfeasibleError} naming file and field, before anything has run.
 */
export async function loadExperiment(
  context: CliContext,
  talk: Talk,
  path: string,
  registry: SchedulerRegistry,
): Promise<Experiment> {
  const file = checkJson(experimentSchema, await readText(context, path), path);
  const resolve = besideFile(path);
  try {
    const contenders = contendersOf(file, registry, resolve);
    const { ground, aim, demand }: Grounded = "problem" in file
      ? await groundOfProblem(context, talk, resolve(file.problem))
      : await groundOfFile(context, talk, file, resolve);
    const { surface, cluster } = ground;
    refuseEndless(file, contenders, nodeCount(cluster));
    const { apps } = surface;
    const sets: DemandSet[] = file.demands === undefined && demand !== undefined
      ? [{ name: OWN_SET, rows: [{ row: 0, demand }] }]
      : [];
    for (const demands of file.demands ?? []) {
      if (sets.some((set) => set.name === demands.name)) {
        throw new InputError(`demands: two are called ${demands.name}`);
      }
      sets.push({
        name: demands.name,
        rows: await demandsOf(context, demands, apps, totalSlots(cluster, ground.rules), resolve),
      });
    }
    // Seconds, where nodes and demands are many.
    context.blocking(() => checkDemands(sets, ground));
    const given = file.constraints === undefined ? undefined : resolve(file.constraints);
    const constraints = given === undefined
      ? undefined
      : readConstraints(await readText(context, given), apps, given).constraints;
    return {
      file,
      ground,
      aim,
      sets,
      contenders,
      policies: await loadPolicies(commandPolicies(talk), { surface, cluster, contenders }),
      ...(constraints === undefined ? {} : { constraints }),
    };
  } catch (error) {
    throw labelled(error, path);
  }
}

/** What an experiment stands on. */
interface Grounded {
  readonly ground: options.Ground;
  readonly aim: Aim;
  /** Of a problem file. */
  readonly demand?: Demand;
}

async function groundOfProblem(
  context: CliContext,
  talk: Talk,
  path: string,
): Promise<Grounded> {
  const file = await options.loadProblem(context, talk, path);
  const { demand, ...ground } = await options.groundByFile(context, talk, { seed: 1 }, file!);
  const aim = options.aimOf(context, {}, ground, file);
  return { ground, aim, demand };
}

async function groundOfFile(
  context: CliContext,
  talk: Talk,
  file: OwnExperimentFile,
  resolve: (name: string) => string,
): Promise<Grounded> {
  const cluster = clusterOfFile(file);
  const surface = await surfaceOf(context, talk, file, resolve, maxCapacity(cluster));
  const ground = { surface, moreSurfaces: [], cluster, rules: NO_RULES };
  const aim: Aim = { objective: "throughput", limits: [], latency: null };
  return { ground, aim };
}

/** Checks that every demand can be placed. @throws {InputError | InfeasibleError} naming the row. */
function checkDemands(
  sets: readonly DemandSet[],
  { surface: { apps }, cluster, rules, needs }: options.Ground,
): void {
  for (const { name, rows } of sets) {
    for (const { row, demand } of rows) {
      try {
        checkProblem({ apps, cluster, demand, rules, ...(needs === undefined ? {} : { needs }) });
      } catch (error) {
        throw labelled(error, `demands ${name}, row ${row}`);
      }
    }
  }
}

/**
 * Resolves paths that a file names: relative to the file's own folder, or to that of the 2020 data where they begin
 * with $METIS_DATA/.
 * @throws {InputError} by the function that is returned, where the 2020 data are missing.
 */
export function besideFile(path: string): (name: string) => string {
  return (name) => {
    if (name.startsWith(REFERENCE)) return referencePath(name.slice(REFERENCE.length));
    return name.startsWith("/") ? name : path.slice(0, path.lastIndexOf("/") + 1) + name;
  };
}

function contendersOf(
  file: ExperimentFile,
  registry: SchedulerRegistry,
  resolve: (name: string) => string,
): Contender[] {
  const contenders = file.schedulers.map((entry): Contender => {
    const given = typeof entry === "string" ? { scheduler: entry, parameters: {} } : entry;
    const scheduler = registry.get(given.scheduler);
    const known = Object.keys(scheduler.parameters ?? {});
    for (const parameter of Object.keys(given.parameters)) {
      if (!known.includes(parameter)) {
        throw new InputError(
          `schedulers: ${scheduler.name} has no parameter ${parameter}${suggest(parameter, known)}`,
        );
      }
    }
    const { policy } = given.parameters as Contender["parameters"];
    const { label = given.scheduler, gap, seeds = file.seeds } = given as Partial<Contender>;
    const timeLimit = (given as Partial<Contender>).timeLimit ?? file.timeLimit;
    return {
      label,
      scheduler: given.scheduler,
      parameters: typeof policy === "string"
        ? { ...given.parameters, policy: resolve(policy) }
        : given.parameters,
      seeds,
      ...(timeLimit === undefined ? {} : { timeLimit }),
      ...(gap === undefined ? {} : { gap }),
    };
  });
  const labels = contenders.map(({ label }) => label);
  const twice = labels.find((label, at) => labels.indexOf(label) !== at);
  if (twice !== undefined) {
    throw new InputError(`schedulers: two are called ${twice}: give one of them a label`);
  }
  return contenders;
}

/** Most nodes that an experiment fills in all, over demands, schedulers and seeds: about a thousand times experiments/large.json. */
const MOST_NODES = 1e9;

/** Refuses what would not end. @throws {InputError} with what it comes to. */
function refuseEndless(
  file: ExperimentFile,
  contenders: readonly Contender[],
  nodes: number,
): void {
  const { demands: sets = [] } = file;
  const draws = sets.length === 0 ? 1 : sets.reduce(
    (sum, demands) => sum + ("draws" in demands ? demands.draws : 1),
    0,
  );
  const drawn = sets.reduce(
    (sum, demands) => sum + ("draws" in demands ? demands.draws * demands.containers : 0),
    0,
  );
  if (drawn > MOST_NODES) {
    throw new InputError(
      `demands: ${drawn} containers are drawn, and an experiment draws at most ${MOST_NODES}: take fewer draws or containers`,
    );
  }
  const runs = draws * contenders.reduce((sum, { seeds }) => sum + seeds.length, 0);
  if (runs * nodes <= MOST_NODES) return;
  throw new InputError(
    `${runs} runs on ${nodes} nodes fill ${
      runs * nodes
    } nodes, and an experiment at most ${MOST_NODES}: ` +
      "take fewer draws, schedulers, seeds or nodes",
  );
}

/** The nodes that a file describes. @throws {InputError} if they contradict each other. */
export function clusterOfFile({ cluster }: Pick<OwnExperimentFile, "cluster">): Cluster {
  return Array.isArray(cluster)
    ? checkCluster(clusterOf(cluster))
    : uniformCluster(cluster.nodes, cluster.capacity);
}

/** The surface that a file names. @throws {InputError} if it cannot be read. */
export async function surfaceOf(
  context: CliContext,
  talk: Talk,
  { surface }: Pick<OwnExperimentFile, "surface">,
  resolve: (name: string) => string,
  capacity: number,
): Promise<Surface> {
  if ("bundled" in surface) {
    const { bundled: source, fit } = surface;
    const profile = await loadBundledProfile(source);
    return context.blocking(() => surfaceFromProfile(profile, { source, fit }));
  }
  const [kind] = Object.keys(surface) as ["table" | "profile" | "model"];
  const source = resolve((surface as Record<string, string>)[kind]!);
  return await loadSurface(context, talk, { ...surface, [kind]: source, seed: 1 }, capacity);
}

async function demandsOf(
  context: CliContext,
  demands: OwnExperimentFile["demands"][number],
  apps: readonly string[],
  slots: number,
  resolve: (name: string) => string,
): Promise<DemandSet["rows"]> {
  if ("containers" in demands) {
    refuseTooMany(demands, slots);
    return context.blocking(() => drawDemands(demands, apps.length));
  }
  const rows = demands.rows === undefined ? undefined : parseRows(demands.rows, demands.name);
  if ("file" in demands) {
    const read = await loadDemands(context, { demands: resolve(demands.file) }, rows, apps);
    return read.map(({ row, demand }) => ({ row: row ?? 0, demand }));
  }
  const table = await loadBundledDemands(demands.bundled);
  return selectDemands(table, rows, apps, demands.bundled);
}

/**
 * Refuses draws that do not fit, before they are drawn: each container takes a draw.
 * @throws {InfeasibleError} if one demand is more than the slots. @throws {InputError} if all are too many to draw.
 */
export function refuseTooMany(
  { containers, draws }: { readonly containers: number; readonly draws: number },
  slots: number,
): void {
  if (containers > slots) {
    throw new InfeasibleError(
      `demands: ${containers} containers do not fit ${countOf(slots, "slot")}`,
    );
  }
  if (containers * draws <= MOST_NODES) return;
  throw new InputError(
    `demands: ${draws} draws of ${containers} containers are more than ${MOST_NODES} in all: take fewer`,
  );
}

/** Demands in which each container is of each app with the same chance (a uniform multinomial). */
export function drawDemands(
  { containers, draws, seed }: { containers: number; draws: number; seed: number },
  apps: number,
): DemandSet["rows"] {
  const random = new Random(seed);
  return Array.from(
    { length: draws },
    (_, row) => ({ row, demand: drawEvenDemand(apps, containers, random) }),
  );
}

function parseRows(text: string, set: string): number[] {
  try {
    return parseRanges(text);
  } catch (error) {
    throw new InputError(`demands ${set}: rows: ${(error as Error).message}`, { cause: error });
  }
}

/** The same kind of error, its message led by a place. */
export function labelled(error: unknown, place: string): unknown {
  if (!(error instanceof MetisError) || error.message.startsWith(place)) return error;
  const Kind = error.constructor as new (message: string, options?: ErrorOptions) => MetisError;
  return new Kind(`${place}: ${error.message}`, { cause: error });
}
