/**
 * From the options of a command to what the schedulers work on: the surface, the cluster, the
 * demands and the rules, all in the app order of the surface.
 * @module
 */
import * as v from "valibot";
import {
  aboutFile,
  checkCluster,
  type Cluster,
  type Demand,
  InputError,
  type Profile,
  type Rules,
  suggest,
  uniformCluster,
  UsageError,
} from "../domain/mod.ts";
import { loadModel } from "../models/mod.ts";
import { readDemands, readProfile, selectDemands } from "../profiles/mod.ts";
import {
  type Surface,
  surfaceFromModel,
  surfaceFromProfile,
  surfaceFromTable,
} from "../scheduling/mod.ts";
import { checkJson, clusterOf, nodeClassSchema } from "../scheduling/plans/plan.ts";
import { type CliContext, readText } from "./context.ts";
import type {
  ClusterOptions,
  DemandArgument,
  RuleOptions,
  SurfaceOptions,
} from "./options/options.ts";
import type { Talk } from "./output/progress.ts";

/**
 * Reads a profile and tells its notices.
 * @param capacity Slots of a node, where known: rows above it are refused.
 * @throws {InputError} naming file, row and column.
 */
export async function loadProfile(
  context: CliContext,
  talk: Talk,
  file: string,
  options: {
    readonly capacity?: number | undefined;
    readonly apps?: readonly string[] | undefined;
  } = {},
): Promise<Profile> {
  const bytes = await context.readFile(file);
  const { capacity, apps } = options;
  const { profile, notices } = await readProfile(bytes, file, {
    ...(capacity === undefined ? {} : { capacity }),
    ...(apps === undefined ? {} : { apps }),
  });
  for (const notice of notices) talk.notice(notice);
  return profile;
}

/** The file that `--profile`, `--model` or `--table` name; empty where none does (see loadSurface). */
export function surfaceFile({ profile, model, table }: SurfaceOptions): string {
  return profile ?? model ?? table ?? "";
}

/**
 * The surface that `--profile`, `--model` or `--table` ask for.
 * @param capacity Slots of the largest node, where the profile must be of such nodes.
 * @throws {UsageError} where not exactly one of the three is given.
 */
export async function loadSurface(
  context: CliContext,
  talk: Talk,
  options: SurfaceOptions & { readonly seed?: number | undefined },
  capacity?: number,
): Promise<Surface> {
  const { profile, model, table, seed = 1 } = options;
  const given = [profile, model, table].filter((file) => file !== undefined);
  if (given.length !== 1) {
    throw new UsageError(
      given.length === 0
        ? "Say what values a placement: one of --profile FILE, --model FILE, --table FILE"
        : "Give only one of --profile, --model and --table",
    );
  }
  if (options.fit !== undefined && profile === undefined) {
    throw new UsageError("--fit goes with --profile only: a table or saved model is not fitted");
  }
  if (options.fallback !== undefined && table === undefined) {
    throw new UsageError("--fallback goes with --table only");
  }
  const source = given[0]!;
  if (model !== undefined) {
    return surfaceFromModel(loadModel(await readText(context, model), model), { source });
  }
  const rows = await loadProfile(context, talk, source, { capacity, apps: options.apps });
  const { fit, fallback } = options;
  return context.blocking(() =>
    profile !== undefined
      ? surfaceFromProfile(rows, { source, seed, fit })
      : surfaceFromTable(rows, { source, seed, fallback, remedy: "--fallback extra-trees" })
  );
}

/**
 * The cluster that `--nodes` and `--capacity`, or `--cluster`, describe.
 * @throws {UsageError} where both or neither are given.
 */
export async function loadCluster(context: CliContext, options: ClusterOptions): Promise<Cluster> {
  const { nodes, capacity, cluster: file } = options;
  if (file !== undefined) {
    if (nodes !== undefined || capacity !== undefined) {
      throw new UsageError("Give either --cluster FILE, or --nodes and --capacity");
    }
    const form = v.pipe(v.array(nodeClassSchema), v.minLength(1));
    const cluster = clusterOf(checkJson(form, await readText(context, file), file));
    return aboutFile(file, () => checkCluster(cluster));
  }
  if (nodes === undefined || capacity === undefined) {
    throw new UsageError(
      "Say what nodes there are: --nodes COUNT and --capacity SLOTS, or --cluster FILE",
    );
  }
  return uniformCluster(nodes, capacity);
}

/** A demand and the row of its file, or null where it came from the command line. */
export interface DemandRow {
  readonly row: number | null;
  readonly demand: Demand;
}

/**
 * The demands that `--demand`, or `--demands` with its rows, name.
 * @param rows Rows of the file; undefined means all of them.
 * @throws {UsageError} where both or neither are given.
 * @throws {InputError} for an app that the surface does not have, or a row that the file does not have.
 */
export async function loadDemands(
  context: CliContext,
  options: { readonly demand?: DemandArgument | undefined; readonly demands?: string | undefined },
  rows: readonly number[] | undefined,
  apps: readonly string[],
): Promise<DemandRow[]> {
  const { demand, demands: file } = options;
  if ((demand === undefined) === (file === undefined)) {
    throw new UsageError(
      "Say what to place: --demand COUNTS, or --demands FILE (one of the two)",
    );
  }
  if (demand !== undefined) {
    if (rows !== undefined) throw new UsageError("Rows are of --demands: --demand has none");
    return [{ row: null, demand: demandOf(demand, apps) }];
  }
  const table = readDemands(await readText(context, file!), file!);
  return selectDemands(table, rows, apps, file!);
}

/**
 * The rules in app indices.
 * @throws {InputError} for an app that does not exist.
 */
export function rulesOf(options: RuleOptions, apps: readonly string[]): Rules {
  const limits = options.maxPerNode ?? [];
  const maxPerNode: (number | null)[] = limits.length === 0
    ? []
    : new Array<number | null>(apps.length).fill(null);
  for (const { app, limit } of limits) {
    const at = appIndex(app, apps, "--max-per-node");
    maxPerNode[at] = Math.min(limit, maxPerNode[at] ?? limit);
  }
  const apart = (options.apart ?? []).flatMap((names) => {
    const indices = names.map((app) => appIndex(app, apps, "--apart"));
    return indices.flatMap((a, at) => indices.slice(at + 1).map((b) => [a, b] as const));
  });
  return {
    maxPerNode,
    apart,
    fencedNodes: [...new Set(options.fence ?? [])].sort((a, b) => a - b),
  };
}

function demandOf(demand: DemandArgument, apps: readonly string[]): Demand {
  if ("counts" in demand) {
    if (demand.counts.length !== apps.length) {
      throw new InputError(
        `--demand has ${demand.counts.length} numbers, but there are ${apps.length} apps: ${
          apps.join(", ")
        }`,
      );
    }
    return demand.counts;
  }
  const counts = new Array<number>(apps.length).fill(0);
  for (const { app, limit } of demand.named) counts[appIndex(app, apps, "--demand")]! += limit;
  return counts;
}

function appIndex(app: string, apps: readonly string[], option: string): number {
  const at = apps.indexOf(app);
  if (at < 0) throw new InputError(`${option}: unknown app ${app}${suggest(app, apps)}`);
  return at;
}
