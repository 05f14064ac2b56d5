import type { Engine } from "../engine/engine.ts";
import type { Task } from "../engine/schemas.ts";
import { oneLine } from "../errors.ts";
import {
  asDesired,
  type Change,
  type CurrentService,
  type DesiredService,
  isGlobal,
  planChanges,
} from "./changes.ts";
import { hasFailed, isMeant, isUp, taskHash } from "./convergence.ts";
import type { Target } from "./deployment.ts";
import { readSwarm, type SwarmState, unavailableHosts } from "./state.ts";

/** How one service is, and how it should be. */
export interface ServiceStatus {
  readonly service: string;
  readonly app: string;
  /** Host name; null for a service that no plan names: Swarm places it. */
  readonly node: string | null;
  /** Containers that should run, and those that do; a global service should have as many as Swarm has made. */
  readonly wanted: number;
  readonly running: number;
  /** Containers that failed and were replaced, as far back as Swarm remembers (5 for each slot). */
  readonly restarts: number;
  /**
   * "running", "converging", "node down", "failing"; against a plan also "missing" (to be created),
   * "extra" (not in the plan), "changed" (other image, options or number of containers than planned).
   */
  readonly state: string;
  /** Where its containers can be reached: "10.0.0.1:8081", where it publishes ports; ports of the mesh at all nodes. */
  readonly ports: readonly string[];
  /** Swarm's own words on what is wrong, or "". */
  readonly reason: string;
}

/** How a stack is. */
export interface StackStatus {
  readonly stack: string;
  readonly services: readonly ServiceStatus[];
  /** True if everything is as planned and runs. */
  readonly healthy: boolean;
}

/** Compares what runs with what should run. @param target What should run; without it, what the Swarm was told. */
export async function stackStatus(
  engine: Engine,
  stack: string,
  target?: Target,
): Promise<StackStatus> {
  const state = await readSwarm(engine, stack);
  const current = target === undefined ? state.current : state.current.filter(target.inScope);
  const desired = await target?.desire(state) ?? current.map(asDesired);
  const tasksOf = Map.groupBy(state.tasks, ({ ServiceID }) => ServiceID);
  const unavailable = unavailableHosts(state.nodes);
  const addresses = new Map(state.nodes.map(({ ID, Status }) => [ID, Status.Addr]));
  const services = planChanges(desired, current).map((change): ServiceStatus => {
    const shown: DesiredService | CurrentService = change.kind === "remove"
      ? change.from
      : change.to;
    const tasks = change.kind === "create" ? [] : tasksOf.get(change.from.id) ?? [];
    const oneShot = change.kind !== "remove" && change.to.oneShot;
    // What runs on a node that is away, nobody can tell.
    const up = tasks.filter((task) =>
      isUp(task, { oneShot }) && !unavailable.has(state.hostOf.get(task.NodeID) ?? "")
    );
    const reason = reasonOf(tasks);
    const wanted = change.kind === "remove" ? 0 : wantedOf(change.to, tasks, state);
    const away = shown.node === null ? undefined : unavailable.get(shown.node);
    return {
      service: shown.name,
      app: shown.app,
      node: shown.node,
      wanted,
      running: up.length,
      restarts: tasks.filter(hasFailed).length,
      state: stateOf(change, up, wanted, away !== undefined, reason),
      ports: [
        ...portsOf(up, addresses),
        ...(change.kind === "create" ? [] : meshOf(change.from, state)),
      ],
      reason: away ?? (up.length === wanted ? "" : reason),
    };
  }).sort((a, b) =>
    (a.node ?? "").localeCompare(b.node ?? "", "en", { numeric: true }) || (a.app < b.app ? -1 : 1)
  );
  return { stack, services, healthy: services.every(({ state }) => state === "running") };
}

function stateOf(
  change: Change,
  up: readonly Task[],
  wanted: number,
  nodeAway: boolean,
  reason: string,
): string {
  if (change.kind === "create") return "missing";
  if (change.kind === "remove") return "extra";
  if (change.kind !== "keep") return "changed";
  if (nodeAway) return "node down";
  const fresh = up.filter((task) => taskHash(task) === (change.to.taskHash ?? change.to.hash));
  // Jobs that completed earlier are remembered.
  const isDone = change.to.oneShot || up.length === wanted;
  if (fresh.length === wanted && isDone) return "running";
  return reason === "" ? "converging" : "failing";
}

/** Containers that a service should have. */
function wantedOf(
  { body, replicas }: DesiredService,
  tasks: readonly Task[],
  { nodes, hostOf }: SwarmState,
): number {
  if (!isGlobal(body)) return replicas;
  const away = unavailableHosts(nodes);
  return tasks.filter((task) => isMeant(task) && !away.has(hostOf.get(task.NodeID) ?? "")).length;
}

/** Addresses of every node that takes tasks, where a service publishes ports on all of them. */
function meshOf({ meshPorts }: CurrentService, { nodes }: SwarmState): string[] {
  const up = nodes.filter(({ Status }) => Status.State === "ready" && Status.Addr !== "");
  const addresses = [...new Set(up.map(({ Status }) => Status.Addr))];
  return addresses.flatMap((address) => meshPorts.map((port) => `${address}:${port}`));
}

function reasonOf(tasks: readonly Task[]): string {
  const last = [...tasks].sort((a, b) => a.CreatedAt < b.CreatedAt ? 1 : -1)
    .find(({ Status }) => Status.Err !== "");
  return oneLine(last?.Status.Err ?? "");
}

function portsOf(up: readonly Task[], addresses: ReadonlyMap<string, string>): string[] {
  const ports = up.flatMap(({ NodeID, Status }) =>
    (Status.PortStatus?.Ports ?? []).map(({ PublishedPort }) =>
      `${addresses.get(NodeID) ?? ""}:${PublishedPort}`
    )
  );
  // Engines list a port once for IPv4 and once for IPv6.
  return [...new Set(ports)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}
