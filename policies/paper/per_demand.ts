import { InterruptedError } from "../../domain/mod.ts";
import {
  type ScheduleOptions,
  type Scheduler,
  type ScheduleResult,
  type SchedulingProblem,
  wholeParameter,
} from "../../scheduling/mod.ts";
import type { DemandLearnerKind } from "./demand_learner.ts";
import { stopAfter, trainUntil } from "./training_run.ts";
import { loadTensorFlow, type TensorFlowOptions } from "../learning/tensorflow.ts";
import type { TrainingSetting } from "../learning/trainer.ts";

/** A problem as learners take it. */
export function settingOf(problem: SchedulingProblem): TrainingSetting {
  const { simulator, cluster, demand, rules } = problem;
  return { simulator, cluster, demand, rules };
}

/**
 * Learns the problem's demand until its episodes or the time are over, and returns the best placement that any
 * episode reached.
 * @throws {InterruptedError} where the signal fired before the first update.
 */
export async function learnDemand(
  learner: DemandLearnerKind,
  problem: SchedulingProblem,
  options: ScheduleOptions,
  tensorflowOptions: TensorFlowOptions,
  shouldStop: () => boolean,
): Promise<ScheduleResult> {
  const apps = problem.apps.length;
  const config = {
    ...learner.defaults,
    episodes: wholeParameter(options, "episodes", learner.defaults.episodes, 1),
  };
  const tensorflow = await loadTensorFlow(tensorflowOptions);
  if (options.signal?.aborted) {
    throw new InterruptedError("Interrupted before there was a placement");
  }
  const seed = options.seed ?? 1;
  const trainer = learner.create(tensorflow, settingOf(problem), config, seed);
  try {
    const run = { text: learner.name, episodes: config.episodes, shouldStop };
    const { update, episodes } = await trainUntil(trainer, run, options);
    const counts = trainer.bestPlacement();
    return {
      placement: { nodes: counts.length / apps, apps, counts },
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

/** A scheduler that learns every demand from scratch. */
export function perDemandScheduler(
  name: string,
  summary: string,
  learner: DemandLearnerKind,
  tensorflowOptions: TensorFlowOptions,
): Scheduler {
  return {
    name,
    summary,
    supports: { rules: false, nodeClasses: true, denseOnly: false },
    learnsEachDemand: true,
    parameters: {
      episodes: `episodes to learn from (default ${learner.defaults.episodes}, or the time limit)`,
    },
    schedule(problem, options) {
      if (problem.demand.every((count) => count === 0)) {
        const nodes = problem.cluster.nodeClasses.reduce((sum, { count }) => sum + count, 0);
        return Promise.resolve(placeNothing(problem, nodes));
      }
      const shouldStop = stopAfter(options, 1);
      return learnDemand(learner, problem, options, tensorflowOptions, shouldStop);
    },
  };
}
