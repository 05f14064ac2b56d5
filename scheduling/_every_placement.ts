/**
 * What is possible at all, by trying every configuration on every node: an oracle for small problems. Every rule is written
 * out from its definition; nothing is taken from the code that schedulers use.
 * @module
 */
import type { SchedulingProblem } from "./contract.ts";

/**
 * The best total of any placement, for each number of containers that it starts beyond what runs.
 * @param current Row-major, nodes x apps: what runs. @default nothing
 * @param mayHold Further conditions on what a node holds.
 */
export function bestByStarts(
  problem: SchedulingProblem,
  current?: ArrayLike<number>,
  mayHold: (node: number, counts: readonly number[]) => boolean = () => true,
): Map<number, number> {
  const { apps, cluster, demand, needs = [], rules, simulator } = problem;
  const nodes = cluster.nodeClasses.flatMap((one) => Array.from({ length: one.count }, () => one));
  const configurations = Array.from(
    { length: simulator.configurations },
    (_, rank) => [...simulator.unrank(rank)],
  ).filter((counts) => counts.every((count, app) => count <= demand[app]!));
  const domains = [...new Set(nodes.map(({ failureDomain }) => failureDomain))];
  const allowed = (node: number, counts: readonly number[]): boolean => {
    const { capacity, labels, resources = {} } = nodes[node]!;
    const held = counts.reduce((sum, count) => sum + count, 0);
    if (held > (rules.fencedNodes.includes(node) ? 0 : capacity)) return false;
    for (const [a, b] of rules.apart) if (counts[a]! * counts[b]! > 0) return false;
    for (const [a, b] of rules.together ?? []) if (counts[a]! > 0 && counts[b] === 0) return false;
    for (const name of ["cpu", "memory"]) {
      const used = counts.reduce((sum, count, app) => sum + count * (needs[app]?.[name] ?? 0), 0);
      if (used > (resources[name] ?? 0) + 1e-6) return false;
    }
    return counts.every((count, app) => {
      if (count > (rules.maxPerNode[app] ?? 99)) return false;
      const wanted = Object.entries(rules.require?.[app] ?? {});
      return count === 0 || wanted.every(([key, value]) => labels[key] === value);
    });
  };
  const couldHold = (domain: string | null, app: number): boolean =>
    nodes.some(({ failureDomain, labels, capacity }, node) =>
      failureDomain === domain && capacity > 0 && !rules.fencedNodes.includes(node) &&
      rules.maxPerNode[app] !== 0 &&
      Object.entries(rules.require?.[app] ?? {}).every(([key, value]) => labels[key] === value)
    );
  const keepsSpread = (held: readonly number[]): boolean =>
    apps.every((_, app) => {
      const rule = rules.spread?.[app] ?? null;
      if (rule === null || demand[app] === 0) return true;
      const counts = domains.flatMap((domain, at) =>
        couldHold(domain, app) ? [held[at * apps.length + app]!] : []
      );
      return counts.every((count) => count <= (rule.maxPerDomain ?? 99)) &&
        counts.filter((count) => count > 0).length >= (rule.minDomains ?? 0) &&
        Math.max(...counts) - Math.min(...counts) <= (rule.maxSkew ?? 99);
    });
  // Node by node: of what leaves the same containers to place in the same domains, after as many starts, the best.
  interface Partial {
    readonly held: readonly number[];
    readonly starts: number;
    readonly total: number;
  }
  let partials: Partial[] = [
    { held: new Array<number>(domains.length * apps.length).fill(0), starts: 0, total: 0 },
  ];
  nodes.forEach(({ failureDomain, surface = 0 }, node) => {
    const domain = domains.indexOf(failureDomain);
    const next = new Map<string, Partial>();
    const options = configurations.filter((counts) =>
      allowed(node, counts) && mayHold(node, counts)
    )
      .map((counts) => ({
        counts,
        value: simulator.throughput(counts, 0, surface),
        starts: counts.reduce(
          (sum, count, app) =>
            sum + Math.max(0, count - (current?.[node * apps.length + app] ?? 0)),
          0,
        ),
      }));
    for (const partial of partials) {
      for (const { counts, value, starts } of options) {
        const held = partial.held.map((count, at) =>
          Math.floor(at / apps.length) === domain ? count + counts[at % apps.length]! : count
        );
        const exceeds = demand.some((wanted, app) =>
          domains.reduce((sum, _, at) => sum + held[at * apps.length + app]!, 0) > wanted
        );
        if (exceeds) continue;
        const one = { held, starts: partial.starts + starts, total: partial.total + value };
        const key = `${held.join(" ")} ${one.starts}`;
        if (one.total > (next.get(key)?.total ?? -Infinity)) next.set(key, one);
      }
    }
    partials = [...next.values()];
  });
  const best = new Map<number, number>();
  for (const { held, starts, total } of partials) {
    const isWhole = demand.every((wanted, app) =>
      domains.reduce((sum, _, at) => sum + held[at * apps.length + app]!, 0) === wanted
    );
    if (isWhole && keepsSpread(held)) {
      best.set(starts, Math.max(best.get(starts) ?? -Infinity, total));
    }
  }
  return best;
}
