import { Random } from "../domain/mod.ts";
import { startFeasibly } from "../baselines/heuristics/feasible.ts";
import {
  familyPrices,
  pricesAll,
  type RelaxedProblem,
  relaxProblem,
} from "../baselines/columns/mod.ts";
import { Deadline, type ScheduleOptions, type SchedulingProblem } from "../scheduling/mod.ts";
import type { CollectedConfigurations } from "../sim-wasm/space/pricing.ts";

/** Passes of column generation: it nears its end with so many, and nothing here needs a proof. */
const MOST_PASSES = 120;

/** Columns worth less than the best by more of throughput hardly count: ten times the warmest temperature of the prices. */
const WINDOW = 0.3;
/** So many are looked for, of which the best are kept. */
const COLLECTED = 2000;
const LEAST_WINDOW = 1e-6;

/** Annealing whose placements give columns: rounds, moves for each container in one, and temperatures. */
const ROUNDS = 30;
const MOVES_EACH = 25;
const HOT = 0.1;
const COOLING = 0.87;

/**
 * What a policy goes by where there are too many configurations for a table: configurations that nodes may well end with, row-major,
 * columns x apps. Where the best configurations at any prices can be found, they are those of the linear relaxation and others that
 * are worth nearly as much at its prices; else what nodes hold while annealing cools down.
 * @param most Of those others, for each family of nodes; at most 2000.
 * @throws {InfeasibleError} if no placement was found to anneal.
 */
export async function findColumns(
  problem: SchedulingProblem,
  options: ScheduleOptions,
  most: number,
): Promise<Uint8Array> {
  if (!pricesAll(problem.simulator)) return await annealedColumns(problem, options);
  using relaxed = await relaxProblem(problem, new Deadline(options), {
    unprovenPasses: MOST_PASSES,
  });
  return relaxedColumns(relaxed, most);
}

function relaxedColumns(
  { formulation, pricings, relaxation }: RelaxedProblem,
  most: number,
): Uint8Array {
  const apps = formulation.apps.length;
  const columns = relaxation.used.flatMap(({ column }) => [...column.counts]);
  const counts = new Uint8Array(apps);
  formulation.families.forEach(({ space }, family) => {
    const pricing = pricings[space]!;
    const prices = familyPrices(formulation, family, relaxation);
    const best = new Float64Array(pricing.capacity + 1).fill(Infinity);
    formulation.groups.forEach((group, at) => {
      if (group.family !== family) return;
      const worths = relaxation.used.filter(({ column }) => column.group === at).map(({ column }) =>
        column.counts.reduce((left, count, app) => left - count * prices[app]!, column.value)
      );
      const worth = Math.max(0, ...worths);
      for (let total = 0; total <= group.capacity; total++) {
        best[total] = Math.min(best[total]!, worth);
      }
    });
    const collect = (window: number): CollectedConfigurations => {
      const found = pricing.collect(prices, best.map((worth) => worth - window), COLLECTED);
      // A table knows how many there are, and gives the first of them.
      const isCut = found.count > COLLECTED && found.count < Infinity;
      return isCut && window > LEAST_WINDOW ? collect(window / 2) : found;
    };
    for (const rank of collect(WINDOW).ranks.slice(0, most)) {
      pricing.unrank(rank, counts);
      columns.push(...counts);
    }
  });
  return Uint8Array.from(columns);
}

async function annealedColumns(
  problem: SchedulingProblem,
  options: ScheduleOptions,
): Promise<Uint8Array> {
  const deadline = new Deadline(options);
  const draws = new Random(options.seed ?? 1);
  using state = problem.simulator.clusterState(problem);
  await startFeasibly(state, problem, draws, deadline, options);
  const containers = problem.demand.reduce((sum, count) => sum + count, 0);
  // A model that the core has to ask is slow.
  const moves = (problem.simulator.inCore ? MOVES_EACH : 1) * containers;
  const columns = new Map<string, Uint8Array>();
  const keep = (): void => {
    const { counts, nodes, apps } = state.placement();
    for (let node = 0; node < nodes; node++) {
      const held = counts.slice(node * apps, (node + 1) * apps);
      columns.set(held.join(), held);
    }
  };
  keep();
  for (let round = 0; round < ROUNDS && !deadline.passed(); round++) {
    const hot = HOT * COOLING ** round;
    state.anneal({ moves, hot, cold: hot * COOLING, seed: draws.uint32() });
    keep();
  }
  return Uint8Array.from([...columns.values()].flatMap((held) => [...held]));
}
