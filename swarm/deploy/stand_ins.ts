/**
 * What a deployment still comes to where nodes are lost. Pure.
 * @module
 */
import { isSoundPlacement, placedDemand } from "../../domain/mod.ts";
import {
  asDesired,
  type CurrentService,
  type DesiredService,
  isPlanned,
  resized,
} from "./changes.ts";
import { countsOf, type Ground, isRegular, roomFor } from "./counts.ts";

type Spot = { readonly app: string; readonly node: string; readonly replicas: number };

/**
 * Services on the nodes that are left: those that should be there, and containers that stay for those that should come to
 * a lost node, until as many of each app are there as there were, or as there should be in all.
 * @param base What was there before. @param lost Host names.
 * @returns null where the nodes that are left have no room for that, or nobody knows whether they have.
 */
export function withStandIns(
  goal: readonly DesiredService[],
  base: readonly Spot[],
  ground: Ground | null,
  lost: ReadonlySet<string>,
): readonly DesiredService[] | null {
  const rest = goal.filter(({ node }) => node === null || !lost.has(node));
  const missing = missingOf(goal, base, lost);
  if (missing.size === 0) return rest;
  const own = rest.filter(isPlanned);
  if (ground === null || !isRegular(own, ground)) return null;
  const { hosts, problem } = ground;
  const { apps } = problem;
  const next = countsOf(own, ground);
  // Whatever the plan fences off, what is there already may stay for a while.
  const room = roomFor({ ...problem, rules: { ...problem.rules, fencedNodes: [] } }, next);
  const counts = next.counts.slice();
  const fits = () => {
    const placement = { ...next, counts };
    return isSoundPlacement({ ...room, demand: placedDemand(placement) }, placement);
  };
  for (const [app, needed] of missing) {
    let left = needed;
    const at = apps.indexOf(app);
    for (const [node, before] of perNode(base, app, lost)) {
      const spot = hosts.indexOf(node) * apps.length + at;
      while (left > 0 && spot >= 0 && counts[spot]! < before) {
        counts[spot]!++;
        if (fits()) left--;
        else {
          counts[spot]!--;
          break;
        }
      }
    }
    if (left > 0) return null;
  }
  const wanted = new Map(rest.map((service) => [service.key, service]));
  const free = rest.filter((service) => !isPlanned(service));
  return [
    ...free,
    ...apps.flatMap((app, at) =>
      hosts.flatMap((host, node) => {
        const spot = node * apps.length + at;
        const count = counts[spot]!;
        if (count === next.counts[spot]) {
          return own.filter((one) => one.app === app && one.node === host);
        }
        return ground.servicesOf(app, host, count).map((service) =>
          wanted.has(service.key) ? resized(wanted.get(service.key)!, service.replicas) : service
        );
      })
    ),
  ];
}

/** Containers that a plan has on the nodes that are left. */
export function containersOn(
  services: readonly DesiredService[],
  lost: ReadonlySet<string>,
): number {
  return services.filter(isPlanned).reduce(
    (sum, { node, replicas }) => lost.has(node) ? sum : sum + replicas,
    0,
  );
}

/** What a lost node is to run when it comes back: what it ran before, as far as it is still to be there. */
export function leftOn(
  lost: ReadonlySet<string>,
  goal: readonly DesiredService[],
  before: readonly CurrentService[],
): DesiredService[] {
  const wanted = new Map(goal.map(({ key, replicas }) => [key, replicas]));
  return before.flatMap((service) => {
    if (service.node === null || !lost.has(service.node) || !wanted.has(service.key)) return [];
    return [resized(asDesired(service), Math.min(service.replicas, wanted.get(service.key)!))];
  });
}

/** Containers of each app that the nodes that are left lack, to have as many as before, or as there should be. */
function missingOf(
  goal: readonly DesiredService[],
  base: readonly Spot[],
  lost: ReadonlySet<string>,
): Map<string, number> {
  const sum = (
    all: readonly Pick<DesiredService, "app" | "node" | "replicas">[],
    app: string,
    isWhole = false,
  ) =>
    all.reduce((total, one) => {
      const counts = one.app === app && one.node !== null && (isWhole || !lost.has(one.node));
      return counts ? total + one.replicas : total;
    }, 0);
  const apps = new Set(goal.filter(isPlanned).map(({ app }) => app));
  return new Map(
    [...apps].flatMap((app) => {
      const needed = Math.min(sum(base, app), sum(goal, app, true)) - sum(goal, app);
      return needed > 0 ? [[app, needed]] : [];
    }),
  );
}

function perNode(
  base: readonly Spot[],
  app: string,
  lost: ReadonlySet<string>,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of base) {
    if (one.app !== app || lost.has(one.node)) continue;
    counts.set(one.node, (counts.get(one.node) ?? 0) + one.replicas);
  }
  return counts;
}
