import type { Task } from "../engine/schemas.ts";
import { SPEC_LABEL } from "../services/spec.ts";
import type { Tolerated } from "./renewals.ts";

/** A service that is waited for. */
export interface Awaited {
  readonly id: string;
  readonly name: string;
  /** Host name of its node; null where Swarm places it. */
  readonly node: string | null;
  readonly hash: string;
  /** What its tasks say instead of `hash`, where others made them. */
  readonly taskHash?: string;
  /** Containers; of a global service as many as Swarm makes. */
  readonly replicas: number;
  readonly isGlobal: boolean;
  readonly oneShot: boolean;
  /** How often one container may fail before the service is given up, at least 1. */
  readonly mostFailures: number;
  /** While it is renewed: what may fail of its app, and whether nothing comes after it in which that is waited for. */
  readonly release?: Tolerated & { readonly isLast: boolean };
  /** Its turn is later: of it only its node is looked at, which must not go away. */
  readonly isLater?: true;
}

/** What is remembered between two looks at the tasks. */
export interface Memory {
  /** Tasks that had failed before we came: they are not held against the new state. */
  readonly before: ReadonlySet<string>;
  /** When a pending task was first seen with a reason, or a global service, in milliseconds, by id. */
  readonly pendingSince: Map<string, number>;
  /** When something was last seen that a node, by its host name, is still stopping. */
  readonly busyAt: Map<string, number>;
  /** Since when a node, by its host name, has not answered. */
  readonly awaySince: Map<string, number>;
}

/** What is remembered at the beginning. @param tasks As they are before anything is changed. */
export function newMemory(tasks: readonly Task[]): Memory {
  const failed = tasks.filter(hasFailed).map(({ ID }) => ID);
  return {
    before: new Set(failed),
    pendingSince: new Map(),
    busyAt: new Map(),
    awaySince: new Map(),
  };
}

/** What the tasks say. */
export interface Assessment {
  /** Containers that run as they should, and how many should run in all. */
  readonly running: number;
  readonly wanted: number;
  /** True if nothing is left to wait for. */
  readonly converged: boolean;
  /** Names of services that do not run as they should. */
  readonly waiting: readonly string[];
  /** Why it can never converge, in Swarm's own words; null while it may. */
  readonly hopeless: string | null;
  /** Host names of the nodes that are the only reason, where it is hopeless for want of them. */
  readonly lost: readonly string[];
  /** True if it is a release that failed, and what has changed is to be left as it is. */
  readonly isLeft: boolean;
  /** Equal for equal sets of running tasks. */
  readonly fingerprint: string;
}

/**
 * So long, in milliseconds, a task must be pending for a reason on a node that stops nothing meanwhile: until
 * then ports and memory may be about to be freed.
 */
const GRACE_MS = 2500;
/** What a retry cannot fix. */
const FINAL =
  /no such image|manifest unknown|pull access denied|executable file not found|no such file or directory|invalid (mount|bind|volume)|bind source path does not exist/i;
/** What Swarm says of a task whose own node takes none at the moment. */
const NOT_READY = /not available for new tasks/;

/**
 * Judges how far services are.
 * @param tasks All tasks of the stack. @param unavailable Why nodes take no tasks, by host name.
 * @param hostOf Host name of a node id. @param now Milliseconds. @param graceMs So long a node that does not answer is waited for.
 */
export function assess(
  services: readonly Awaited[],
  tasks: readonly Task[],
  hostOf: ReadonlyMap<string, string>,
  unavailable: ReadonlyMap<string, string>,
  memory: Memory,
  now: number,
  graceMs = 0,
): Assessment {
  noteAway(unavailable, memory, now);
  const ofService = Map.groupBy(tasks, ({ ServiceID }) => ServiceID);
  const ids = new Set(services.map(({ id }) => id));
  const isAway = (task: Task) => unavailable.has(hostOf.get(task.NodeID) ?? "");
  // What should stop still holds its ports and memory; on a node that is down nobody can tell.
  const stopping = tasks.filter((task) => {
    const shallStop = !ids.has(task.ServiceID) || !isMeant(task);
    return shallStop && isAlive(task) && !isAway(task);
  });
  for (const { NodeID } of stopping) memory.busyAt.set(hostOf.get(NodeID) ?? "", now);
  let running = 0;
  let wanted = 0;
  const failing = new Map<string, number>();
  let hopeless: string | null = null;
  let gone: string | null = null;
  const lost = new Set<string>();
  let isLeft = false;
  const waiting: string[] = [];
  const prints: string[] = [];
  for (const service of services) {
    const isAwayNow = service.node !== null && unavailable.has(service.node);
    if (service.isLater && !isAwayNow) continue;
    const own = ofService.get(service.id) ?? [];
    const fresh = own.filter((task) => taskHash(task) === (service.taskHash ?? service.hash));
    const done = fresh.filter((task) => isUp(task, service) && !isAway(task));
    const most = service.isGlobal
      ? globalCount(service, own, isAway, memory, now)
      : service.replicas;
    running += Math.min(done.length, most);
    wanted += most;
    prints.push(...done.map(({ ID }) => ID));
    const { release } = service;
    if (release !== undefined) {
      const slots = failedSlots(fresh, memory);
      const count = (failing.get(release.app) ?? 0) + slots.size;
      failing.set(release.app, count);
      if (count > release.containers && hopeless === null && slots.size > 0) {
        hopeless = `${placeOf(service)}: ${lastWords(fresh, memory)}`;
        isLeft = release.isLeft;
      }
      // What may fail does not hold up the rest of the release.
      for (const task of done) slots.delete(slotOf(task));
      if (!release.isLast && done.length + slots.size >= most) continue;
    }
    if (done.length >= most) continue;
    waiting.push(service.name);
    if (isAwayNow) {
      const why = whyLost(service, unavailable, memory, now, graceMs);
      if (why !== null) lost.add(service.node!);
      gone ??= why;
      continue;
    }
    hopeless ??= (release === undefined ? failure(service, fresh, memory) : null) ??
      pending(service, fresh, memory, now, graceMs);
  }
  return {
    running,
    wanted,
    converged: waiting.length === 0 && stopping.length === 0,
    waiting,
    hopeless: hopeless ?? gone,
    lost: hopeless === null ? [...lost] : [],
    isLeft,
    fingerprint: prints.sort().join(),
  };
}

/** Nodes that are drained are away because somebody wants it: they are not waited for. */
const DRAINED = "drained";

function noteAway(
  unavailable: ReadonlyMap<string, string>,
  { awaySince }: Memory,
  now: number,
): void {
  for (const host of awaySince.keys()) if (!unavailable.has(host)) awaySince.delete(host);
  for (const host of unavailable.keys()) {
    if (!awaySince.has(host)) awaySince.set(host, now);
  }
}

/** Why a service on a node that takes no tasks cannot run; null while the node may come back. */
function whyLost(
  { name, node }: Awaited,
  unavailable: ReadonlyMap<string, string>,
  { awaySince }: Memory,
  now: number,
  graceMs: number,
): string | null {
  const reason = unavailable.get(node!)!;
  const isWaitedFor = reason !== DRAINED && now - awaySince.get(node!)! < graceMs;
  return isWaitedFor ? null : `${name}: node ${node} is ${reason}`;
}

/** True if the task's container is meant to run and runs, or completed as it was meant to. */
export function isUp(task: Task, service: Pick<Awaited, "oneShot">): boolean {
  const { State } = task.Status;
  if (State === "running") return isMeant(task);
  return service.oneShot && State === "complete";
}

/** True if Swarm wants the task: jobs are meant to complete. */
export function isMeant({ DesiredState }: Task): boolean {
  return DesiredState === "running" || DesiredState === "complete";
}

/** Containers that a global service should have: one that has none yet may be about to get them. */
function globalCount(
  { id }: Awaited,
  own: readonly Task[],
  isAway: (task: Task) => boolean,
  { pendingSince }: Memory,
  now: number,
): number {
  const meant = own.filter((task) => isMeant(task) && !isAway(task)).length;
  const since = pendingSince.get(id) ?? now;
  pendingSince.set(id, since);
  return meant > 0 || now - since >= GRACE_MS ? meant : 1;
}

/** The hash of the body that a task was made from. */
export function taskHash(task: Task): string {
  return task.Spec.ContainerSpec?.Labels?.[SPEC_LABEL] ?? "";
}

/** True if a task ended in another way than it should. */
export function hasFailed({ Status }: Task): boolean {
  return Status.State === "failed" || Status.State === "rejected" || Status.State === "orphaned";
}

function isAlive({ Status }: Task): boolean {
  return ["assigned", "accepted", "preparing", "ready", "starting", "running"]
    .includes(Status.State);
}

/** Which of a service's containers a task was: those of global services have no number. */
function slotOf({ Slot, NodeID }: Task): string {
  return Slot === 0 ? NodeID : `${Slot}`;
}

function failuresOf(fresh: readonly Task[], { before }: Memory): Task[] {
  return fresh.filter((task) => hasFailed(task) && !before.has(task.ID));
}

function failedSlots(fresh: readonly Task[], memory: Memory): Set<string> {
  return new Set(failuresOf(fresh, memory).map(slotOf));
}

function lastWords(fresh: readonly Task[], memory: Memory): string {
  return failuresOf(fresh, memory).map(wordsOf).at(-1)!;
}

function wordsOf({ Status }: Task): string {
  return Status.Err || Status.Message || Status.State;
}

function failure(service: Awaited, fresh: readonly Task[], memory: Memory): string | null {
  const failed = failuresOf(fresh, memory);
  const reasons = failed.map(wordsOf);
  const final = reasons.find((reason) => FINAL.test(reason));
  const ofSlot = [...Map.groupBy(failed, slotOf).values()];
  const most = ofSlot.reduce((count, { length }) => Math.max(count, length), 0);
  if (final === undefined && most < service.mostFailures) return null;
  const times = final === undefined && most > 1 ? ` (${most} times)` : "";
  return `${placeOf(service)}: ${final ?? reasons.at(-1)}${times}`;
}

function pending(
  service: Awaited,
  fresh: readonly Task[],
  memory: Memory,
  now: number,
  graceMs: number,
): string | null {
  const stuck = fresh.filter(({ Status, DesiredState }) =>
    Status.State === "pending" && Status.Err !== "" && DesiredState === "running"
  );
  for (const { ID, Status } of stuck) {
    const since = memory.pendingSince.get(ID) ?? now;
    memory.pendingSince.set(ID, since);
    const busyAt = service.node === null
      ? Math.max(-Infinity, ...memory.busyAt.values())
      : memory.busyAt.get(service.node) ?? -Infinity;
    // A node that has just come back may be ready in the list of nodes, and not yet for Swarm's scheduler.
    const isComing = service.node !== null && NOT_READY.test(Status.Err);
    const most = isComing ? Math.max(GRACE_MS, graceMs) : GRACE_MS;
    if (now - Math.max(since, busyAt) >= most) {
      return `${placeOf(service)}: ${Status.Err}`;
    }
  }
  return null;
}

function placeOf({ name, node }: Awaited): string {
  return node === null ? name : `${name} on ${node}`;
}
