/**
 * A cluster of Kubernetes as a problem, of what `kubectl get nodes,pods -o json` prints.
 * @module
 */
import * as v from "valibot";
import { InputError, parseJson } from "../../domain/mod.ts";
import {
  addResources,
  type ImportedApp,
  type ImportedNode,
  type ImportedProblem,
  lessResources,
} from "./imported.ts";
import { amountsOf, podResources } from "./kubernetes_amounts.ts";
import {
  type KubernetesNode,
  listSchema,
  nodeSchema,
  type Pod,
  podSchema,
} from "./kubernetes_schema.ts";
import { appOfPods, type PodGroup, toleratesTaint } from "./kubernetes_pods.ts";

/** How a cluster is imported. */
export interface KubernetesImport {
  /** Namespaces whose pods are placed; those of others stay where they are. @default all */
  readonly namespaces?: readonly string[] | undefined;
  /** Slots of each node; null leaves them to the resources and the pods that the node takes. */
  readonly slots: number | null;
  /** Label whose value is the failure domain of a node. */
  readonly domainLabel: string;
}

/** Kinds of owners whose pods are on every node, or of one. */
const OF_NODES: readonly string[] = ["DaemonSet", "Node"];

/**
 * Reads a cluster.
 * @throws {InputError} naming file and place.
 */
export function importKubernetes(
  text: string,
  file: string,
  options: KubernetesImport,
): ImportedProblem {
  const { nodes, pods } = readList(text, file);
  const leftOut = new Set<string>();
  const running = pods.filter(({ status }) =>
    !["Succeeded", "Failed"].includes(status.phase ?? "")
  );
  const { namespaces } = options;
  const placed: PodGroup[] = [];
  const staying: Pod[] = [];
  for (const pod of running) {
    const owner = ownerOf(pod);
    if (OF_NODES.includes(owner.kind)) {
      staying.push(pod);
      leftOut.add(`${owner.name} (${owner.kind}): what its pods take is taken off their nodes`);
    } else if (namespaces !== undefined && !namespaces.includes(pod.metadata.namespace)) {
      staying.push(pod);
      leftOut.add(
        `pods of the namespace ${pod.metadata.namespace}: what they take is taken off their nodes`,
      );
    } else {
      const group = placed.find(({ namespace, owner: other }) =>
        namespace === pod.metadata.namespace && other.kind === owner.kind &&
        other.name === owner.name
      );
      if (group === undefined) {
        placed.push({ namespace: pod.metadata.namespace, owner, name: "", pods: [pod] });
      } else group.pods.push(pod);
    }
  }
  const groups = named(placed);
  const taints = distinctTaints(nodes);
  const apps = groups.map((group): ImportedApp => {
    const app = appOfPods(group, groups, options.domainLabel, file, leftOut);
    const untolerated = taints.filter((taint) => !toleratesTaint(group.pods[0]!, taint));
    const free = untolerated.map((taint) => [withoutTaint(taint), "true"] as const);
    return { ...app, require: { ...app.require, ...Object.fromEntries(free) } };
  });
  // A taint that no app tolerates fences its nodes: no label is needed for it.
  const fencing = taints.filter((taint) =>
    apps.every(({ require }) => Object.hasOwn(require, withoutTaint(taint)))
  );
  const fencingLabels = fencing.map(withoutTaint);
  const total = apps.reduce((sum, { containers }) => sum + containers, 0);
  return {
    apps: apps.map((app) => ({
      ...app,
      require: Object.fromEntries(
        Object.entries(app.require).filter(([key]) => !fencingLabels.includes(key)),
      ),
    })),
    nodes: nodes.map((node) =>
      importedNode(node, {
        staying: staying.filter(({ spec }) => spec.nodeName === node.metadata.name),
        taints,
        fencing,
        total,
        options,
        file,
        counted: new Set(apps.flatMap(({ resources }) => Object.keys(resources))),
      })
    ),
    leftOut: [...leftOut],
  };
}

function readList(
  text: string,
  file: string,
): { readonly nodes: KubernetesNode[]; readonly pods: Pod[] } {
  const result = v.safeParse(listSchema, parseJson(text, file));
  if (!result.success) {
    const [issue] = result.issues;
    const place = v.getDotPath(issue);
    throw new InputError(
      `${file}: ${place === null ? "" : `${place}: `}is not what ` +
        `\`kubectl get nodes,pods -A -o json\` prints (${issue.message})`,
    );
  }
  const { items } = result.output;
  return {
    nodes: items.filter((one): one is KubernetesNode => v.is(nodeSchema, one)),
    pods: items.filter((one): one is Pod => v.is(podSchema, one)),
  };
}

/** What a pod belongs to: of a ReplicaSet that a Deployment made, the Deployment. */
function ownerOf({ metadata }: Pod): PodGroup["owner"] {
  const { name, labels, ownerReferences } = metadata;
  const owner = ownerReferences.find(({ controller }) => controller === true) ?? ownerReferences[0];
  if (owner === undefined) return { kind: "Pod", name };
  const hash = labels?.["pod-template-hash"];
  return owner.kind === "ReplicaSet" && hash !== undefined && owner.name.endsWith(`-${hash}`)
    ? { kind: "Deployment", name: owner.name.slice(0, -hash.length - 1) }
    : { kind: owner.kind, name: owner.name };
}

/** Groups with names of their own: with namespace and kind, where others have the same name. */
function named(groups: readonly PodGroup[]): PodGroup[] {
  const is = (name: (group: PodGroup) => string, group: PodGroup) =>
    groups.filter((other) => name(other) === name(group)).length === 1;
  const byName = ({ owner }: PodGroup) => owner.name;
  const byNamespace = ({ namespace, owner }: PodGroup) => `${namespace}/${owner.name}`;
  return groups.map((group) => ({
    ...group,
    name: is(byName, group)
      ? byName(group)
      : is(byNamespace, group)
      ? byNamespace(group)
      : `${byNamespace(group)}/${group.owner.kind}`,
  }));
}

type Taint = NonNullable<KubernetesNode["spec"]>["taints"][number];

function distinctTaints(nodes: readonly KubernetesNode[]): Taint[] {
  const taints = nodes.flatMap(({ spec }) => spec.taints ?? [])
    .filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
  return [...new Map(taints.map((taint) => [withoutTaint(taint), taint])).values()];
}

/** Label of the nodes that do not have a taint. */
function withoutTaint({ key, value, effect }: Taint): string {
  return `no-taint/${key}${value === "" ? "" : `=${value}`}:${effect}`;
}

function importedNode(
  { metadata, spec, status }: KubernetesNode,
  { staying, taints, fencing, total, options, file, counted }: {
    readonly staying: readonly Pod[];
    readonly taints: readonly Taint[];
    readonly fencing: readonly Taint[];
    readonly total: number;
    readonly options: KubernetesImport;
    readonly file: string;
    /** Resources that some app takes: others would only split classes of nodes. */
    readonly counted: ReadonlySet<string>;
  },
): ImportedNode {
  const labels = metadata.labels ?? {};
  const own = new Set((spec.taints ?? []).map(withoutTaint));
  const free = taints.map(withoutTaint).filter((name) => !own.has(name));
  const ready = status.conditions.find(({ type }) => type === "Ready");
  const place = `${file}: node ${metadata.name}`;
  const { pods = 110, ...amounts } = amountsOf(status.allocatable ?? {}, `${place}: allocatable`);
  const taken = staying.map((pod) => podResources(pod, file)).reduce(addResources, {});
  const left = Math.max(0, pods - staying.length);
  const resources = Object.entries(lessResources(amounts, taken))
    .filter(([name]) => counted.has(name));
  return {
    name: metadata.name,
    // Beyond all containers there is nothing to say.
    slots: options.slots ?? (left < total ? Math.max(1, Math.min(255, left)) : null),
    resources: Object.fromEntries(resources),
    labels: { ...labels, ...Object.fromEntries(free.map((name) => [name, "true"])) },
    domain: labels[options.domainLabel] ?? null,
    fenced: spec.unschedulable === true || (ready !== undefined && ready.status !== "True") ||
      left === 0 || fencing.some((taint) => own.has(withoutTaint(taint))),
  };
}
