import { InterruptedError } from "../../domain/mod.ts";
import {
  type ScheduleOptions,
  type Scheduler,
  type ScheduleResult,
  type SchedulingProblem,
  wholeParameter,
} from "../../scheduling/mod.ts";
import type { DemandLearner } from "./learners.ts";
import { stopAfter, trainUntil } from "./training_run.ts";
import { loadTensorFlow, type TensorFlowOptions } from "../learning/tensorflow.ts";
import type { Network } from "../learning/network.ts";

/**
 * Learns the problem's demand until its episodes or the time are over, and returns the best placement that any
 * episode reached.
 * @param parts Networks that the learner builds on.
 * @throws {InterruptedError} if the signal fired before the first update.
 */
export async function learnDemand(
  learner: DemandLearner,
  problem: SchedulingProblem,
  options: ScheduleOptions,
  tensorflowOptions: TensorFlowOptions,
  shouldStop: () => boolean,
  parts: readonly Network[] = [],
): Promise<ScheduleResult> {
  const { simulator, cluster, demand, rules, apps } = problem;
  const config = {
    ...learner.defaults,
    episodes: wholeParameter(options, "episodes", learner.defaults.episodes, 1),
  };
  const tensorflow = await loadTensorFlow(tensorflowOptions);
  if (options.signal?.aborted) {
    throw new InterruptedError("Interrupted before there was a placement");
  }
  const seed = options.seed ?? 1;
  const setting = { simulator, cluster, demand, rules, parts };
  const trainer = learner.create(tensorflow, setting, config, seed);
  try {
    const run = { text: learner.name, episodes: config.episodes, shouldStop };
    const { update, episodes } = await trainUntil(trainer, run, options);
    const counts = trainer.bestPlacement();
    return {
      placement: { nodes: counts.length / apps.length, apps: apps.length, counts },
      details: { updates: update, episodes, backend: tensorflow.backend },
    };
  } finally {
    trainer.dispose();
  }
}

/** A placement without containers: nothing is learned for it. */
export function placeNothing(problem: SchedulingProblem, nodes: number): ScheduleResult {
  const apps = problem.apps.length;
  return { placement: { nodes, apps, counts: new Uint8Array(nodes * apps) } };
}

/** What a scheduler is made of that learns every demand from scratch. */
interface PerDemand extends Pick<Scheduler, "name" | "summary"> {
  /** Episodes that it learns from by default. */
  readonly episodes: number;
  /** Loads what learns, with the first demand: who only lists schedulers need not load it. */
  learner(): Promise<DemandLearner>;
  readonly tensorflow: TensorFlowOptions;
}

/** A scheduler that learns every demand from scratch. */
export function perDemandScheduler(
  { name, summary, episodes, learner, tensorflow }: PerDemand,
): Scheduler {
  return {
    name,
    summary,
    heedsPredictions: true,
    supports: { rules: false, nodeClasses: true, denseOnly: false },
    learnsEachDemand: true,
    parameters: {
      episodes: `episodes to learn from (default ${episodes}, or the time limit)`,
    },
    async schedule(problem, options) {
      if (problem.demand.every((count) => count === 0)) {
        const nodes = problem.cluster.nodeClasses.reduce((sum, { count }) => sum + count, 0);
        return placeNothing(problem, nodes);
      }
      const shouldStop = stopAfter(options, 1);
      return await learnDemand(await learner(), problem, options, tensorflow, shouldStop);
    },
  };
}
