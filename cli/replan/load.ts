/**
 * From a plan that runs to the problem of replanning it.
 * @module
 */
import {
  type Cluster,
  type Demand,
  InputError,
  maxCapacity,
  nodeCount,
  nodeSurfaces,
  onOneSurface,
  type Problem,
  type Rules,
  suggest,
  UsageError,
} from "../../domain/mod.ts";
import { type Current, currentOf } from "../../replanning/mod.ts";
import type { Aim, Surface } from "../../scheduling/mod.ts";
import type { ReadPlan } from "../../scheduling/plans/mod.ts";
import type { ProblemFile } from "../../scheduling/problem_file/mod.ts";
import type { CliContext } from "../context.ts";
import type { GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import type { Talk } from "../output/progress.ts";
import { knownPart } from "./known_part.ts";
import type { ownOptions } from "./options.ts";
import type { Source } from "./source.ts";

/** What is asked of the new placement. */
export type OwnArguments = GivenBy<typeof ownOptions> & { readonly seed: number };

/** What is to be placed, given what runs. */
export interface Replanning extends Pick<options.Placing, "surface" | "moreSurfaces" | "capacity"> {
  /** In the order of the surface's apps. */
  readonly problem: Problem;
  readonly weights: readonly number[] | undefined;
  readonly aim: Aim;
  readonly current: Current;
  /** Names of the nodes, where they have names. */
  readonly nodeNames: readonly string[] | undefined;
  /** What the plan says that its mean is, where the same surface should say the same of all that it placed; else null. */
  readonly predicted: number | null;
  /** Name of a node of the problem. */
  readonly nodeName: (node: number) => string;
}

/** A demand in the order of the apps of a surface. @param own The plan's; it refuses where an app of it is not known. */
export type DemandOf = (apps: readonly string[], own: () => Demand) => Demand;

/**
 * Loads what values placements, and finds what runs among the nodes and apps of the new problem.
 * @param source What runs. @param demandOf The new demand; not asked where there is a problem file.
 * @throws {UsageError | InputError} naming option, file and remedy.
 */
export async function loadReplanning(
  context: CliContext,
  talk: Talk,
  { plan, name: file, isFenced, isStack }: Source,
  given: OwnArguments,
  problemFile: ProblemFile | null,
  demandOf: DemandOf,
): Promise<Replanning> {
  const asked = problemFile === null
    ? await askedByPlan(context, talk, plan, file, given, demandOf)
    : await options.loadAsked(context, talk, given, problemFile, undefined);
  const { surface, moreSurfaces, cluster, rules, needs, weights } = asked;
  const isSame = isSameSurface(plan, surface);
  if (!isSame) tellOtherSurface(talk, plan, file, surface);
  const sameNodes = nodeCount(cluster) === plan.placement.nodes;
  if (problemFile === null && !sameNodes && plan.nodeNames !== undefined) {
    throw new UsageError(
      `${file} names its ${plan.placement.nodes} nodes, and there are to be ${
        nodeCount(cluster)
      }: name those in a problem file (--problem FILE)`,
    );
  }
  const nodeNames = problemFile?.nodeNames.all ??
    (problemFile === null && sameNodes ? plan.nodeNames : undefined);
  if (isStack && nodeNames === undefined) {
    throw new InputError(
      `${
        problemFile?.file ?? file
      }: its nodes have no names: say by \`names\` which hosts of the Swarm they are`,
    );
  }
  const problem: Problem = {
    apps: surface.apps,
    cluster,
    demand: asked.demands[0]!.demand,
    rules: withFenced(rules, nodeNames, isFenced),
    ...(needs === undefined ? {} : { needs }),
  };
  const aim = options.aimOf(context, given, asked, problemFile);
  const running = { ...plan, apps: plan.problem.apps, cluster: plan.problem.cluster };
  const current = currentOf(running, problem, nodeNames);
  return {
    surface,
    moreSurfaces,
    capacity: maxCapacity(cluster),
    problem,
    weights,
    aim,
    current,
    nodeNames,
    predicted: isSame && moreSurfaces.length === 0 && current.left.length === 0 &&
        current.dropped.length === 0
      ? plan.predicted
      : null,
    nodeName: (node) => nodeNames?.[node] ?? `n${node}`,
  };
}

/** The rules with more nodes that may not hold anything. */
function withFenced(
  rules: Rules,
  nodeNames: readonly string[] | undefined,
  isFenced: Source["isFenced"],
): Rules {
  const more = (nodeNames ?? []).flatMap((name, node) => isFenced(name) ? [node] : []);
  if (more.length === 0) return rules;
  return { ...rules, fencedNodes: [...new Set([...rules.fencedNodes, ...more])] };
}

async function askedByPlan(
  context: CliContext,
  talk: Talk,
  plan: ReadPlan,
  file: string,
  given: OwnArguments,
  demandOf: DemandOf,
): Promise<options.Asked> {
  const cluster = await clusterOf(context, talk, plan, file, given);
  const surface = await options.loadSurface(context, talk, given, maxCapacity(cluster));
  const { apps } = surface;
  const own = knownPart(plan.problem, apps);
  const demand = demandOf(apps, () => {
    const unknown = plan.problem.apps.find((app, at) =>
      !apps.includes(app) && plan.problem.demand[at]! > 0
    );
    if (unknown === undefined) return own.demand;
    throw new InputError(
      `${file}: ${surface.source} has no app ${unknown}${suggest(unknown, apps)}: ` +
        "say what to place of the others by metis replan --demand, and it stops",
    );
  });
  const sameNodes = nodeCount(cluster) === plan.placement.nodes;
  const rules = options.rulesOf(given, apps, cluster, sameNodes ? plan.nodeNames : undefined);
  return {
    surface,
    moreSurfaces: [],
    cluster,
    rules: {
      ...own.rules,
      ...(given.maxPerNode === undefined ? {} : { maxPerNode: rules.maxPerNode }),
      ...(given.apart === undefined ? {} : { apart: rules.apart }),
      ...(given.fence === undefined
        ? { fencedNodes: own.rules.fencedNodes.filter((node) => node < nodeCount(cluster)) }
        : { fencedNodes: rules.fencedNodes }),
    },
    ...(own.needs === undefined ? {} : { needs: own.needs }),
    demands: [{ row: null, demand }],
  };
}

/** The plan's nodes, where no option says others; of nodes alike, one of count and slots may be said alone. */
async function clusterOf(
  context: CliContext,
  talk: Talk,
  { problem }: ReadPlan,
  file: string,
  given: OwnArguments,
): Promise<Cluster> {
  const { nodes, capacity } = given;
  if (given.cluster !== undefined) return await options.loadCluster(context, talk, given);
  if (nodes === undefined && capacity === undefined) {
    if (nodeSurfaces(problem) !== undefined) {
      talk.notice(
        `${file}: its classes of nodes had surfaces of their own: here, one values all nodes`,
      );
    }
    return onOneSurface(problem.cluster);
  }
  const [only, another] = problem.cluster.nodeClasses;
  if (another !== undefined) {
    throw new UsageError(
      `--nodes and --capacity are of nodes that are alike, but ${file} has several classes: give --cluster FILE`,
    );
  }
  const { surface: _, ...kept } = only!;
  return {
    nodeClasses: [{ ...kept, count: nodes ?? only!.count, capacity: capacity ?? only!.capacity }],
  };
}

/** True unless a plan says that something else valued it. */
function isSameSurface({ surface: made }: ReadPlan, now: Surface): boolean {
  return made === null || (made.source === now.source && made.kind === now.kind);
}

/** Says that a plan was made by something else than what values it now. */
function tellOtherSurface(
  talk: Talk,
  { surface: made }: ReadPlan,
  file: string,
  now: Surface,
): void {
  talk.notice(
    `${file} was made by ${made!.source} (${made!.kind}): here, ${
      options.surfaceText(now)
    } values what runs and what is better`,
  );
}
