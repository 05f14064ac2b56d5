/**
 * The stages of a release: services get another specification where they are, a few at once. Pure.
 * @module
 */
import { countOf, InfeasibleError } from "../../domain/mod.ts";
import type { KeepRunning } from "../../replanning/mod.ts";
import {
  asDesired,
  type CurrentService,
  type DesiredService,
  planChanges,
  resized,
} from "./changes.ts";
import type { Release } from "./release.ts";

/** A service that is pinned to a node. */
type Planned<Service = CurrentService | DesiredService> = Service & { readonly node: string };

/** What is renewed at once. */
export interface Renewal {
  /** All services of the plan once it is done. */
  readonly services: readonly DesiredService[];
  /** What may fail, by key of the services that are renewed up to here, where their files say it. */
  readonly tolerated: ReadonlyMap<string, Tolerated>;
  /** Milliseconds to wait before it. */
  readonly delayMs: number;
  /** Milliseconds for which what is new has to keep running; null where the deployment says it. */
  readonly monitorMs: number | null;
  /** Milliseconds that its own delays take. */
  readonly longerMs: number;
}

/** What may fail of an app that is renewed. */
export interface Tolerated {
  readonly app: string;
  /** Containers of the app that may fail. */
  readonly containers: number;
  /** Where more fail, what has changed is left as it is. */
  readonly isLeft: boolean;
}

/** What decides how services are renewed. */
export interface RenewalOptions {
  /** What of each app is to keep running. @default one container, where that can be */
  readonly keepRunning?: KeepRunning | undefined;
  /** How apps are released, by name, where their files say it. */
  readonly releases?: ReadonlyMap<string, Release> | undefined;
}

/** Whether a node has room for so many more containers of an app, besides all that were granted before. */
export type Room = (app: string, node: string, more: number, group: number) => boolean;

/** One service that is renewed. */
interface Due {
  readonly service: Planned<CurrentService>;
  readonly startsFirst: boolean;
  /** Most containers of its app that may be down at once. */
  readonly mayStop: number;
}

/**
 * Groups of services that get their new specification, with as many containers as they have: as many at once as leave each
 * app what is to keep running, and as its release says.
 * @param up Containers that are up, by id of their service.
 * @throws {InfeasibleError} where as many as were asked for cannot be kept running.
 */
export function renewals(
  to: readonly DesiredService[],
  from: readonly Planned<CurrentService>[],
  up: ReadonlyMap<string, number>,
  room: Room,
  { keepRunning: asked, releases = new Map() }: RenewalOptions,
): Renewal[] {
  const wanted = new Map(to.map((service) => [service.key, service]));
  const present = new Set(from.map(({ key }) => key));
  const renewed = planChanges(to, from).filter((change) =>
    change.kind === "update" || (change.kind === "create" && present.has(change.to.key))
  );
  // What has to be removed first cannot start first.
  const kinds = new Map(
    renewed.map((change) => [(change as { to: DesiredService }).to.key, change.kind]),
  );
  const groups: Due[][] = [];
  for (const [app, services] of Map.groupBy(from, ({ app }) => app)) {
    const due = services.filter(({ key }) => kinds.has(key)).map((service) => ({
      service,
      up: up.get(service.id) ?? 0,
      isUpdate: kinds.get(service.key) === "update",
    }));
    const rest = services.filter(({ key }) => !kinds.has(key));
    const ofApp = groupsOf(
      due,
      stateOf(services, up),
      stateOf(rest, up),
      room,
      asked,
      releases.get(app),
    );
    ofApp.forEach((group, at) => (groups[at] ??= []).push(...group));
  }
  const done = new Map<string, DesiredService>();
  return groups.map((group, nth) => {
    for (const due of group) {
      const { key, replicas } = due.service;
      done.set(key, resized(updating(wanted.get(key)!, due, group, releases), replicas));
    }
    const apps = [...new Set(group.map(({ service }) => service.app))];
    const own = apps.flatMap((app) => releases.get(app) ?? []);
    const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
    return {
      services: from.map((service) => done.get(service.key) ?? asDesired(service)),
      tolerated: new Map([...done.values()].flatMap(({ key, app }) => {
        const release = releases.get(app);
        return release === undefined ? [] : [[key, toleratedOf(app, release, from)]];
      })),
      delayMs: nth === 0 ? 0 : most(own.map(({ delayMs }) => delayMs)),
      monitorMs: own.reduce<number | null>(
        (longest, { monitorMs }) =>
          monitorMs === null ? longest : Math.max(longest ?? 0, monitorMs),
        null,
      ),
      longerMs: most(
        group.map(({ service: { app, replicas } }) => replicas * (releases.get(app)?.delayMs ?? 0)),
      ),
    };
  });
}

/** A service that gets another specification. */
interface Old {
  readonly service: Planned<CurrentService>;
  /** Containers of it that are up. */
  readonly up: number;
  /** False where it has to be removed and created again. */
  readonly isUpdate: boolean;
}

/** Containers of services: those that are up, and those that are not yet. */
interface State {
  readonly up: number;
  readonly coming: number;
  /** Services none of whose containers is up. */
  readonly idle: number;
}

function stateOf(services: readonly CurrentService[], ups: ReadonlyMap<string, number>): State {
  const each = services.map(({ id, replicas }) => ({ up: ups.get(id) ?? 0, replicas }));
  const up = each.reduce((sum, one) => sum + one.up, 0);
  return {
    up,
    coming: each.reduce((sum, one) => sum + one.replicas, 0) - up,
    idle: each.filter((one) => one.up === 0 && one.replicas > 0).length,
  };
}

/**
 * Which services of an app are renewed together, those with the fewest containers up first. The first group is empty where
 * what stays as it is has to come up before.
 * @param all All services of the app. @param rest Those that stay as they are.
 * @throws {InfeasibleError} where as many as were asked for cannot be kept running.
 */
function groupsOf(
  services: readonly Old[],
  all: State,
  rest: State,
  room: Room,
  asked: KeepRunning | undefined,
  release: Release | undefined,
): Due[][] {
  const floor = floorOf(asked ?? { count: 1 }, all.up);
  const isAllAtOnce = release?.parallelism === 0;
  const groups: Due[][] = services.length === 0 ? [] : [[]];
  let { up } = all;
  let { coming, idle } = rest;
  let [down, changing] = [0, 0];
  for (const { service, isUpdate, up: own } of services.toSorted((a, b) => a.up - b.up)) {
    const { app, node, replicas } = service;
    // With a release, Swarm changes one container of a service after the other.
    const atOnce = release === undefined || isAllAtOnce ? own : Math.min(1, own);
    const startsFirstNow = () =>
      isUpdate &&
      (release?.startsFirst === true || (asked !== undefined && own > 0 && up - own < floor)) &&
      room(app, node, isAllAtOnce ? replicas : 1, groups.length - 1);
    // Those that are down already go together, and count against those that are not.
    const isFull = release !== undefined && !isAllAtOnce && own > 0 &&
      changing + idle >= release.parallelism;
    let startsFirst = !isFull && startsFirstNow();
    let cost = startsFirst ? 0 : atOnce;
    // What is not up now is, when its group is done: nothing that answers stops for it before.
    const canWait = down > 0 || coming > 0;
    if (isFull || (canWait && cost > 0 && up - down - cost < floor)) {
      groups.push([]);
      up += coming;
      [down, changing, idle, coming] = [0, 0, 0, 0];
      startsFirst = startsFirstNow();
      cost = startsFirst ? 0 : atOnce;
    }
    // Without a wish, one that is alone has to go down for its new specification.
    if (asked !== undefined && cost > 0 && up - cost < floor) {
      throw cannotKeep(app, floor, all.up, "all of a service stop at once to change");
    }
    down += cost;
    if (own > 0) changing++;
    else idle++;
    coming += replicas - own;
    groups.at(-1)!.push({ service, startsFirst, mayStop: up - floor });
  }
  return groups;
}

/** Containers of an app that have to run at any time, of those that do. */
export function floorOf(keep: KeepRunning, running: number): number {
  return "count" in keep ? keep.count : Math.ceil(keep.share * running - 1e-9);
}

/** What is thrown where as many as were asked for cannot be kept running. */
export function cannotKeep(
  app: string,
  floor: number,
  running: number,
  why: string,
): InfeasibleError {
  return new InfeasibleError(
    `Cannot keep ${floor} of ${countOf(running, "container")} of ${app} running: ${why}`,
  );
}

function toleratedOf(
  app: string,
  { mayFail, isLeft }: Release,
  from: readonly CurrentService[],
): Tolerated {
  const all = from.reduce((sum, service) => service.app === app ? sum + service.replicas : sum, 0);
  const containers = mayFail === Infinity ? Infinity : Math.floor(mayFail * all + 1e-9);
  return { app, containers, isLeft };
}

/** The service with how Swarm changes its containers, one service of several that change at once. */
function updating(
  service: DesiredService,
  { startsFirst, mayStop }: Due,
  group: readonly Due[],
  releases: ReadonlyMap<string, Release>,
): DesiredService {
  const release = releases.get(service.app);
  const Order = startsFirst ? "start-first" : "stop-first";
  const own = service.body.UpdateConfig as Readonly<Record<string, unknown>>;
  if (release === undefined) {
    return { ...service, body: { ...service.body, UpdateConfig: { ...own, Order } } };
  }
  const { parallelism, delayMs, monitorMs, mayFail } = release;
  const beside = group.filter((due) => due.service.app === service.app).length;
  return {
    ...service,
    body: {
      ...service.body,
      UpdateConfig: {
        // Room is known for one more container.
        Parallelism: startsFirst
          ? Math.min(1, parallelism)
          : parallelism === 0
          ? 0
          : Math.max(1, Math.floor(Math.min(parallelism, mayStop) / beside)),
        ...(delayMs > 0 ? { Delay: delayMs * 1e6 } : {}),
        ...(monitorMs === null ? {} : { Monitor: monitorMs * 1e6 }),
        // Those that still have the old specification go on answering.
        FailureAction: mayFail > 0 ? "continue" : "pause",
        Order,
      },
    },
  };
}
