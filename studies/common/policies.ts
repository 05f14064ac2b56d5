import { proveBound } from "../../baselines/optimal/mod.ts";
import { drawMixedDemand, NO_RULES, Random, uniformCluster } from "../../domain/mod.ts";
import type { Learner } from "../../policies/learning/learner.ts";
import type { Network } from "../../policies/learning/network.ts";
import { loadTensorFlow } from "../../policies/learning/tensorflow.ts";
import { referenceDemands, referenceSimulator } from "../../reference/data.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { coreSeconds, mean } from "./study.ts";

/** Seed of the demands on 27 nodes. */
const DEMAND_SEED = 20_201;
/** Nodes that policies are trained on. */
const TRAINED_ON = 27;
/** Seconds for one proof. */
const PROOF_SECONDS = 60;

/** Clusters with the sizes of their demands. */
export const SIZES = [
  [27, [67, 100, 133]],
  [81, [200, 300, 400]],
  [729, [1000, 2000, 3000]],
] as const;

/** A demand to place, and the most that any placement of it reaches. */
export interface BoundedProblem {
  readonly nodes: number;
  readonly containers: number;
  readonly problem: SchedulingProblem;
  readonly bound: number;
}

/** Demands on a surface with their proven optima. */
export interface BoundedProblems {
  readonly simulator: Simulator;
  readonly problems: readonly BoundedProblem[];
}

/**
 * Demands that no policy was trained on, on the surface of 2020, with their proven optima: drawn ones on 27 nodes, the
 * first ones of each 2020 file on 81 and 729.
 * @param nodes Clusters to take. @param limit Demands of each size; on 729 nodes half as many.
 */
export async function boundedProblems(
  nodes: readonly number[],
  limit: number,
  tell: (line: string) => void,
): Promise<BoundedProblems> {
  const simulator = await referenceSimulator();
  const problems: BoundedProblem[] = [];
  const draws = new Random(DEMAND_SEED);
  for (const [count, sizes] of SIZES) {
    for (const size of nodes.includes(count) ? sizes : []) {
      const most = count === 729 ? Math.ceil(limit / 2) : limit;
      for (let row = 0; row < most; row++) {
        const demand = count === 27
          ? drawMixedDemand(simulator.apps.length, size, false, draws)
          : referenceDemands(size as 200)[row]!;
        const cluster = uniformCluster(count, simulator.capacity);
        const problem = { apps: simulator.apps, cluster, demand, rules: NO_RULES, simulator };
        const proof = await proveBound(problem, { effort: "optimal", timeLimit: PROOF_SECONDS });
        if (!proof.proven) tell(`row ${row} of ${size}: not proven within ${PROOF_SECONDS} s`);
        problems.push({ nodes: count, containers: size, problem, bound: proof.boundTotal });
      }
      tell(`${size} containers on ${count} nodes: the optima of ${most} demands are proven`);
    }
  }
  return { simulator, problems };
}

/**
 * Trains a policy of 27 nodes on a surface until its config says that it is done.
 * @param parts Networks that it begins with.
 * @returns Its networks, and the core seconds that it took.
 */
export async function train<Config extends object>(
  learner: Learner<Config>,
  simulator: Simulator,
  config: Config,
  seed: number,
  parts: readonly Network[] = [],
): Promise<{ networks: Network[]; seconds: number }> {
  const tensorflow = await loadTensorFlow();
  const cluster = uniformCluster(TRAINED_ON, simulator.capacity);
  const trainer = learner.create(tensorflow, { simulator, cluster, parts }, config, seed);
  const started = coreSeconds();
  try {
    while (!trainer.done) trainer.update();
    return { networks: trainer.networks(), seconds: coreSeconds() - started };
  } finally {
    trainer.dispose();
  }
}

/** Mean gaps in percent to the optima by size, such as "0.046 / 0.082 / 0.128", of each of some clusters. */
export async function gapsBySize(
  problems: readonly BoundedProblem[],
  clusters: readonly number[],
  total: (problem: SchedulingProblem) => number | Promise<number>,
): Promise<string[]> {
  const gap = async ({ problem, bound }: BoundedProblem) =>
    100 * (1 - await total(problem) / bound);
  return await meansBySize(problems, clusters, gap, 4);
}

/** Means of a figure by size, as in {@link gapsBySize}; an empty cell for a cluster that lacks figures. */
export async function meansBySize(
  problems: readonly BoundedProblem[],
  clusters: readonly number[],
  figure: (one: BoundedProblem) => number | undefined | Promise<number>,
  digits: number,
): Promise<string[]> {
  const cells: string[] = [];
  for (const nodes of clusters) {
    const sizes = SIZES.find(([count]) => count === nodes)![1];
    const means: number[] = [];
    for (const size of sizes) {
      const found: number[] = [];
      for (const one of problems) {
        if (one.nodes === nodes && one.containers === size) found.push(await figure(one) ?? NaN);
      }
      means.push(mean(found));
    }
    const known = means.every(Number.isFinite);
    cells.push(known ? means.map((value) => value.toFixed(digits)).join(" / ") : "");
  }
  return cells;
}

/** Titles of the columns of {@link gapsBySize}. */
export function sizeColumns(clusters: readonly number[]): { title: string; isNumber: true }[] {
  return clusters.map((nodes) => ({
    title: `${nodes}: ${SIZES.find(([count]) => count === nodes)![1].join(" / ")}`,
    isNumber: true,
  }));
}
