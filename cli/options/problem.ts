/**
 * What to place, where and valued by what, from a problem file: the option, and what it loads.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { configurationCount, InputError, maxCapacity } from "../../domain/mod.ts";
import { TrafficModel } from "../../models/mod.ts";
import { readTraffic } from "../../profiles/mod.ts";
import { type Surface, surfaceFromModel } from "../../scheduling/mod.ts";
import {
  type ProblemFile,
  problemOnApps,
  readProblemFile,
  type SurfaceSource,
} from "../../scheduling/problem_file/mod.ts";
import { DENSE_LIMIT } from "../../sim-wasm/mod.ts";
import { type CliContext, readText } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { loadSurface, type SurfaceOptions } from "./surface.ts";

/** Options that say what a problem file says: with one, they are refused. */
const SAID_BY_FILE = [
  ...["profile", "model", "table", "fit", "fallback", "normalise", "maxRps", "apps"],
  ...["nodes", "capacity", "cluster", "demand", "demands", "row", "rows"],
  ...["maxPerNode", "apart", "fence"],
];

/** A problem file. */
export const problemOption = () =>
  new Option(
    "--problem <file>",
    "problem file (YAML or JSON; see metis problem) instead of options for surface, nodes, demand and rules",
  ).conflicts(SAID_BY_FILE);

/** Reads the problem file, and tells what was filled in; null without one. @throws {InputError} naming file and place. */
export async function loadProblem(
  context: CliContext,
  talk: Talk,
  file: string | undefined,
): Promise<ProblemFile | null> {
  if (file === undefined) return null;
  const problem = readProblemFile(await readText(context, file), file);
  problem.notices.forEach((notice) => talk.notice(notice));
  return problem;
}

/** What a problem file asks for, with its surfaces loaded. */
export interface LoadedProblem {
  /** In the order of the surfaces' apps. */
  readonly problem: ProblemFile;
  /** By the index that node classes have; all of the same apps. */
  readonly surfaces: readonly [Surface, ...Surface[]];
}

/**
 * Loads the surfaces that a problem file names, and brings the problem in the order of their apps.
 * @throws {InputError} for a file without a surface, and for apps that a surface does not have.
 */
export async function loadProblemSurfaces(
  context: CliContext,
  talk: Talk,
  problem: ProblemFile,
  seed: number,
): Promise<LoadedProblem> {
  const loaded = new Map<SurfaceSource, Surface>();
  const capacity = maxCapacity(problem.cluster);
  for (const { source } of problem.surfaces) {
    if (loaded.has(source)) continue;
    loaded.set(
      source,
      source.kind === "traffic"
        ? await loadTraffic(context, source.file, problem)
        : await loadSurface(context, talk, sourceOptions(source, seed), capacity),
    );
  }
  const all = problem.surfaces.map(({ source }) => loaded.get(source)!);
  const [first] = all;
  if (first === undefined) {
    throw new InputError(
      `${problem.file}: surface: is missing: say what values a placement: one of profile, table, model, traffic`,
    );
  }
  for (const { apps, source } of all) problemOnApps(problem, apps, source);
  const apps = commonApps(problem, all, capacity);
  const [one, ...more] = problem.surfaces.map(({ speed }, at) =>
    all[at]!.arranged({ apps, speed })
  );
  return { problem: problemOnApps(problem, apps, first.source), surfaces: [one!, ...more] };
}

/** The surface of traffic between the apps of a problem file. @throws {InputError} naming file and line. */
export async function loadTraffic(
  context: CliContext,
  file: string,
  { apps, demand }: ProblemFile,
): Promise<Surface> {
  const pairs = readTraffic(await readText(context, file), apps, file);
  return surfaceFromModel(new TrafficModel({ apps, demand, pairs }), { source: file });
}

/** Apps of the first surface that all have; only those of the file where the table of all would be too large. */
function commonApps(
  problem: ProblemFile,
  surfaces: readonly Surface[],
  capacity: number,
): readonly string[] {
  const { apps } = surfaces[0]!;
  const common = apps.filter((app) => surfaces.every((surface) => surface.apps.includes(app)));
  return configurationCount(common.length, capacity) <= DENSE_LIMIT
    ? common
    : common.filter((app) => problem.apps.includes(app));
}

/** A surface of a file in the values of the options that say the same. */
function sourceOptions(
  source: SurfaceSource,
  seed: number,
): SurfaceOptions & { readonly seed: number; readonly remedy: string } {
  const { kind, file, fit, fallback, normalise, maxRps, apps } = source;
  return {
    [kind]: file,
    fit,
    fallback,
    ...(normalise === true ? { normalise } : {}),
    maxRps,
    apps,
    seed,
    remedy: "add fallback: extra-trees",
  };
}
