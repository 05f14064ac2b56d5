/**
 * The hosts of a Swarm as the nodes of a problem: where containers of a plan may be while they move.
 * @module
 */
import type { Placement, Problem, Resources, Rules } from "../../domain/mod.ts";
import type { SwarmNodeInfo } from "../engine/schemas.ts";
import type { ComposeService } from "../services/compose.ts";
import { bytesOf, nanoCpus } from "../services/units.ts";
import { asDesired, type DesiredService, isPlanned, resized } from "./changes.ts";
import type { Host } from "./hosts.ts";
import type { Ground } from "./counts.ts";
import type { SwarmState } from "./state.ts";

/** What a plan is on a Swarm. */
export interface Grounds {
  readonly problem: Problem;
  readonly placement: Placement;
  /** Host of each node of the plan; null where it holds nothing and has none. */
  readonly mapped: readonly (Host | null)[];
  /** Hosts that the plan may use. */
  readonly hosts: readonly Host[];
  /** What runs as the app; undefined where the plan has none of it, and nothing is said. */
  readonly serviceOf: (app: string) => ComposeService | undefined;
  /** True if each container of the app gets ports of its own. */
  readonly isApart: (app: string) => boolean;
  /** The services of so many containers of one of the plan's apps on a host. */
  readonly servicesOf: Ground["servicesOf"];
}

/** Slots that nobody counts. */
const MOST_SLOTS = 255;

/**
 * The ground of a plan: its nodes are those of the plan as hosts, with the plan's rules and what the Swarm itself keeps to
 * (published ports, reservations), and the hosts that something has to leave.
 */
export function groundOf(plan: Grounds, state: SwarmState): Ground {
  const { problem } = plan;
  const planned = state.current.filter(isPlanned);
  const others = planned.map(({ app }) => app).filter((app) => !problem.apps.includes(app));
  const apps = [...problem.apps, ...new Set(others)];
  const nodes = nodesOf(plan);
  const names = nodes.map(({ host }) => host.hostname);
  const left = [...new Set(planned.map(({ node }) => node))].filter((node) =>
    !names.includes(node)
  );
  const hosts = [...names, ...left];
  const classes = classOfNodes(problem);
  const fenced = new Set(problem.rules.fencedNodes);
  return {
    hosts,
    problem: {
      apps,
      demand: apps.map(() => 0),
      cluster: {
        nodeClasses: [
          ...nodes.map(({ node, host }) => {
            const { surface: _, ...own } = classes[node]!;
            const resources = { ...own.resources, ...amountsOf(host, state.nodes) };
            return { ...own, name: host.hostname, count: 1, resources };
          }),
          ...left.map((name) => ({
            name,
            capacity: MOST_SLOTS,
            count: 1,
            labels: {},
            failureDomain: null,
          })),
        ],
      },
      rules: rulesOf(plan, apps, [
        ...nodes.flatMap(({ node }, at) => fenced.has(node) ? [at] : []),
        ...left.map((_, at) => names.length + at),
      ]),
      needs: apps.map((app, at) => ({
        ...problem.needs?.[at],
        ...reservedBy(at < problem.apps.length ? plan.serviceOf(app) : undefined, app),
      })),
    },
    servicesOf: (app, host, count) =>
      problem.apps.includes(app) && plan.serviceOf(app) !== undefined
        ? plan.servicesOf(app, host, count)
        : countedOff(state, app, host, count),
  };
}

/** The ground without some hosts: nothing may go there. @param used Hosts on which something stays, whatever the plan says. */
export function fencing(
  ground: Ground,
  hosts: ReadonlySet<string>,
  used: ReadonlySet<string | null> = new Set(),
): Ground {
  const { problem } = ground;
  const fencedNodes = ground.hosts.flatMap((host, node) =>
    hosts.has(host) || (problem.rules.fencedNodes.includes(node) && !used.has(host)) ? [node] : []
  );
  return { ...ground, problem: { ...problem, rules: { ...problem.rules, fencedNodes } } };
}

/** The ground without the rules of a plan: to go back to what was there before it. */
export function withoutRules({ problem, ...ground }: Ground): Ground {
  const rules: Rules = { maxPerNode: [], apart: [], fencedNodes: [] };
  return { ...ground, problem: { ...problem, rules } };
}

/** Nodes of the plan with their hosts; those that hold nothing get one that is left, to have room on the way. */
function nodesOf(
  { problem, mapped, hosts }: Grounds,
): { readonly node: number; readonly host: Host }[] {
  const labels = classOfNodes(problem).map((one) => Object.entries(one.labels));
  const used = new Set(mapped.flatMap((host) => host === null ? [] : [host.hostname]));
  return mapped.flatMap((own, node) => {
    const host = own ?? hosts.find((one) =>
      !used.has(one.hostname) && one.unavailable === null &&
      labels[node]!.every(([key, value]) => one.labels[key] === value)
    );
    if (host === undefined) return [];
    used.add(host.hostname);
    return [{ node, host }];
  });
}

function classOfNodes({ cluster }: Problem) {
  return cluster.nodeClasses.flatMap((one) => new Array<typeof one>(one.count).fill(one));
}

/** The rules of the plan on the hosts, and those that published ports make. */
function rulesOf(plan: Grounds, apps: readonly string[], fencedNodes: readonly number[]): Rules {
  const { apps: own, rules } = plan.problem;
  const ports = own.map((app) =>
    plan.isApart(app)
      ? []
      : (plan.serviceOf(app)?.ports ?? []).flatMap(({ published, protocol }) =>
        published === null ? [] : [`${published}/${protocol}`]
      )
  );
  const rest = apps.slice(own.length).map(() => null);
  const { maxPerNode, apart, together, require = [], spread = [] } = rules;
  return {
    maxPerNode: [
      ...own.map((_, app) => ports[app]!.length > 0 ? 1 : maxPerNode[app] ?? null),
      ...rest,
    ],
    apart: [
      ...apart,
      ...own.flatMap((_, a) =>
        own.flatMap((_, b) =>
          a < b && ports[a]!.some((port) => ports[b]!.includes(port)) ? [[a, b] as const] : []
        )
      ),
    ],
    fencedNodes,
    ...(together === undefined ? {} : { together }),
    ...(require.length === 0 ? {} : { require: [...require, ...rest] }),
    ...(spread.length === 0 ? {} : { spread: [...spread, ...rest] }),
  };
}

/** Names that no plan's resource has: an app's needs may have any other. */
const [CPUS, MEMORY] = ["reserved CPUs\0", "reserved memory\0"];

function amountsOf({ id }: Host, nodes: readonly SwarmNodeInfo[]): Resources {
  const { NanoCPUs, MemoryBytes } = nodes.find(({ ID }) => ID === id)?.Description.Resources ?? {};
  const unknown = Number.MAX_SAFE_INTEGER;
  return { [CPUS]: NanoCPUs ?? unknown, [MEMORY]: MemoryBytes ?? unknown };
}

function reservedBy(service: ComposeService | undefined, app: string): Resources {
  const { cpus, memory } = service?.deploy.resources.reservations ?? {};
  const place = `services.${app}.deploy.resources.reservations`;
  return {
    ...(cpus === undefined ? {} : { [CPUS]: nanoCpus(cpus, `${place}.cpus`) }),
    ...(memory === undefined ? {} : { [MEMORY]: bytesOf(memory, `${place}.memory`) }),
  };
}

/** Of an app that the plan has nothing of: the first of what runs. */
function countedOff(
  { current }: SwarmState,
  app: string,
  node: string,
  count: number,
): DesiredService[] {
  const own = current.filter((one) => one.app === app && one.node === node && one.replicas > 0);
  let left = count;
  return own.flatMap((service) => {
    const replicas = Math.min(left, service.replicas);
    left -= replicas;
    return replicas === 0 ? [] : [resized(asDesired(service), replicas)];
  });
}
