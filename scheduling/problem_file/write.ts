import { amountText, type Resources } from "../../domain/mod.ts";
import { namedRules } from "../plans/plan_rules.ts";
import type { ClassSurface, ProblemFile } from "./types.ts";

/** What is written of a problem: surfaces may be missing, and names of nodes. */
export type WrittenProblem =
  & Pick<ProblemFile, "apps" | "demand" | "needs" | "cluster" | "rules">
  & Partial<Pick<ProblemFile, "floors" | "weights" | "surfaces" | "nodeNames" | "objective">>;

/** A problem in the form of a problem file; what is usual is left out. */
export function problemForm(problem: WrittenProblem): Record<string, unknown> {
  const { apps, demand, needs, floors = [], weights = [], surfaces = [], objective } = problem;
  return withoutEmpty({
    apps: Object.fromEntries(apps.map((app, at) => [
      app,
      withoutEmpty({
        containers: demand[at],
        resources: amountsForm(needs[at]!),
        floor: floors[at] ?? undefined,
        weight: weights[at] === 1 ? undefined : weights[at],
      }),
    ])),
    nodes: nodesForm(problem),
    rules: rulesForm(problem),
    surface: surfaces.length === 1 ? surfaceForm(surfaces[0]!) : undefined,
    objective: objective === "throughput" ? undefined : objective,
  });
}

function nodesForm({ cluster, nodeNames, surfaces = [] }: WrittenProblem): unknown[] {
  let first = 0;
  return cluster.nodeClasses.map((nodeClass) => {
    const { name, count, capacity, resources, labels, failureDomain, surface = 0 } = nodeClass;
    const names = Array.from(
      { length: nodeNames?.hasNames ? count : 0 },
      (_, at) => nodeNames!.nameOf(first + at),
    );
    first += count;
    return withoutEmpty({
      class: name,
      count,
      names,
      slots: capacity,
      resources: amountsForm(resources ?? {}),
      labels,
      domain: failureDomain ?? undefined,
      surface: surfaces.length > 1 ? surfaceForm(surfaces[surface]!) : undefined,
    });
  });
}

function rulesForm({ apps, rules, nodeNames }: WrittenProblem): Record<string, unknown> {
  const { fencedNodes, spread = {}, ...named } = namedRules(rules, apps);
  return withoutEmpty({
    ...named,
    spread: Object.fromEntries(
      Object.entries(spread).map(([app, one]) => [
        app,
        Object.fromEntries(Object.entries(one).filter(([, limit]) => limit !== null)),
      ]),
    ),
    fence: fencedNodes.map((node) => nodeNames?.nameOf(node) ?? `n${node}`),
  });
}

function surfaceForm({ source, speed }: ClassSurface): Record<string, unknown> {
  const { kind, file, ...rest } = source;
  return withoutEmpty({ [kind]: file, ...rest, speed });
}

/** Amounts as a problem file has them: sizes as text. */
export function amountsForm(resources: Resources): Record<string, number | string> {
  return Object.fromEntries(
    Object.entries(resources).map(([name, amount]) => {
      const text = amountText(name, amount);
      return [name, text === `${amount}` ? amount : text];
    }),
  );
}

/** The object without keys that say nothing. */
export function withoutEmpty(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isEmpty = (value: unknown): boolean =>
    value === undefined ||
    (typeof value === "object" && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isEmpty(value)));
}
