/**
 * From what runs to what should run in stages: all of a stage is changed at once, then waited for. Pure.
 * @module
 */
import { placedDemand, type Placement, type Problem } from "../../domain/mod.ts";
import { type KeepRunning, orderSteps, type Step } from "../../replanning/mod.ts";
import {
  asDesired,
  type Change,
  type CurrentService,
  type DesiredService,
  isPlanned,
  planChanges,
  realChanges,
  resized,
} from "./changes.ts";
import { countsOf, type Ground, isRegular, type Planned, roomFor } from "./counts.ts";
import {
  cannotKeep,
  floorOf,
  type Renewal,
  type RenewalOptions,
  renewals,
  type Room,
  type Tolerated,
} from "./renewals.ts";

/** What runs, and where nothing does. */
export interface Running {
  readonly services: readonly CurrentService[];
  /** Containers that are up, by id of their service. */
  readonly up: ReadonlyMap<string, number>;
  /** Hosts that take no tasks: what is there does not run. */
  readonly away: ReadonlySet<string>;
}

/** How far stages go at once. */
export interface StageOptions extends RenewalOptions {
  /** Most moves of one stage, at least 1. */
  readonly moves: number;
}

/** What is changed at once, and then waited for. */
export interface Stage {
  /** All services of the stack once it is done. */
  readonly services: readonly DesiredService[];
  /** What changes from the stage before it; those that keep are part of it. */
  readonly changes: readonly Change[];
  /** Something starts in it: it has to stay up for a while before the next one. */
  readonly starts: boolean;
  /** Keys of the services that have to be up after it; the others may wait for later stages, and be broken until then. */
  readonly waits: ReadonlySet<string>;
  /** What is said of the services that are renewed in it, where some are. */
  readonly renewal: Renewal | null;
  /** What may fail of the services that were renewed up to here, by key, where their files say it. */
  readonly tolerated: ReadonlyMap<string, Tolerated>;
}

/**
 * Stages from what runs to what should run. Services that get another specification get it first, where they are: as
 * many at once as leave each app what is to keep running. Then containers move in the order of replanning's steps: in
 * each stage as many start as can before any of them has stopped elsewhere; those stop in the next one. Where nothing runs,
 * or there is no ground to move on, everything is one stage.
 * @throws {InfeasibleError} where no order keeps as many running as were asked for.
 */
export function planStages(
  to: readonly DesiredService[],
  running: Running,
  ground: Ground | null,
  options: StageOptions,
): Stage[] {
  const from = running.services;
  // What a plan places from now on stays until its containers run where they should.
  const leaving = from.filter((service) =>
    !isPlanned(service) && !to.some(({ key }) => key === service.key)
  ).map(asDesired);
  // Swarm itself updates what no plan names, and places it: all of it changes with the first stage.
  const unplanned = to.filter((service) => !isPlanned(service));
  const [planned, present] = [to.filter(isPlanned), from.filter(isPlanned)];
  const hasWay = ground !== null && isRegular(present, ground) && isRegular(planned, ground);
  if (!hasWay && options.keepRunning !== undefined) refuseLoss(to, running, options.keepRunning);
  const way: (readonly [readonly DesiredService[], Renewal | null])[] = hasWay
    ? [
      ...renewals(planned, present, running.up, roomOn(ground, present), options)
        .map((renewal) => [renewal.services, renewal] as const),
      ...moves(planned, present, running, ground, options)
        .map((services) => [services, null] as const),
    ]
    : [];
  type Target = readonly [readonly DesiredService[], Renewal | null];
  const meanwhile = ([services, renewal]: Target): Target => [
    [...services, ...unplanned, ...leaving],
    renewal,
  ];
  const targets: Target[] = [
    ...way.map(meanwhile),
    ...(leaving.length === 0 ? [] : [meanwhile([planned, null])]),
    [to, null],
  ];
  const stages: Stage[] = [];
  let tolerated: ReadonlyMap<string, Tolerated> = new Map();
  let before: readonly CurrentService[] = from;
  const starting = startingKeys(to, running);
  let waits: ReadonlySet<string> = starting;
  for (const [services, renewal] of targets) {
    const changes = planChanges(services, before);
    const isLast = services === to;
    const real = realChanges(changes);
    // What starts already is waited for before anything stops.
    const isFirst = stages.length === 0 && starting.size > 0;
    if (!isLast && !isFirst && real.length === 0) continue;
    waits = new Set([
      ...waits,
      ...real.flatMap((change) => change.kind === "remove" ? [] : [change.to.key]),
    ]);
    tolerated = renewal?.tolerated ?? tolerated;
    const isStart = isFirst || changes.some(starts);
    stages.push({ services, changes, starts: isStart, waits, renewal, tolerated });
    before = changes.flatMap((change) => change.kind === "remove" ? [] : [asCurrent(change.to)]);
  }
  // The last target is often reached by the moves before it.
  const [last, previous] = [stages.at(-1)!, stages.at(-2)];
  if (previous !== undefined && realChanges(last.changes).length === 0) {
    // What is renewed says also how.
    stages.splice(-2, 2, previous.renewal === null ? { ...previous, services: to } : previous);
  }
  return stages.with(-1, { ...stages.at(-1)!, waits: new Set(to.map(({ key }) => key)) });
}

/** Keys of services that are to stay as they are, and are just starting. */
function startingKeys(to: readonly DesiredService[], { services, up }: Running): Set<string> {
  const isStarting = new Set(
    services.flatMap(({ id, key, replicas }) => (up.get(id) ?? 0) < replicas ? [key] : []),
  );
  const same = planChanges(to, services).flatMap((change) =>
    change.kind === "keep" || change.kind === "scale" ? [change.to.key] : []
  );
  return isStarting.intersection(new Set(same));
}

function starts(change: Change): boolean {
  return change.kind === "create" || change.kind === "update" ||
    (change.kind === "scale" && change.to.replicas > change.from.replicas);
}

/** @throws {InfeasibleError} where all changes at once would leave fewer of an app than are to keep running. */
function refuseLoss(
  to: readonly DesiredService[],
  { services, up }: Running,
  keep: KeepRunning,
): void {
  const stay = new Map<string, number>();
  const all = new Map<string, number>();
  const kept = new Map(
    planChanges(to, services).flatMap((change) =>
      change.kind === "keep" || change.kind === "scale"
        ? [[change.from.id, change.to.replicas]]
        : []
    ),
  );
  for (const { id, app } of services) {
    const running = up.get(id) ?? 0;
    all.set(app, (all.get(app) ?? 0) + running);
    stay.set(app, (stay.get(app) ?? 0) + Math.min(running, kept.get(id) ?? 0));
  }
  const wanted = Map.groupBy(to, ({ app }) => app);
  for (const [app, running] of all) {
    const next = (wanted.get(app) ?? []).reduce((sum, { replicas }) => sum + replicas, 0);
    // An app that is to have fewer has to have no more than these.
    const floor = Math.min(floorOf(keep, running), running, next);
    if (stay.get(app)! < floor) {
      throw cannotKeep(
        app,
        floor,
        running,
        "what the plan says of its nodes leaves no way in stages",
      );
    }
  }
}

/** Stages in which containers move, up to the last. */
function moves(
  to: readonly Planned<DesiredService>[],
  from: readonly Planned<CurrentService>[],
  { up, away }: Running,
  ground: Ground,
  options: StageOptions,
): DesiredService[][] {
  const { hosts, servicesOf } = ground;
  const next = countsOf(to, ground);
  const here = from.filter(({ node }) => !away.has(node));
  const held = countsOf(here, ground);
  // What is not up keeps nothing running: it counts as what is still to start where it is wanted, and goes first elsewhere.
  const current = countsOf(
    here.map((service) => ({ ...service, replicas: up.get(service.id) ?? 0 })),
    ground,
  );
  const grows = next.counts.some((count, at) => count > current.counts[at]!);
  const shrinks = next.counts.some((count, at) => count < held.counts[at]!);
  if (!grows || !shrinks) return [];
  const problem = roomFor({ ...ground.problem, demand: placedDemand(next) }, next);
  const { steps } = orderSteps(problem, current, next, { keepRunning: options.keepRunning });
  const wanted = new Map(to.map((service) => [service.key, service]));
  const present = new Map(from.map((service) => [service.key, service]));
  // What is on nodes that are away goes with the last stage, and nobody waits for it.
  const lost = from.filter(({ node }) => away.has(node)).map((service) =>
    wanted.has(service.key)
      ? resized(wanted.get(service.key)!, service.replicas)
      : asDesired(service)
  );
  const idle = from.filter(({ key, node, replicas }) =>
    replicas === 0 && wanted.has(key) && !away.has(node)
  );
  return waves(problem, current, steps, options.moves).map((counts) => {
    const services = problem.apps.flatMap((app, at) =>
      hosts.flatMap((host, node) => {
        const spot = node * problem.apps.length + at;
        const starting = held.counts[spot]! - current.counts[spot]!;
        const count = counts[spot]! +
          Math.min(starting, Math.max(0, next.counts[spot]! - counts[spot]!));
        if (count === 0) return [];
        return servicesOf(app, host, count).map((service) => {
          const body = wanted.get(service.key) ?? present.get(service.key);
          return body === undefined
            ? service
            : resized("id" in body ? asDesired(body as CurrentService) : body, service.replicas);
        });
      })
    );
    const keys = new Set(services.map(({ key }) => key));
    return [...services, ...lost, ...idle.filter(({ key }) => !keys.has(key)).map(asDesired)];
  });
}

/**
 * Whether hosts have room for more containers than they hold, by slots, resources and rules; what was granted in one group is
 * held against the next question of that group.
 */
function roomOn(ground: Ground, from: readonly Planned[]): Room {
  const { problem: { apps, cluster, rules, needs }, hosts } = ground;
  const held = countsOf(from, ground).counts;
  const granted = new Map<number, number[]>();
  return (app, node, more, group) => {
    const added = granted.get(group) ?? new Array<number>(held.length).fill(0);
    granted.set(group, added);
    const [host, at] = [hosts.indexOf(node), apps.indexOf(app)];
    const counts = apps.map((_, one) => {
      const spot = host * apps.length + one;
      return held[spot]! + added[spot]! + (one === at ? more : 0);
    });
    const { capacity, resources = {} } = cluster.nodeClasses[host]!;
    const hasRoom = counts.reduce((sum, count) => sum + count, 0) <= capacity &&
      counts[at]! <= (rules.maxPerNode[at] ?? Infinity) &&
      Object.entries(resources).every(([name, amount]) =>
        counts.reduce((sum, count, one) => sum + count * (needs?.[one]?.[name] ?? 0), 0) <= amount
      );
    if (hasRoom) added[host * apps.length + at]! += more;
    return hasRoom;
  };
}

/** What runs after each stage of some steps. @param most Moves of one stage. */
function waves(
  { apps, rules }: Problem,
  current: Placement,
  steps: readonly Step[],
  most: number,
): Uint8Array[] {
  const counts = current.counts.slice();
  const all: Uint8Array[] = [];
  let started: number[] = [];
  let stopped: number[] = [];
  const end = () => {
    for (const [places, by] of [[started, 1], [stopped, -1]] as const) {
      if (places.length === 0) continue;
      for (const at of places) counts[at]! += by;
      all.push(counts.slice());
    }
    [started, stopped] = [[], []];
  };
  const nodeOf = (at: number) => Math.floor(at / apps.length);
  for (const { app, from, to } of steps) {
    // What starts may need the place of what stops; company and domains are told of every single step.
    const waits = stopped.some((at) => nodeOf(at) === to);
    const isTold = rules.together?.length || rules.spread?.[app];
    if (waits || isTold || (from !== null && to !== null && stopped.length >= most)) end();
    if (to !== null) started.push(to * apps.length + app);
    if (from !== null) stopped.push(from * apps.length + app);
  }
  end();
  return all;
}

function asCurrent(service: DesiredService): CurrentService {
  const isAdopted = service.taskHash !== undefined;
  return {
    ...service,
    isAdopted,
    id: service.key,
    version: 0,
    isPaused: false,
    heldPorts: [],
    meshPorts: [],
  };
}
