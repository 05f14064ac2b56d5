import { InputError, suggest } from "../../domain/mod.ts";
import { labelsOfNode } from "../engine/node_labels.ts";
import type { SwarmNodeInfo } from "../engine/schemas.ts";
import { SLOTS_LABEL } from "../lab/layout.ts";
import { checkHostName } from "../names.ts";
import type { SwarmNode } from "../types.ts";

/** A node of the Swarm, and whether it takes tasks now. */
export interface Host extends SwarmNode {
  readonly id: string;
  /** Null if it takes tasks, else why not: `down`, `drain`. */
  readonly unavailable: string | null;
}

/** Which nodes of the Swarm a plan is for. Without names or label: those that say how many slots they have, else all. */
export interface HostSelection {
  /** Host names in the order of the plan's nodes. */
  readonly names?: readonly string[] | undefined;
  /** A label that they have: `disk` or `disk=ssd`. */
  readonly label?: string | undefined;
  /** What the plan itself calls its nodes: as {@link HostSelection.names} where the Swarm has nodes of all these names. */
  readonly ofPlan?: readonly string[] | undefined;
}

/** The host names in the order of the plan's nodes, where a selection says them; the Swarm's own names decide. */
export function namesOf(
  nodes: readonly SwarmNodeInfo[],
  { names, label, ofPlan }: HostSelection,
): readonly string[] | undefined {
  if (names !== undefined || label !== undefined || ofPlan === undefined) return names;
  const present = new Set(nodes.map(({ Description }) => Description.Hostname));
  return ofPlan.every((name) => present.has(name)) ? ofPlan : undefined;
}

/**
 * The nodes that a plan may use, in the order of the plan where names are given, else by name.
 * @throws {InputError} if a node is not in the Swarm, or two go by one name.
 */
export function selectHosts(nodes: readonly SwarmNodeInfo[], selection: HostSelection): Host[] {
  const hosts = hostsIn(nodes);
  const wanted = namesOf(nodes, selection);
  if (wanted !== undefined) {
    return wanted.map((name) => {
      checkHostName(name, "--nodes");
      const host = hosts.find(({ hostname }) => hostname === name);
      if (host !== undefined) return host;
      const names = hosts.map(({ hostname }) => hostname);
      throw new InputError(
        `The Swarm has no node ${name}${suggest(name, names)}: it has ${listed(names)}`,
      );
    });
  }
  const { label } = selection;
  if (label !== undefined) {
    const cut = label.indexOf("=");
    const key = cut < 0 ? label : label.slice(0, cut);
    const chosen = hosts.filter(({ labels }) =>
      Object.hasOwn(labels, key) && (cut < 0 || labels[key] === label.slice(cut + 1))
    );
    if (chosen.length > 0) return chosen;
    throw new InputError(
      `No node has the label ${label}: set it by \`docker node update --label-add ${key}=... NODE\``,
    );
  }
  const sized = hosts.filter(({ labels }) => Object.hasOwn(labels, SLOTS_LABEL));
  return sized.length > 0 ? sized : hosts;
}

/**
 * What each slot of a node may use: an equal share of what the node has.
 * @param launched Slots of a node that does not say how many it has.
 */
export function slotShare(
  { id, capacity }: Host,
  nodes: readonly SwarmNodeInfo[],
  launched: number,
): { cpus: number; memory: string } {
  const slots = Number.isFinite(capacity) ? capacity : launched;
  const { NanoCPUs, MemoryBytes } = nodes.find(({ ID }) => ID === id)?.Description.Resources ?? {};
  return {
    cpus: NanoCPUs === undefined ? 2 : Math.max(0.01, Math.floor(NanoCPUs / 1e7 / slots) / 100),
    memory: MemoryBytes === undefined ? "8g" : `${Math.floor(MemoryBytes / slots / 2 ** 20)}m`,
  };
}

/** Names, shortened where there are many. */
export function listed(names: readonly string[]): string {
  return names.length <= 12
    ? names.join(", ")
    : `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`;
}

/** Every node, by name. @throws {InputError} if two go by one name. */
export function hostsIn(nodes: readonly SwarmNodeInfo[]): Host[] {
  const byName = new Map<string, Host>();
  for (const node of nodes) {
    const { Description: { Hostname: hostname }, Spec, Status } = node;
    if (hostname === "") continue;
    checkHostName(hostname, "Node of the Swarm");
    const unavailable = Status.State !== "ready"
      ? `${Status.State}${Status.Message ? ` (${Status.Message})` : ""}`
      : Spec.Availability !== "active"
      ? Spec.Availability
      : null;
    const labels = labelsOfNode(node);
    const host: Host = { id: node.ID, hostname, labels, unavailable, capacity: slotsOf(labels) };
    const other = byName.get(hostname);
    if (other !== undefined && other.unavailable === null && unavailable === null) {
      throw new InputError(
        `Two nodes of the Swarm have the name ${hostname}: a service cannot be pinned to one of them, ` +
          "rename one or drain it",
      );
    }
    // A machine that left and joined again is listed twice; the dead entry takes no tasks.
    if (other === undefined || other.unavailable !== null) byName.set(hostname, host);
  }
  return [...byName.values()].sort((a, b) =>
    a.hostname.localeCompare(b.hostname, "en", { numeric: true })
  );
}

function slotsOf(labels: Readonly<Record<string, string>>): number {
  const slots = Number(labels[SLOTS_LABEL]);
  return Number.isInteger(slots) && slots > 0 ? slots : Infinity;
}
