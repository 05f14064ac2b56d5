/**
 * What is placed where, under which rules, valued by what: from options, or from a problem file in their place. Every
 * command that takes a problem file gets it here.
 * @module
 */
import {
  type Cluster,
  type Demand,
  maxCapacity,
  onOneSurface,
  type Resources,
  type Rules,
} from "../../domain/mod.ts";
import type { Surface } from "../../scheduling/mod.ts";
import { type ProblemFile, problemOnApps } from "../../scheduling/problem_file/mod.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { type ClusterOptions, clusterOptions, loadCluster } from "./cluster.ts";
import type { GivenBy } from "./define.ts";
import { demandOptions, type DemandRow, loadDemands } from "./demand.ts";
import { loadProblemSurfaces, problemOption } from "./problem.ts";
import { type RuleOptions, rulesOf } from "./rules.ts";
import { appsOption, loadSurface, type SurfaceOptions, surfaceOptions } from "./surface.ts";

/** What is placed on which nodes, and what values it. */
export const problemOptions = () =>
  [
    problemOption(),
    ...surfaceOptions(),
    appsOption(),
    ...clusterOptions(),
    ...demandOptions(),
  ] as const;

/** On which nodes and under which rules is placed, and what values it. */
export interface Ground {
  /** What values the nodes of classes that say nothing else. */
  readonly surface: Surface;
  /** What values the nodes of the other classes: NodeClass.surface is the index, from 1. */
  readonly moreSurfaces: readonly Surface[];
  readonly cluster: Cluster;
  readonly rules: Rules;
  /** What one container of each app takes, besides its slot. */
  readonly needs?: readonly Resources[];
  /** Weight of each app in the objective; 1 each if it is not given. */
  readonly weights?: readonly number[];
}

/** The ground that a problem file lays, and its demand. */
export interface FileGround extends Ground {
  readonly demand: Demand;
}

/** What is placed where, under which rules, and what values it. */
export interface Asked extends Ground {
  readonly demands: readonly DemandRow[];
}

/** The options that a ground is loaded by. */
type GroundOptions = SurfaceOptions & ClusterOptions & RuleOptions & { readonly seed: number };

/** The ground that options lay. @throws {UsageError | InputError} naming option or file. */
export async function groundByOptions(
  context: CliContext,
  talk: Talk,
  given: GroundOptions,
): Promise<Ground> {
  const cluster = await loadCluster(context, talk, given);
  const surface = await loadSurface(context, talk, given, maxCapacity(cluster));
  return { surface, moreSurfaces: [], cluster, rules: rulesOf(given, surface.apps, cluster) };
}

/**
 * The ground that a problem file lays. A surface that options name, where the command has such beside the file, values all
 * nodes in the place of the file's own.
 * @throws {InputError} naming the file and the place.
 */
export async function groundByFile(
  context: CliContext,
  talk: Talk,
  given: SurfaceOptions & { readonly seed: number },
  file: ProblemFile,
): Promise<FileGround> {
  const { profile, model, table } = given;
  if (profile === undefined && model === undefined && table === undefined) {
    const { problem, surfaces } = await loadProblemSurfaces(context, talk, file, given.seed);
    const { cluster, rules, needs, weights, demand } = problem;
    const [surface, ...moreSurfaces] = surfaces;
    return { surface, moreSurfaces, cluster, rules, needs, weights, demand };
  }
  const surface = await loadSurface(context, talk, given, maxCapacity(file.cluster));
  if (file.surfaces.length > 0) {
    talk.notice(`${file.file}: its own surface is left aside: ${surface.source} values all nodes`);
  }
  const problem = problemOnApps(file, surface.apps, surface.source);
  const { rules, needs, weights, demand } = problem;
  const cluster = onOneSurface(problem.cluster);
  return { surface, moreSurfaces: [], cluster, rules, needs, weights, demand };
}

/**
 * What options ask for, or a problem file in their place.
 * @param rows Rows of the file of demands; undefined means all of them.
 * @throws {UsageError | InputError} naming option or file.
 */
export async function loadAsked(
  context: CliContext,
  talk: Talk,
  given: GroundOptions & Pick<GivenBy<typeof problemOptions>, "demand" | "demands">,
  file: ProblemFile | null,
  rows: readonly number[] | undefined,
): Promise<Asked> {
  if (file !== null) {
    const { demand, ...ground } = await groundByFile(context, talk, given, file);
    return { ...ground, demands: [{ row: null, demand }] };
  }
  const ground = await groundByOptions(context, talk, given);
  return { ...ground, demands: await loadDemands(context, given, rows, ground.surface.apps) };
}
