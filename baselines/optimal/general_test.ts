import assert from "node:assert/strict";
import { InfeasibleError, nodeCount, Random } from "../../domain/mod.ts";
import { drawGeneral, unlikeSurfaces } from "../../scheduling/_general.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import { runs } from "../../tools/_full.ts";
import { HighsSolver } from "../milp/mod.ts";
import { proveBound, solveToOptimality } from "./mod.ts";

/**
 * The best total of any placement by trying all, undefined if there is none. Every rule is written out from its
 * definition: nothing is taken from the code that schedulers use.
 */
function bruteForce(problem: SchedulingProblem): number | undefined {
  const { apps, cluster, demand, needs = [], rules, simulator } = problem;
  const nodes = cluster.nodeClasses.flatMap((one) => Array.from({ length: one.count }, () => one));
  const configurations = Array.from(
    { length: simulator.configurations },
    (_, rank) => [...simulator.unrank(rank)],
  );
  const domains = [...new Set(nodes.map(({ failureDomain }) => failureDomain))];
  const mayHold = (node: number, counts: readonly number[]): boolean => {
    const { capacity, labels, resources = {} } = nodes[node]!;
    const held = counts.reduce((sum, count) => sum + count, 0);
    if (held > (rules.fencedNodes.includes(node) ? 0 : capacity)) return false;
    for (const [a, b] of rules.apart) if (counts[a]! * counts[b]! > 0) return false;
    for (const [a, b] of rules.together ?? []) if (counts[a]! > 0 && counts[b] === 0) return false;
    for (const name of ["cpu", "memory"]) {
      const used = counts.reduce((sum, count, app) => sum + count * (needs[app]?.[name] ?? 0), 0);
      if (used > resources[name]! + 1e-6) return false;
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
      Object.entries(rules.require?.[app] ?? {}).every(([key, value]) => labels[key] === value)
    );
  const keepsSpread = (placed: readonly (readonly number[])[]): boolean =>
    apps.every((_, app) => {
      const rule = rules.spread?.[app] ?? null;
      if (rule === null || demand[app] === 0) return true;
      const counts = domains.filter((domain) => couldHold(domain, app)).map((domain) =>
        placed.reduce(
          (sum, row, node) => sum + (nodes[node]!.failureDomain === domain ? row[app]! : 0),
          0,
        )
      );
      return counts.every((count) => count <= (rule.maxPerDomain ?? 99)) &&
        counts.filter((count) => count > 0).length >= (rule.minDomains ?? 0) &&
        Math.max(...counts) - Math.min(...counts) <= (rule.maxSkew ?? 99);
    });
  let best: number | undefined;
  const visit = (
    placed: readonly (readonly number[])[],
    left: readonly number[],
    total: number,
  ) => {
    const node = placed.length;
    if (node === nodes.length) {
      if (left.every((count) => count === 0) && keepsSpread(placed)) {
        best = Math.max(best ?? -Infinity, total);
      }
      return;
    }
    for (const counts of configurations) {
      if (counts.some((count, app) => count > left[app]!) || !mayHold(node, counts)) continue;
      const rest = left.map((count, app) => count - counts[app]!);
      const value = simulator.throughput(counts, 0, nodes[node]!.surface ?? 0);
      visit([...placed, counts], rest, total + value);
    }
  };
  visit([], demand, 0);
  return best;
}

Deno.test("optimal finds what trying all placements finds, with resources, labels, company, domains and unlike surfaces", async () => {
  const simulator = unlikeSurfaces();
  const solver = new HighsSolver();
  const seen = { feasible: 0, infeasible: 0 };
  try {
    for (let seed = 0; seed < runs(150, 1000); seed++) {
      const problem = drawGeneral(new Random(seed), simulator);
      const expected = bruteForce(problem);
      if (expected === undefined) {
        seen.infeasible++;
        await assert.rejects(solveToOptimality(problem, {}, solver), InfeasibleError, `${seed}`);
        continue;
      }
      seen.feasible++;
      const answer = await solveToOptimality(problem, {}, solver);
      assert.ok(answer.proven, `problem ${seed}`);
      assert.ok(
        Math.abs(answer.total - expected) <= 1e-9,
        `problem ${seed}: ${answer.total} for ${expected}`,
      );
      const { boundTotal } = await proveBound(problem, { effort: "lp" });
      assert.ok(boundTotal >= expected - 1e-9, `problem ${seed}: ${boundTotal} below ${expected}`);
    }
  } finally {
    solver.close();
  }
  assert.ok(seen.feasible > 20 && seen.infeasible > 20, JSON.stringify(seen));
});

Deno.test("classes of one kind are one class: the same optimum, whatever they are called", async () => {
  const simulator = unlikeSurfaces();
  for (let seed = 0; seed < 20; seed++) {
    const problem = { ...drawGeneral(new Random(seed), simulator), demand: [2, 1, 1] };
    const [first] = problem.cluster.nodeClasses;
    const one = { ...first!, capacity: 3, resources: { cpu: 4, memory: 3 } };
    const rules = { ...problem.rules, fencedNodes: [], spread: [] };
    const totalOn = async (counts: readonly number[]): Promise<number | null> => {
      const nodeClasses = counts.map((count, at) => ({ ...one, name: `class-${at}`, count }));
      const cluster = { nodeClasses };
      assert.equal(nodeCount(cluster), 4);
      try {
        return (await solveToOptimality({ ...problem, cluster, rules })).total;
      } catch (error) {
        if (error instanceof InfeasibleError) return null;
        throw error;
      }
    };
    const [whole, split] = [await totalOn([4]), await totalOn([1, 2, 1])];
    assert.ok(whole === split || Math.abs(whole! - split!) <= 1e-9, `problem ${seed}`);
  }
});
