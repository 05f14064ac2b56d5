/**
 * What the bundled workloads need beside them: a memcached on each of their nodes, and one file server on a manager.
 * @module
 */
import { InputError } from "../../domain/mod.ts";
import type { Service, SwarmNodeInfo } from "../engine/schemas.ts";
import { type ComposeService, readServices, type Services } from "./compose.ts";
import { APP_LABEL, NODE_LABEL } from "./spec.ts";
import { REDIS_PORT, workloadImage } from "./workloads.ts";

/** Stack of what supports the workloads of all other stacks. */
export const SUPPORT_STACK = "metis-support";
/** Label of services that need the support. */
export const NEEDS_LABEL = "io.metis.needs-support";
/** Port that the file server is published at, on its manager. */
export const FILE_SERVER_PORT = 8079;
/** Port that a node's memcached is published at, as the workloads look for it. */
export const MEMCACHED_PORT = 11211;

/** Port that the Redis of slot 0 is published at; slot i gets this plus i. */
export const FIRST_REDIS_PORT = 6381;

const FILE_SERVER = "file-server";
const MEMCACHED = "memcached";

/** What runs as support, by name. @param environment From which the file server takes the sizes of its files. */
export function supportServices(environment: Readonly<Record<string, string>> = {}): Services {
  const limits = { memory: "256m" };
  // The file server is for all nodes: what sizes the work of one must not restart it.
  const sizes = Object.entries(environment).filter(([name]) => /^(FILES|CLIP)_/.test(name));
  const service = (name: string, target: number, published: number, more: object = {}) => ({
    image: workloadImage(name),
    ports: [{ target, published, mode: "host" }],
    stop_grace_period: "5s",
    deploy: { resources: { limits } },
    ...more,
  });
  const services = {
    [MEMCACHED]: service(MEMCACHED, MEMCACHED_PORT, MEMCACHED_PORT),
    [FILE_SERVER]: service(FILE_SERVER, 8080, FILE_SERVER_PORT, {
      environment: Object.fromEntries(sizes),
    }),
  };
  return readServices(JSON.stringify({ services }), "the support of the bundled workloads");
}

/** Where the support of workloads on these nodes runs: app and host name. */
export function supportPlaces(
  workloadNodes: Iterable<string>,
  nodes: readonly SwarmNodeInfo[],
  services: readonly Service[],
): { readonly app: string; readonly node: string }[] {
  const used = [...new Set(workloadNodes)].sort();
  if (used.length === 0) return [];
  const { hostname } = fileServerNode(nodes, services);
  return [{ app: FILE_SERVER, node: hostname }, ...used.map((node) => ({ app: MEMCACHED, node }))];
}

/** Nodes of the services that need the support, by host name. */
export function nodesInNeed(services: readonly Service[]): string[] {
  return services.flatMap(({ Spec: { Labels } }) => {
    const node = Labels?.[NODE_LABEL];
    return Labels?.[NEEDS_LABEL] === undefined || node === undefined ? [] : [node];
  });
}

/** True if one of the apps needs the support. */
export function needSupport(services: Services, apps: Iterable<string | null>): boolean {
  return [...apps].some((app) =>
    app !== null && services.get(app)?.labels[NEEDS_LABEL] !== undefined
  );
}

/**
 * The services with the address of the file server in the environment of those that need it, unless it is there.
 * @throws {InputError} if no manager has an address that others can use.
 */
export function withFileServer(
  services: Services,
  nodes: readonly SwarmNodeInfo[],
  running: readonly Service[],
): Services {
  const inNeed = [...services.keys()].filter((app) => needSupport(services, [app]));
  if (inNeed.length === 0) return services;
  const { address } = fileServerNode(nodes, running);
  const told = inNeed.map((app) => {
    const service = services.get(app)!;
    const given = Object.fromEntries(service.environment);
    const environment = withVariables(service.environment, {
      FILE_SERVER: given.FILE_SERVER ?? `http://${address}:${FILE_SERVER_PORT}`,
    });
    return [app, { ...service, environment }] as const;
  });
  return new Map([...services, ...told]);
}

/** True if neighbours on a node must find each container of the service at a port of its own. */
export function isFoundByNeighbours(service: ComposeService): boolean {
  return service.labels[NEEDS_LABEL] !== undefined &&
    service.ports.some(({ target }) => target === REDIS_PORT);
}

/** The service as one container of several on a node: its Redis is published where neighbours look for the nth. */
export function nthOfNode(service: ComposeService, nth: number): ComposeService {
  const ports = service.ports.map((port) =>
    port.target === REDIS_PORT ? { ...port, published: FIRST_REDIS_PORT + nth } : port
  );
  return { ...service, ports };
}

/** The services with the port at which neighbours look for the Redis of slot 0, where they have one. */
export function withRedisPort(services: Services): Services {
  return new Map([...services].map(([app, service]) => {
    if (!needSupport(services, [app])) return [app, service];
    const ports = service.ports.map((port) => ({
      ...port,
      published: port.published ?? (port.target === REDIS_PORT ? FIRST_REDIS_PORT : null),
    }));
    return [app, { ...service, ports }];
  }));
}

/** An environment with further variables, which replace those of the same name; sorted by name. */
export function withVariables(
  environment: ComposeService["environment"],
  added: Readonly<Record<string, string | null>>,
): ComposeService["environment"] {
  const all = new Map([...environment, ...Object.entries(added)]);
  return [...all].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}

/** The manager that has the file server, or is to have it: the first by name. */
function fileServerNode(
  nodes: readonly SwarmNodeInfo[],
  services: readonly Service[],
): { hostname: string; address: string } {
  const present = services.find(({ Spec }) => Spec.Labels?.[APP_LABEL] === FILE_SERVER)
    ?.Spec.Labels?.[NODE_LABEL];
  const managers = nodes.filter(({ Spec, Status }) =>
    Spec.Role === "manager" && Spec.Availability === "active" && Status.State === "ready" &&
    !/^(|0\.0\.0\.0|127\..*)$/.test(Status.Addr)
  ).map(({ Description: { Hostname }, Status: { Addr } }) => ({
    hostname: Hostname,
    address: Addr,
  }))
    .sort((a, b) => a.hostname < b.hostname ? -1 : 1);
  const chosen = managers.find(({ hostname }) => hostname === present) ?? managers[0];
  if (chosen !== undefined) return chosen;
  throw new InputError(
    "No active manager has an address for the file server of the workloads: " +
      "`docker swarm init --advertise-addr` gives it one",
  );
}
