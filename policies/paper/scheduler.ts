import { demandTotal, nodeCount, uniformCluster, UnsupportedError } from "../../domain/mod.ts";
import {
  type ScheduleOptions,
  type Scheduler,
  type SchedulingProblem,
  wholeParameter,
} from "../../scheduling/mod.ts";
import { SUB_OPTIONS } from "./sub_config.ts";
import { sizeClass, SUB_NODES } from "./sub_schedulers.ts";
import { stopAfter, trainUntil } from "./training_run.ts";
import { learnDemand, placeNothing } from "./per_demand.ts";
import type { PolicySource } from "../checkpoint/source.ts";
import type { Network } from "../learning/network.ts";
import { loadTensorFlow, type TensorFlowOptions } from "../learning/tensorflow.ts";

/** Episodes of sub-schedulers that are trained for one demand. */
const SUB_EPISODES = 20_000;

/** What the paper's scheduler is made of. */
export interface MetisPaperOptions {
  /**
   * Source of trained sub-schedulers (policies of kind "sub"). Where it has none for a problem, those of the
   * size class that the demand needs are trained first, in up to half of the time limit.
   * @default none
   */
  readonly policies?: PolicySource;
  readonly tensorflow?: TensorFlowOptions;
}

/** The paper's scheduler: sub-schedulers of 27 nodes below, a high level that learns every demand above. */
export function metisPaperScheduler(given: MetisPaperOptions = {}): Scheduler {
  return {
    name: "metis-paper",
    summary: "the paper's Metis: trained sub-schedulers, and a high level learned for this demand",
    supports: { rules: false, nodeClasses: false, denseOnly: false },
    learnsEachDemand: true,
    parameters: {
      policy: "directory of trained sub-schedulers (default: they are trained first)",
      episodes: "episodes of the high level (default 20000, or the time limit)",
      subEpisodes: `episodes of the sub-scheduler, if none is loaded (default ${SUB_EPISODES})`,
    },
    async schedule(problem, options) {
      if (demandTotal(problem.demand) === 0) {
        return placeNothing(problem, nodeCount(problem.cluster));
      }
      const shouldStop = stopAfter(options, 1);
      const { highLearner } = await import("./learners.ts");
      const directory = options.parameters?.["policy"];
      const loaded = await given.policies?.networks(
        problem,
        directory === undefined ? null : String(directory),
        "sub",
      ) ?? null;
      const tensorflow = given.tensorflow ?? {};
      const parts = loaded ?? await trainSub(problem, options, tensorflow);
      const result = await learnDemand(
        highLearner,
        problem,
        options,
        tensorflow,
        shouldStop,
        parts,
      );
      return { ...result, details: { ...result.details, subSchedulersLoaded: loaded !== null } };
    },
  };
}

/** Trains the size class of an even share of the demand. */
async function trainSub(
  problem: SchedulingProblem,
  options: ScheduleOptions,
  tensorflowOptions: TensorFlowOptions,
): Promise<readonly Network[]> {
  const { cluster, simulator, demand } = problem;
  const capacity = cluster.nodeClasses[0]!.capacity;
  const nodes = nodeCount(cluster);
  if (cluster.nodeClasses.some((nodeClass) => nodeClass.capacity !== capacity)) {
    throw new UnsupportedError("Scheduler metis-paper takes only nodes of equal capacity");
  }
  const { subLearner } = await import("./learners.ts");
  const { subClusters } = await import("./sub_cluster_player.ts");
  const share = demandTotal(demand) / subClusters(nodes).length;
  const own = sizeClass(Math.max(1, Math.round(share)));
  const config = {
    ...SUB_OPTIONS.defaults,
    episodes: wholeParameter(options, "subEpisodes", SUB_EPISODES, 1),
    firstClass: own,
    lastClass: own,
  };
  const tensorflow = await loadTensorFlow(tensorflowOptions);
  const setting = { simulator, cluster: uniformCluster(Math.min(nodes, SUB_NODES), capacity) };
  const trainer = subLearner.create(tensorflow, setting, config, options.seed ?? 1);
  try {
    const shouldStop = stopAfter(options, 0.5);
    await trainUntil(
      trainer,
      { text: "sub-scheduler", episodes: config.episodes, shouldStop },
      options,
    );
    return trainer.networks();
  } finally {
    trainer.dispose();
  }
}
