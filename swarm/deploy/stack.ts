/**
 * What a stack is on its Swarm, read off the labels of its services: what replanning starts from.
 * @module
 */
import { InputError, type NodeClass } from "../../domain/mod.ts";
import type { Running } from "../../replanning/mod.ts";
import type { Engine } from "../engine/engine.ts";
import type { SwarmNodeInfo } from "../engine/schemas.ts";
import { SLOTS_LABEL } from "../lab/layout.ts";
import { checkStackName } from "../names.ts";
import { canonical } from "../services/spec.ts";
import { isPlanned } from "./changes.ts";
import type { Target } from "./deployment.ts";
import { type Goal, readGoal } from "./goal.ts";
import { type Host, listed, selectHosts } from "./hosts.ts";
import { readSwarm, type SwarmState, unavailableHosts } from "./state.ts";

/** Most containers of an app on a node that a placement tells apart. */
const MOST_CONTAINERS = 255;

/** What runs of a stack, and what should. */
export interface StackNow extends Running {
  readonly nodeNames: readonly string[];
  /**
   * Containers of each app that its services ask for, on nodes that are away too; of a deployment that was killed on its
   * way, those that should run in the end.
   */
  readonly demand: readonly number[];
  /** Why nodes of the Swarm run nothing of it, by host name: they are down or drained, and not among the nodes. */
  readonly away: ReadonlyMap<string, string>;
  /** Indices of nodes that run what they run, and take no more: they are paused. */
  readonly paused: readonly number[];
}

/** Which nodes of the Swarm are those of a stack, and how much they take. */
export interface StackNodes {
  /** A label that they have: `disk` or `disk=ssd`. @default those that say how many slots they have, else all */
  readonly label?: string | undefined;
  /** Slots of the nodes that do not say how many they have. */
  readonly slots?: number | undefined;
}

/**
 * What runs of a stack on the nodes that take part: what a node runs that is down or drained does not run.
 * @throws {InputError} if nothing of the stack is there, a node does not say how many containers it takes, or more than 255
 * containers of an app are on a node.
 */
export async function currentOfStack(
  engine: Engine,
  stack: string,
  nodes: StackNodes = {},
): Promise<StackNow> {
  checkStackName(stack);
  return await stackIn(engine, await readSwarm(engine, stack), stack, nodes);
}

/** {@link currentOfStack} of a Swarm that was just looked at. */
export async function stackIn(
  engine: Engine,
  state: SwarmState,
  stack: string,
  nodes: StackNodes = {},
): Promise<StackNow> {
  return stackNow(state, stack, nodes, await readGoal(engine, stack));
}

function stackNow(
  state: SwarmState,
  stack: string,
  given: StackNodes,
  goal: Goal | null,
): StackNow {
  const { nodes } = state;
  const current = state.current.filter(isPlanned);
  if (current.length === 0) {
    throw new InputError(`Nothing of Metis runs as the stack ${stack}: deploy a plan first`);
  }
  const apps = [...new Set([...current.map(({ app }) => app), ...Object.keys(goal ?? {})])].sort();
  const demand = apps.map((app) =>
    goal !== null
      ? goal[app] ?? 0
      : current.reduce((sum, service) => service.app === app ? sum + service.replicas : sum, 0)
  );
  const away = unavailableHosts(nodes);
  const hosts = hostsOf(state, given.label).filter(({ hostname }) => !away.has(hostname));
  if (hosts.length === 0) throw new InputError("No node of the Swarm takes containers");
  const classes = classesOf(hosts, given.slots);
  const ordered = [...classes.values()].flatMap(({ members }) => members);
  const nodeNames = ordered.map(({ hostname }) => hostname);
  const counts = new Uint8Array(ordered.length * apps.length);
  const nodeOf = new Map(nodeNames.map((name, node) => [name, node]));
  for (const { app, node, replicas } of current) {
    const at = nodeOf.get(node);
    if (at === undefined) continue;
    const spot = at * apps.length + apps.indexOf(app);
    const count = counts[spot]! + replicas;
    if (count > MOST_CONTAINERS) {
      throw new InputError(
        `${app} has ${count} containers on ${node}: Metis counts up to ${MOST_CONTAINERS} of an app on a node`,
      );
    }
    counts[spot] = count;
  }
  return {
    apps,
    cluster: { nodeClasses: [...classes.values()].map(({ nodeClass }) => nodeClass) },
    nodeNames,
    placement: { nodes: ordered.length, apps: apps.length, counts },
    demand,
    away,
    paused: ordered.flatMap(({ unavailable }, node) => unavailable === null ? [] : [node]),
  };
}

/** Equal for equal nodes with equal containers. */
export function printOf(
  { apps, cluster, nodeNames, placement, demand, away, paused }: StackNow,
): string {
  return canonical([
    apps,
    cluster.nodeClasses,
    nodeNames,
    [...placement.counts],
    demand,
    [...away.keys()].sort(),
    paused,
  ]);
}

/**
 * The target, where the stack is still as it was when it was looked at: asked with the lock held, so that what others did
 * meanwhile is not undone. @param print Of what was found, see {@link printOf}.
 */
export function ifStill(
  engine: Engine,
  target: Target,
  print: string,
  nodes: StackNodes,
): Target {
  return {
    ...target,
    desire: async (state) => {
      if (printOf(await stackIn(engine, state, target.stack, nodes)) !== print) {
        throw new InputError("Others changed the stack meanwhile: it has to be looked at again");
      }
      return await target.desire(state);
    },
  };
}

/** The nodes that the stack may use, and those that it does. */
function hostsOf({ nodes, current }: SwarmState, label: string | undefined): Host[] {
  const chosen = selectHosts(nodes, { label });
  const names = new Set(chosen.map(({ hostname }) => hostname));
  const present = new Set(nodes.map(({ Description }: SwarmNodeInfo) => Description.Hostname));
  const more = [...new Set(current.filter(isPlanned).map(({ node }) => node))].filter((name) =>
    !names.has(name) && present.has(name)
  );
  return more.length === 0 ? chosen : [...chosen, ...selectHosts(nodes, { names: more.sort() })];
}

/** Nodes that are alike, in classes: the order of the classes is that of the nodes. */
function classesOf(
  hosts: readonly Host[],
  slots: number | undefined,
): Map<string, { readonly nodeClass: NodeClass; readonly members: Host[] }> {
  const unknown = hosts.filter(({ capacity }) => !Number.isFinite(capacity));
  if (unknown.length > 0 && slots === undefined) {
    throw new InputError(
      `${listed(unknown.map(({ hostname }) => hostname))} ${
        unknown.length === 1 ? "does" : "do"
      } not say how many containers they take: set it by \`docker node update --label-add ${SLOTS_LABEL}=8 ${
        unknown[0]!.hostname
      }\`, or give --slots`,
    );
  }
  const classes = new Map<string, { nodeClass: NodeClass; members: Host[] }>();
  for (const host of hosts) {
    const { [SLOTS_LABEL]: _, ...labels } = host.labels;
    const capacity = Number.isFinite(host.capacity) ? host.capacity : slots!;
    const key = canonical([capacity, labels]);
    const known = classes.get(key);
    const members = [...known?.members ?? [], host];
    const name = known?.nodeClass.name ?? `class-${classes.size}`;
    classes.set(key, {
      nodeClass: { name, capacity, count: members.length, labels, failureDomain: null },
      members,
    });
  }
  return classes;
}
