/**
 * What differs between two plans: `metis plan diff`.
 * @module
 */
import {
  countOf,
  maxCapacity,
  MissingConfigurationError,
  type Placement,
  printable,
  type Problem,
} from "../../domain/mod.ts";
import { changeOf, currentOf } from "../../replanning/mod.ts";
import { predictGroups, type Surface, valuePlacement } from "../../scheduling/mod.ts";
import type { ReadPlan } from "../../scheduling/plans/mod.ts";
import { type CliContext, printJson, wantsColor } from "../context.ts";
import * as options from "../options/mod.ts";
import { meanText } from "../output/figures.ts";
import { Talk } from "../output/progress.ts";
import { renderTable, type TableLayout, wrapText } from "../output/table.ts";
import { knownPart } from "./known_part.ts";

/** Nodes that are listed for people; all are in `--json`. */
const LISTED = 40;

/** What changes on a node, in the field names of `--json`. */
interface NodeChange {
  readonly node: string;
  /** Containers that start, by app. */
  readonly starts: Readonly<Record<string, number>>;
  /** Containers that stop, by app. */
  readonly stops: Readonly<Record<string, number>>;
  /** By how much the total normalised RPS of the node changes; null where that is not known. */
  readonly gain: number | null;
}

/** What `metis plan diff` is given. */
type DiffArguments = options.SurfaceOptions & options.OutputOptions & { readonly seed: number };

/** Prints what differs between two plan files. */
export async function showDifference(
  context: CliContext,
  before: string,
  after: string,
  given: DiffArguments,
): Promise<void> {
  const talk = new Talk(context, given.quiet === true);
  const [old, next] = [
    await options.loadPlan(context, before),
    await options.loadPlan(context, after),
  ];
  const asked = [given.profile, given.model, given.table].some((file) => file !== undefined);
  const capacity = Math.max(maxCapacity(old.problem.cluster), maxCapacity(next.problem.cluster));
  const surface = asked ? await options.loadSurface(context, talk, given, capacity) : null;
  const report = differenceOf(before, old, after, next, surface);
  if (given.json) return printJson(context, report);
  const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
  context.stdout.write(render(report, layout));
}

/** The fields of `metis plan diff --json`. */
type Difference = ReturnType<typeof differenceOf>;

function differenceOf(
  before: string,
  old: ReadPlan,
  after: string,
  next: ReadPlan,
  surface: Surface | null,
) {
  const problem = withAppsOf(next.problem, old.problem.apps, surface);
  const { apps } = problem;
  const running = { ...old, apps: old.problem.apps, cluster: old.problem.cluster };
  const current = currentOf(running, problem, next.nodeNames);
  const then = placedOn(problem, next);
  const { left, joined } = current;
  const nameOf = (node: number): string => next.nodeNames?.[node] ?? `n${node}`;
  const totals = [current.placement, then].map((placement) => totalsOf(surface, placement));
  const nodes: NodeChange[] = [];
  for (let node = 0; node < then.nodes; node++) {
    const changes = apps.map((app, at) =>
      [
        app,
        then.counts[node * apps.length + at]! - current.placement.counts[node * apps.length + at]!,
      ] as const
    );
    if (changes.every(([, change]) => change === 0)) continue;
    const [was, is] = totals.map((total) => total?.[node] ?? null);
    nodes.push({
      node: nameOf(node),
      starts: Object.fromEntries(changes.filter(([, change]) => change > 0)),
      stops: Object.fromEntries(
        changes.flatMap(([app, change]) => change < 0 ? [[app, -change]] : []),
      ),
      gain: was === null || is === null ? null : is! - was!,
    });
  }
  return {
    before,
    after,
    apps,
    ...changeOf(problem, current.placement, then),
    meanBefore: surface === null ? old.predicted : meanOn(surface, placedOn(problem, old)),
    mean: surface === null ? next.predicted : meanOn(surface, then),
    left,
    joined: joined.map(nameOf),
    nodes,
  };
}

/** The problem with the apps of both plans, or those of the surface where all are among them. */
function withAppsOf(problem: Problem, others: readonly string[], surface: Surface | null): Problem {
  const all = [...new Set([...problem.apps, ...others])];
  const known = surface !== null && all.every((app) => surface.apps.includes(app));
  return knownPart(problem, known ? surface.apps : all);
}

function placedOn({ apps }: Problem, { problem, placement }: ReadPlan): Placement {
  const counts = new Uint8Array(placement.nodes * apps.length);
  problem.apps.forEach((app, at) => {
    const to = apps.indexOf(app);
    for (let node = 0; node < placement.nodes; node++) {
      counts[node * apps.length + to] = placement.counts[node * placement.apps + at]!;
    }
  });
  return { nodes: placement.nodes, apps: apps.length, counts };
}

function meanOn(surface: Surface, placement: Placement): number | null {
  if (placement.apps !== surface.apps.length) return null;
  return orNull(() => valuePlacement(surface, placement).mean);
}

/** Total normalised RPS of each node; null where that is not known. */
function totalsOf(surface: Surface | null, { nodes, apps, counts }: Placement): number[] | null {
  if (surface === null || surface.apps.length !== apps) return null;
  const groups = Array.from({ length: nodes }, (_, node) => ({
    counts: counts.slice(node * apps, (node + 1) * apps),
    nodes: [node],
    surface: 0,
  }));
  return orNull(() => {
    const rps = predictGroups(surface, groups, apps);
    return groups.map(({ counts }, row) =>
      counts.reduce(
        (sum, count, app) => count === 0 ? sum : sum + count * rps[row * apps + app]!,
        0,
      )
    );
  });
}

function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof MissingConfigurationError) return null;
    throw error;
  }
}

function render(report: Difference, layout: TableLayout): string {
  const { before, after, started, stopped, forced, moves, nodes, left, joined } = report;
  const away = [
    ...(left.length > 0 ? [`${countOf(left.length, "node")} left`] : []),
    ...(joined.length > 0 ? [`${countOf(joined.length, "node")} joined`] : []),
  ];
  const opening = nodes.length === 0
    ? `From ${before} to ${after} nothing changes.`
    : `From ${before} to ${after}: ${started} start (${forced} forced by the demand, ${
      countOf(moves, "move")
    }), ${stopped} stop, on ${countOf(nodes.length, "node")}.`;
  const means = report.meanBefore === null || report.mean === null
    ? ""
    : `Mean normalised throughput: ${meanText(report.meanBefore)} before, ${
      meanText(report.mean)
    } after.\n`;
  const text = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts).map(([app, count]) => `${count} ${app}`).join(", ") || "-";
  const hasGains = nodes.some(({ gain }) => gain !== null);
  const table = renderTable<NodeChange>(
    [
      { title: "Node", align: "left", cell: ({ node }) => node },
      ...(hasGains
        ? [{
          title: "Normalised RPS",
          align: "right" as const,
          cell: ({ gain }: NodeChange) =>
            gain === null ? "-" : `${gain < 0 ? "-" : "+"}${Math.abs(gain).toFixed(4)}`,
        }]
        : []),
      { title: "Starts", align: "left", cell: ({ starts }) => text(starts) },
      { title: "Stops", align: "left", cell: ({ stops }) => text(stops), wraps: true },
    ],
    nodes.slice(0, LISTED),
    layout,
  );
  const more = nodes.length > LISTED
    ? `... and ${countOf(nodes.length - LISTED, "more node")}: see them with --json\n`
    : "";
  return [
    wrapText(printable(opening + (away.length === 0 ? "" : ` ${away.join(", ")}.`)), layout.width) +
    "\n" + means,
    ...(nodes.length === 0 ? [] : [table + more]),
  ].join("\n");
}
