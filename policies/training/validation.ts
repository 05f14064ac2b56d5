import {
  type Cluster,
  type Demand,
  demandTotal,
  drawEvenDemand,
  Random,
  totalSlots,
} from "../../domain/mod.ts";
import { proveBound } from "../../baselines/optimal/mod.ts";
import { problemOn, runScheduler, type Scheduler } from "../../scheduling/mod.ts";
import type { TrainingSetting } from "../learning/trainer.ts";
import type { Evaluation } from "./loop.ts";

/** Seed of all validation demands: the same for every training, and told to no learner. */
const VALIDATION_SEED = 0x76616c69;

/** A demand that policies are validated on, with the proven bound on its total throughput. */
export interface ValidationCase {
  readonly demand: Demand;
  readonly boundTotal: number;
}

/** Where policies are validated. */
export type ValidationSetting = Pick<TrainingSetting, "simulator" | "cluster" | "rules">;

/**
 * Fixed demands, every app equally likely for each container.
 * @param sizes Containers of the demands. @param each Demands of each size.
 */
export function validationDemands(apps: number, sizes: readonly number[], each: number): Demand[] {
  const draws = new Random(VALIDATION_SEED);
  return sizes.flatMap((size) =>
    Array.from({ length: each }, () => drawEvenDemand(apps, size, draws))
  );
}

/** The sizes of the usual comparisons: 31, 46 and 62 % of all slots (67, 100 and 133 of 27 x 8). */
export function usualSizes(cluster: Cluster): number[] {
  const slots = totalSlots(cluster);
  return [0.31, 0.463, 0.616].map((share) => Math.max(1, Math.round(share * slots)));
}

/**
 * Proves a bound for every demand.
 * @param effort "lp" takes milliseconds and is about 0.1 % loose, "optimal" about a second each.
 */
export async function proveCases(
  { simulator, cluster, rules }: ValidationSetting,
  demands: readonly Demand[],
  options: {
    readonly effort: "lp" | "optimal";
    readonly timeLimit?: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number) => void;
  },
): Promise<ValidationCase[]> {
  const { onProgress, ...bound } = options;
  const cases: ValidationCase[] = [];
  for (const [done, demand] of demands.entries()) {
    onProgress?.(done);
    options.signal?.throwIfAborted();
    const problem = problemOn(simulator, { cluster, demand, rules });
    const { boundTotal } = await proveBound(problem, bound);
    cases.push({ demand, boundTotal });
  }
  return cases;
}

/**
 * Places every validation demand and compares with its bound.
 * @returns The score is minus the mean gap.
 * @throws What the scheduler throws: a policy that cannot place is a fault of its learner.
 */
export async function validate(
  scheduler: Scheduler,
  { simulator, cluster, rules }: ValidationSetting,
  cases: readonly ValidationCase[],
): Promise<Evaluation> {
  let gap = 0;
  let throughput = 0;
  for (const { demand, boundTotal } of cases) {
    const problem = problemOn(simulator, { cluster, demand, rules });
    const run = await runScheduler(scheduler, problem, { seed: 1 });
    gap += (boundTotal - run.total) / boundTotal / cases.length;
    throughput += run.mean / cases.length;
  }
  return { score: -gap, metrics: { "eval/gap": gap, "eval/throughput_mean": throughput } };
}

/** What the best placement of one demand so far is worth, as an evaluation. */
export function evaluateBest(bestThroughput: number, found: ValidationCase | null): Evaluation {
  const gap = found === null
    ? null
    : (found.boundTotal - bestThroughput * demandTotal(found.demand)) / found.boundTotal;
  return {
    score: bestThroughput,
    metrics: { "eval/gap": gap, "eval/throughput_mean": bestThroughput },
  };
}
