/**
 * A problem as tables for people: apps, nodes, rules, and what values a placement.
 * @module
 */
import {
  amountText,
  countOf,
  demandTotal,
  type NodeClass,
  nodeCount,
  totalSlots,
} from "../../domain/mod.ts";
import type { ProblemFile, SurfaceSource } from "../../scheduling/problem_file/mod.ts";
import { ruleRequirements } from "../../scheduling/requirements.ts";
import { type Column, renderPairs, renderTable, type TableLayout } from "./table.ts";

/** A problem file as text for people. */
export function renderProblem(problem: ProblemFile, layout: TableLayout): string {
  const { apps, demand, cluster, rules, needs, floors, weights, objective } = problem;
  const resources = resourceNames(problem);
  const appColumns: Column<number>[] = [
    { title: "App", align: "left", cell: (app) => apps[app]! },
    { title: "Containers", align: "right", cell: (app) => `${demand[app]}` },
    ...resources.map((name): Column<number> => ({
      title: name,
      align: "right",
      cell: (app) => amountCell(name, needs[app]![name]),
    })),
    ...optional<number>(floors.some((floor) => floor !== null), {
      title: "Floor",
      align: "right",
      cell: (app) => `${floors[app] ?? "none"}`,
    }),
    ...optional<number>(weights.some((weight) => weight !== 1), {
      title: "Weight",
      align: "right",
      cell: (app) => `${weights[app]}`,
    }),
  ];
  const ruleTexts = ruleRequirements(problem, (node) => problem.nodeNames.nameOf(node))
    .map(({ text }) => text);
  return [
    `${countOf(demandTotal(demand), "container")} of ${countOf(apps.length, "app")} on ` +
    `${countOf(nodeCount(cluster), "node")} with ${countOf(totalSlots(cluster, rules), "slot")}\n`,
    renderTable(appColumns, apps.map((_, app) => app), layout),
    renderTable(nodeColumns(problem, resources), cluster.nodeClasses, layout),
    ...(ruleTexts.length === 0 ? [] : [`Rules:\n${ruleTexts.map((one) => `  ${one}\n`).join("")}`]),
    renderPairs([
      ...problem.surfaces.map((surface, at) =>
        [
          problem.surfaces.length === 1 ? "surface" : `surface ${at}`,
          sourceText(surface.source) + speedText(surface.speed),
        ] as const
      ),
      ["objective", objective],
    ], layout.width),
  ].join("\n");
}

/** Names of all resources that apps or nodes speak of, in the order of their first mention. */
export function resourceNames({ needs, cluster }: ProblemFile): string[] {
  const named = [...needs, ...cluster.nodeClasses.map(({ resources = {} }) => resources)];
  return [...new Set(named.flatMap((one) => Object.keys(one)))];
}

function nodeColumns(problem: ProblemFile, resources: readonly string[]): Column<NodeClass>[] {
  const { nodeClasses } = problem.cluster;
  return [
    { title: "Nodes", align: "left", cell: ({ name }) => name },
    { title: "Count", align: "right", cell: ({ count }) => `${count}` },
    { title: "Slots", align: "right", cell: ({ capacity }) => `${capacity}` },
    ...resources.map((name): Column<NodeClass> => ({
      title: name,
      align: "right",
      cell: ({ resources: has = {} }) => amountCell(name, has[name]),
    })),
    ...optional<NodeClass>(nodeClasses.some(({ failureDomain }) => failureDomain !== null), {
      title: "Domain",
      align: "left",
      cell: ({ failureDomain }) => failureDomain ?? "none",
    }),
    ...optional<NodeClass>(problem.surfaces.length > 1, {
      title: "Surface",
      align: "right",
      cell: ({ surface = 0 }) => `${surface}`,
    }),
    ...optional<NodeClass>(nodeClasses.some(({ labels }) => Object.keys(labels).length > 0), {
      title: "Labels",
      align: "left",
      cell: ({ labels }) =>
        Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(" ") || "none",
      wraps: true,
    }),
  ];
}

/** A column that is shown only where it says something. */
function optional<Row>(isShown: boolean, column: Column<Row>): Column<Row>[] {
  return isShown ? [column] : [];
}

function amountCell(name: string, amount: number | undefined): string {
  return amount === undefined ? "none" : amountText(name, amount);
}

function sourceText({ kind, file, fit, fallback }: SurfaceSource): string {
  const how = fit ?? (fallback === undefined ? null : `${fallback} where it has gaps`);
  return `${kind} ${file}${how === null ? "" : ` (${how})`}`;
}

function speedText(speed: Readonly<Record<string, number>>): string {
  const factors = Object.entries(speed).map(([app, factor]) => `${app} x ${factor}`);
  return factors.length === 0 ? "" : `, ${factors.join(", ")}`;
}
