/**
 * Services as the containers of a placement: of each app on each host of a ground.
 * @module
 */
import type { Placement, Problem } from "../../domain/mod.ts";
import type { CurrentService, DesiredService } from "./changes.ts";

/** Where containers may be on their way from what runs to what should run. */
export interface Ground {
  /** Its nodes are the hosts, one class each, with slots, resources and rules as on the way; its demand is not looked at. */
  readonly problem: Problem;
  /** Host names, in the order of the problem's nodes. */
  readonly hosts: readonly string[];
  /** The services of so many containers of an app on a host. */
  readonly servicesOf: (app: string, host: string, count: number) => readonly DesiredService[];
}

/** A service that is pinned to a node. */
export type Planned<Service = CurrentService | DesiredService> = Service & {
  readonly node: string;
};

/** True if every container has the service that it would have on this ground: only then can one be counted off. */
export function isRegular(all: readonly Planned[], ground: Ground): boolean {
  const known = new Set(ground.problem.apps);
  const spots = Map.groupBy(all, ({ app, node }) => `${app} ${node}`);
  return [...spots.values()].every((services) => {
    const { app, node } = services[0]!;
    const count = services.reduce((sum, { replicas }) => sum + replicas, 0);
    if (!known.has(app) || !ground.hosts.includes(node) || count > 255) return false;
    const keys = ground.servicesOf(app, node, count).map(({ key }) => key);
    const own = services.filter(({ replicas }) => replicas > 0).map(({ key }) => key);
    return keys.length === own.length && own.every((key) => keys.includes(key)) &&
      new Set(services.map(({ key }) => key)).size === services.length;
  });
}

/** Containers of pinned services. */
export function countsOf(
  services: readonly { readonly app: string; readonly node: string; readonly replicas: number }[],
  { problem: { apps }, hosts }: Ground,
): Placement {
  const counts = new Uint8Array(hosts.length * apps.length);
  const nodeOf = new Map(hosts.map((host, node) => [host, node]));
  const appOf = new Map(apps.map((app, at) => [app, at]));
  for (const { app, node, replicas } of services) {
    counts[nodeOf.get(node)! * apps.length + appOf.get(app)!]! += replicas;
  }
  return { nodes: hosts.length, apps: apps.length, counts };
}

/** The problem with nodes that hold at least what they should hold in the end. */
export function roomFor(problem: Problem, { apps, counts }: Placement): Problem {
  const { nodeClasses } = problem.cluster;
  return {
    ...problem,
    cluster: {
      nodeClasses: nodeClasses.map((host, node) => {
        const own = counts.subarray(node * apps, (node + 1) * apps);
        const held = own.reduce((sum, count) => sum + count, 0);
        const resources = Object.fromEntries(
          Object.entries(host.resources ?? {}).map(([name, amount]) => {
            const taken = own.reduce(
              (sum, count, app) => sum + count * (problem.needs?.[app]?.[name] ?? 0),
              0,
            );
            return [name, Math.max(amount, taken)];
          }),
        );
        return { ...host, capacity: Math.max(host.capacity, held), resources };
      }),
    },
  };
}
