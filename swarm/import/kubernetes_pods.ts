/**
 * Pods of one owner as an app of a problem: what they take, and the rules that their specification asks for.
 * @module
 */
import type { Resources } from "../../domain/mod.ts";
import type { ImportedApp } from "./imported.ts";
import { podResources } from "./kubernetes_amounts.ts";
import type { KubernetesNode, Pod } from "./kubernetes_schema.ts";

/** Pods that one owner keeps running. */
export interface PodGroup {
  readonly namespace: string;
  readonly owner: { readonly kind: string; readonly name: string };
  /** Name of the app. */
  readonly name: string;
  readonly pods: Pod[];
}

const HOST = "kubernetes.io/hostname";

/** The app of some pods. @param leftOut Gets what no rule says, in words. */
export function appOfPods(
  group: PodGroup,
  groups: readonly PodGroup[],
  domainLabel: string,
  file: string,
  leftOut: Set<string>,
): ImportedApp {
  const { name, pods } = group;
  const [pod] = pods as [Pod, ...Pod[]];
  const skip = (what: string): void => void leftOut.add(`${name}: ${what}`);
  const company = companyOf(group, groups, domainLabel, skip);
  const spread = spreadOf(pod, domainLabel, skip);
  return {
    name,
    containers: pods.length,
    resources: largestOf(pods.map((one) => podResources(one, file))),
    require: requireOf(pod, skip),
    maxPerNode: company.maxPerNode,
    spread: { ...spread, ...company.spread },
    apart: company.apart,
    together: company.together,
  };
}

/** True if a pod may be on nodes with a taint. */
export function toleratesTaint(
  { spec }: Pod,
  taint: NonNullable<KubernetesNode["spec"]>["taints"][number],
): boolean {
  return (spec.tolerations ?? []).some(({ key, operator, value, effect }) =>
    (effect === undefined || effect === "" || effect === taint.effect) &&
    (operator === "Exists"
      ? key === undefined || key === "" || key === taint.key
      : key === taint.key && value === taint.value)
  );
}

/** Of each resource the most that one of the pods takes: during a roll-out they differ. */
function largestOf(all: readonly Resources[]): Resources {
  const names = new Set(all.flatMap((one) => Object.keys(one)));
  const most = [...names].map((name) =>
    [
      name,
      Math.max(...all.map((one) => one[name] ?? 0)),
    ] as const
  );
  return Object.fromEntries(most.filter(([, amount]) => amount > 0));
}

function requireOf({ spec }: Pod, skip: (what: string) => void): Record<string, string> {
  const require: Record<string, string> = { ...spec.nodeSelector };
  const { nodeAffinity } = spec.affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ??
    [];
  if (terms.length > 1) skip("node affinity with alternatives");
  else {
    for (const { matchExpressions, matchFields } of terms) {
      if (matchFields.length > 0) skip("node affinity by fields");
      for (const { key, operator, values } of matchExpressions) {
        if (operator === "In" && values.length === 1) require[key] = values[0]!;
        else skip(`node affinity ${key} ${operator} ${values.join(", ")}`.trimEnd());
      }
    }
  }
  if ((nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).length > 0) {
    skip("preferred node affinity");
  }
  return require;
}

function spreadOf(
  { spec, metadata }: Pod,
  domainLabel: string,
  skip: (what: string) => void,
): ImportedApp["spread"] {
  let spread: ImportedApp["spread"] = {};
  for (const constraint of spec.topologySpreadConstraints) {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    if (whenUnsatisfiable !== "DoNotSchedule") {
      skip(`spread over ${topologyKey} where it can be had (${whenUnsatisfiable})`);
    } else if (topologyKey !== domainLabel || !selects(labelSelector, metadata.labels)) {
      skip(`spread over ${topologyKey} by at most ${maxSkew}`);
    } else {
      spread = { ...spread, maxSkew, ...(minDomains === undefined ? {} : { minDomains }) };
    }
  }
  return spread;
}

/** What pods say of other pods beside them. */
function companyOf(
  group: PodGroup,
  groups: readonly PodGroup[],
  domainLabel: string,
  skip: (what: string) => void,
): Pick<ImportedApp, "maxPerNode" | "apart" | "together" | "spread"> {
  const { podAffinity, podAntiAffinity } = group.pods[0]!.spec.affinity ?? {};
  let maxPerNode: number | null = null;
  let spread: ImportedApp["spread"] = {};
  const apart: string[] = [];
  const together: string[] = [];
  for (const term of podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const chosen = chosenBy(term, group, groups);
    if (chosen === null) {
      skip(`pods apart by ${term.topologyKey}, chosen by expressions or namespaces`);
      continue;
    }
    for (const other of chosen) {
      if (term.topologyKey === HOST) {
        if (other === group) maxPerNode = 1;
        else apart.push(other.name);
      } else if (term.topologyKey === domainLabel && other === group) {
        spread = { maxPerDomain: 1 };
      } else skip(`apart from ${other.name} by ${term.topologyKey}`);
    }
  }
  for (const term of podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
    const chosen = chosenBy(term, group, groups)?.filter((other) => other !== group) ?? [];
    if (term.topologyKey === HOST && chosen.length === 1) together.push(chosen[0]!.name);
    else skip(`pods together by ${term.topologyKey}`);
  }
  for (const between of [podAffinity, podAntiAffinity]) {
    if ((between?.preferredDuringSchedulingIgnoredDuringExecution ?? []).length > 0) {
      skip("preferred affinity of pods");
    }
  }
  return { maxPerNode, apart, together, spread };
}

type Selector = Pod["spec"]["topologySpreadConstraints"][number]["labelSelector"];

/** The groups that a term is about; null where only Kubernetes could say. */
function chosenBy(
  { labelSelector, namespaces, namespaceSelector }: {
    readonly labelSelector?: Selector;
    readonly namespaces?: readonly string[] | undefined;
    readonly namespaceSelector?: unknown;
  },
  { namespace }: PodGroup,
  groups: readonly PodGroup[],
): PodGroup[] | null {
  if (namespaceSelector !== undefined || !labelSelector) return null;
  if (labelSelector.matchExpressions.length > 0) return null;
  const within = namespaces ?? [namespace];
  return groups.filter((other) =>
    within.includes(other.namespace) && selects(labelSelector, other.pods[0]!.metadata.labels)
  );
}

function selects(
  selector: Selector,
  labels: Readonly<Record<string, string>> | null | undefined,
): boolean {
  if (!selector || selector.matchExpressions.length > 0) return false;
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) =>
    labels?.[key] === value
  );
}
