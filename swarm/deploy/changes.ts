import type { ServiceBody } from "../engine/engine.ts";
import type { Mode, Port, Service } from "../engine/schemas.ts";
import type { Releases } from "./release.ts";
import { ADOPTED_LABEL, APP_LABEL, NODE_LABEL, SLOT_LABEL, SPEC_LABEL } from "../services/spec.ts";

/** A service that should run. */
export interface DesiredService {
  /** Identity: app, node, and slot where there is one. */
  readonly key: string;
  readonly name: string;
  readonly app: string;
  /** Host name; null for a service that no plan names: Swarm places it. */
  readonly node: string | null;
  /** Containers, at least 1; 0 for one on every node, see {@link isGlobal}. */
  readonly replicas: number;
  /** Of everything that it runs but the number of containers. */
  readonly hash: string;
  readonly body: ServiceBody;
  /** Ends by itself: containers that completed count as running. */
  readonly oneShot: boolean;
  /** What its tasks say instead of `hash`, where others made them. */
  readonly taskHash?: string;
  /** How often one container may fail before the service is given up, at least 1. */
  readonly mostFailures: number;
  /** How its app is released, where its file says it. */
  readonly releases?: Releases;
  /** It is what was found: where Swarm paused its update, nothing goes on with that. */
  readonly isAsFound?: true;
}

/** A service of ours that is. */
export interface CurrentService {
  readonly key: string;
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly app: string;
  /** Host name; null for a service that no plan names. */
  readonly node: string | null;
  readonly replicas: number;
  /** What its label says, "" where the label is gone. */
  readonly hash: string;
  /** True if Docker deployed it, and nothing but its place and its number of containers was changed since. */
  readonly isAdopted: boolean;
  /** True if Swarm gave its last update up halfway: it goes on with another one only, even if that says the same. */
  readonly isPaused: boolean;
  /** As the engine has it, to be sent back in a rollback. */
  readonly body: ServiceBody;
  /** Ports of nodes that its tasks hold, as "8080/tcp" by the container's port: those that Swarm chooses are left out. */
  readonly heldPorts: readonly string[];
  /** Ports at which every node of the Swarm leads to it. */
  readonly meshPorts: readonly number[];
}

/** What differs of one service between what runs and what should run. */
export type Change =
  | {
    readonly kind: "keep" | "scale" | "update";
    readonly from: CurrentService;
    readonly to: DesiredService;
  }
  | { readonly kind: "create"; readonly to: DesiredService }
  | { readonly kind: "remove"; readonly from: CurrentService };

/** The identity of a service of ours. */
export function serviceKey(app: string, node: string | null, slot?: string | number): string {
  return `${app}@${node ?? ""}${slot === undefined ? "" : `#${slot}`}`;
}

/** True for a service of a plan, which is pinned to a node; the others are as their file says. */
export function isPlanned<Service extends { readonly node: string | null }>(
  service: Service,
): service is Service & { readonly node: string } {
  return service.node !== null;
}

/** The service as one of ours, or null if it lacks our labels. */
export function currentService(
  { ID, Version, Spec, Endpoint, UpdateStatus }: Service,
): CurrentService | null {
  const labels = Spec.Labels ?? {};
  const [app, node = null] = [labels[APP_LABEL], labels[NODE_LABEL]];
  if (app === undefined) return null;
  return {
    key: serviceKey(app, node, labels[SLOT_LABEL]),
    id: ID,
    version: Version.Index,
    name: Spec.Name,
    app,
    node,
    replicas: replicasOf(Spec.Mode),
    hash: labels[SPEC_LABEL] ?? "",
    isAdopted: labels[ADOPTED_LABEL] !== undefined,
    isPaused: /paused$/.test(UpdateStatus?.State ?? ""),
    body: Spec as unknown as ServiceBody,
    heldPorts: (Endpoint.Ports ?? []).filter((port) =>
      port.PublishMode === "host" && port.PublishedPort > 0
    ).map(portKey),
    meshPorts: (Endpoint.Ports ?? []).flatMap(({ PublishMode, PublishedPort }) =>
      PublishMode === "ingress" && PublishedPort > 0 ? [PublishedPort] : []
    ),
  };
}

/** The service as one that should run: what a rollback restores. */
export function asDesired(service: CurrentService): DesiredService {
  const { isAdopted, ...rest } = service;
  const end = endOf(service.body);
  return { ...rest, ...end, ...(isAdopted ? { taskHash: "" } : {}), isAsFound: true };
}

/** The service with another number of containers. */
export function resized(service: DesiredService, replicas: number): DesiredService {
  if (service.replicas === replicas) return service;
  const body = { ...service.body, Mode: { Replicated: { Replicas: replicas } } };
  return { ...service, replicas, body };
}

/** How often a container may fail, unless its own policy gives up earlier: Docker itself never gives up. */
const MOST_FAILURES = 3;

/** Containers that a mode asks for; 0 for one on every node. */
export function replicasOf({ Replicated, ReplicatedJob }: Mode): number {
  if (ReplicatedJob != null) return ReplicatedJob.TotalCompletions ?? 1;
  return Replicated == null ? 0 : Replicated.Replicas ?? 1;
}

/** True if a service has a container on every node that takes one: nobody says how many these are. */
export function isGlobal({ Mode }: ServiceBody): boolean {
  const { Global, GlobalJob } = Mode as Mode;
  return Global != null || GlobalJob != null;
}

/** What a restart policy, and the mode, say of how containers end. */
export function endOf(body: ServiceBody): Pick<DesiredService, "oneShot" | "mostFailures"> {
  const { ReplicatedJob, GlobalJob } = body.Mode as Mode;
  const { Condition, MaxAttempts } = (body.TaskTemplate.RestartPolicy ?? {}) as {
    Condition?: string;
    MaxAttempts?: number;
  };
  const tries = Condition === "none" ? 1 : MaxAttempts ? MaxAttempts + 1 : Infinity;
  return {
    oneShot: Condition === "none" || Condition === "on-failure" || ReplicatedJob != null ||
      GlobalJob != null,
    mostFailures: Math.min(MOST_FAILURES, tries),
  };
}

/**
 * What has to change: services that are as they should be are kept, all others of ours are removed.
 * Pure; the order of the arguments' elements does not matter. What frees room comes first, then what
 * is replaced in its place, then what takes room, each sorted by node and app.
 */
export function planChanges(
  desired: readonly DesiredService[],
  current: readonly CurrentService[],
): Change[] {
  const wanted = new Map(desired.map((service) => [service.key, service]));
  const changes: Change[] = [];
  const met = new Set<string>();
  for (const from of [...current].sort((a, b) => compare(a.id, b.id))) {
    const to = wanted.get(from.key);
    if (to === undefined || met.has(from.key)) {
      changes.push({ kind: "remove", from });
      continue;
    }
    met.add(from.key);
    if (clingsToPort(from, to) || kindOfMode(from) !== kindOfMode(to)) {
      changes.push({ kind: "remove", from }, { kind: "create", to });
    } else {
      const kind = kindOf(from, to);
      const stays = from.isAdopted && kind !== "update";
      changes.push({ kind, from, to: stays ? { ...to, taskHash: "" } : to });
    }
  }
  for (const to of wanted.values()) if (!met.has(to.key)) changes.push({ kind: "create", to });
  return changes.sort((a, b) => rank(a) - rank(b) || compare(sortKey(a), sortKey(b)));
}

/** The changes that are more than keeping. */
export function realChanges(changes: readonly Change[]): Change[] {
  return changes.filter(({ kind }) => kind !== "keep");
}

/** True if every field of the wanted value is in the actual one; the engine adds fields of its own. */
export function holds(wanted: unknown, actual: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(actual) && wanted.length === actual.length &&
      wanted.every((element, at) => holds(element, actual[at]));
  }
  if (typeof wanted === "object" && wanted !== null) {
    if (typeof actual !== "object" || actual === null) return Object.keys(wanted).length === 0;
    return Object.entries(wanted).every(([key, value]) =>
      holds(value, (actual as Record<string, unknown>)[key])
    );
  }
  return wanted === actual;
}

/**
 * True if an update would do nothing: SwarmKit keeps a published host port where the new one is left to the
 * engine (hostPublishPortsNeedUpdate looks only at ports with a number), so the service must be created again.
 */
function clingsToPort(from: CurrentService, to: DesiredService): boolean {
  const { Ports = [] } = (to.body.EndpointSpec ?? {}) as { Ports?: Partial<Port>[] | null };
  return (Ports ?? []).some((port) =>
    !port.PublishedPort && from.heldPorts.includes(portKey(port))
  );
}

/** Swarm never changes what kind of service one is. */
function kindOfMode({ body }: CurrentService | DesiredService): string | undefined {
  return Object.entries(body.Mode as Mode).find(([, fields]) => fields != null)?.[0];
}

function portKey({ TargetPort, Protocol = "tcp" }: Partial<Port>): string {
  return `${TargetPort}/${Protocol}`;
}

function kindOf(from: CurrentService, to: DesiredService): "keep" | "scale" | "update" {
  // Docker says the same in other words.
  const same = from.hash === to.hash && (from.isAdopted || !hasDrifted(from, to));
  if (!same || (from.isPaused && to.isAsFound !== true)) return "update";
  return from.replicas === to.replicas ? "keep" : "scale";
}

/** True if somebody changed the service by hand: its label says one thing, its body another. */
export function hasDrifted(from: CurrentService, to: DesiredService): boolean {
  const actual = containerOf(from.body);
  const wanted = containerOf(to.body);
  // Where nothing is wanted, something added would go unseen by `holds`.
  const added = (["Env", "Command", "Args", "Mounts", "Secrets"] as const).some((field) =>
    !holds(wanted[field] ?? [], actual[field] ?? [])
  );
  return added ||
    !holds(networksAside(to.body.TaskTemplate), networksAside(from.body.TaskTemplate)) ||
    !holds(to.body.EndpointSpec ?? {}, from.body.EndpointSpec) ||
    (to.node === null && RELEASES.some((field) => hasOther(field, from.body, to.body)));
}

/** How Swarm updates a service; of those that are pinned, Metis says it as it goes. */
const RELEASES = ["UpdateConfig", "RollbackConfig"] as const;

function hasOther(field: typeof RELEASES[number], from: ServiceBody, to: ServiceBody): boolean {
  return to[field] === undefined ? from[field] != null : !holds(to[field], from[field]);
}

function containerOf({ TaskTemplate }: ServiceBody): Record<string, unknown> {
  return (TaskTemplate.ContainerSpec ?? {}) as Record<string, unknown>;
}

/** The engine turns the names of networks into ids. */
function networksAside(template: object): object {
  return { ...template, Networks: undefined };
}

function rank(change: Change): number {
  if (change.kind === "keep") return 0;
  if (change.kind === "remove") return 1;
  if (change.kind === "scale" && change.to.replicas < change.from.replicas) return 1;
  return change.kind === "update" ? 2 : 3;
}

function sortKey(change: Change): string {
  const { node, app, key } = change.kind === "remove" ? change.from : change.to;
  return `${node ?? ""}\0${app}\0${key}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
