import { type Cluster, demandTotal, totalSlots, UsageError } from "../../domain/mod.ts";
import { threefold } from "../environment/group_tree.ts";
import type { DemandsAtHand, Learner, LearnerPiece } from "../learning/learner.ts";
import { checkConfig, type LearnerOptions } from "../learning/options.ts";
import type { TensorFlow } from "../learning/tensorflow.ts";
import type { TrainingSetting } from "../learning/trainer.ts";
import { DC_OPTIONS, type DemandConfig, HIGH_OPTIONS, VANILLA_OPTIONS } from "./demand_config.ts";
import { DemandTrainer } from "./demand_trainer.ts";
import { type DemandPlayer, NodePlayer, settingCapacities } from "./demand_player.ts";
import { SubClusterPlayer, subClusters } from "./sub_cluster_player.ts";
import { SUB_OPTIONS, type SubConfig } from "./sub_config.ts";
import { subPolicyScheduler } from "./policy_scheduler.ts";
import { CLASS_WIDTH, SIZE_CLASSES, sizeClass, SUB_NODES } from "./sub_schedulers.ts";
import { SubTrainer } from "./sub_trainer.ts";

/** The paper's sub-schedulers: one model for each size class, for any demand on up to 27 nodes. */
export const subLearner: Learner<SubConfig> = {
  name: "sub",
  algorithm: "paper",
  policyKind: "sub",
  summary: "sub-schedulers: any demand on 27 nodes, one model for each ten containers",
  perDemand: false,
  needs: null,
  seconds: 1800,
  reaches:
    "30 minutes of two cores, or 6 minutes of a core for demands at hand; on 81 nodes then below 2, 4 and 4 % from the optimum of 200, 300 and 400 containers (deno task study hierarchy)",
  mostNodes: SUB_NODES,
  ...SUB_OPTIONS,
  create: (tensorflow, setting, config, seed) => {
    checkConfig(SUB_OPTIONS, config);
    return new SubTrainer(tensorflow, setting, config, seed);
  },
  scheduler: subPolicyScheduler,
  pieces: sizeClasses,
};

/** Share of the training that all size classes get evenly, whatever the demands at hand: a high level may split unevenly. */
const EVERY_CLASS = 0.1;

/**
 * The size classes that the options ask for and a cluster has room for: each trains without the others. They are
 * weighed by how many shares of the demands at hand they hold, each demand split evenly over sub-clusters.
 */
function sizeClasses(
  cluster: Cluster,
  { firstClass, lastClass }: SubConfig,
  { nodes, demands }: DemandsAtHand,
): LearnerPiece[] {
  const slots = totalSlots(cluster);
  const count = Math.max(1, Math.min(SIZE_CLASSES, Math.ceil(slots / CLASS_WIDTH)));
  if (firstClass >= count) {
    throw new UsageError(
      `Size class ${firstClass} has at least ${
        firstClass * CLASS_WIDTH + 1
      } containers: the cluster has ${slots} slots`,
    );
  }
  const classes = Math.min(lastClass, count - 1) - firstClass + 1;
  const held = new Array<number>(classes).fill(0);
  for (const demand of demands) {
    const containers = demandTotal(demand);
    for (const share of evenShares(containers, subClusters(nodes).length)) {
      if (share > slots) {
        throw new UsageError(`A demand of ${containers} containers does not fit ${nodes} nodes`);
      }
      const at = sizeClass(share, count) - firstClass;
      if (share > 0 && held[at] !== undefined) held[at]++;
    }
  }
  const all = held.reduce((sum, each) => sum + each, 0);
  return held.map((shares, at) => {
    const own = firstClass + at;
    return {
      name: `class${own * CLASS_WIDTH}`,
      config: { firstClass: own, lastClass: own },
      sizes: [Math.min(slots, own * CLASS_WIDTH + CLASS_WIDTH / 2)],
      weight: all === 0 ? 1 / classes : (1 - EVERY_CLASS) * shares / all + EVERY_CLASS / classes,
    };
  });
}

/** Containers of each sub-cluster where a demand is split evenly. */
function evenShares(containers: number, clusters: number): number[] {
  const share = (at: number): number => Math.floor(containers * at / clusters);
  return Array.from({ length: clusters }, (_, at) => share(at + 1) - share(at));
}

/** A learner of one demand: its trainers can show the best placement that they saw. */
export interface DemandLearner extends Learner<DemandConfig> {
  create(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: DemandConfig,
    seed: number,
  ): DemandTrainer;
}

function demandLearner(
  own: Pick<DemandLearner, "name" | "summary" | "needs" | "reaches"> & LearnerOptions<DemandConfig>,
  player: (setting: TrainingSetting, hidden: number) => DemandPlayer,
): DemandLearner {
  return {
    ...own,
    algorithm: "paper",
    policyKind: own.name,
    perDemand: true,
    seconds: 60,
    create: (tensorflow, setting, config, seed) => {
      checkConfig(own, config);
      return new DemandTrainer(tensorflow, player(setting, config.hidden), config, seed);
    },
    scheduler: null,
    pieces: () => null,
  };
}

/** The paper's high level: shares a demand out to sub-clusters of 27 nodes, which trained sub-schedulers fill. */
export const highLearner: DemandLearner = demandLearner(
  {
    name: "high",
    summary: "high level: shares one demand out to sub-clusters that sub-schedulers fill",
    needs: "sub",
    reaches:
      "a minute; on published sub-schedulers then below 2 % from the optimum of 200 containers on 81 nodes (deno task study curves)",
    ...HIGH_OPTIONS,
  },
  (setting, hidden) => new SubClusterPlayer(setting, setting.parts ?? [], hidden),
);

/** Most nodes that Vanilla RL chooses among. */
const VANILLA_NODES = 256;

/** The paper's Vanilla RL: one choice among all nodes. */
export const vanillaLearner: DemandLearner = demandLearner(
  {
    name: "vanilla",
    summary: "Vanilla RL: one network chooses among all nodes, for one demand",
    needs: null,
    reaches:
      "a minute; then 15 to 20 % from the optimum of 200 containers on 81 nodes (deno task study curves)",
    ...VANILLA_OPTIONS,
  },
  (setting, hidden) => {
    const nodes = settingCapacities(setting).length;
    if (nodes > VANILLA_NODES) {
      throw new UsageError(
        `Vanilla RL chooses among at most ${VANILLA_NODES} nodes: got ${nodes}, use dc or high`,
      );
    }
    return new NodePlayer(setting, [nodes], hidden);
  },
);

/** The paper's divide-and-conquer: levels of three choices down to the nodes, learned together. */
export const dcLearner: DemandLearner = demandLearner(
  {
    name: "dc",
    summary: "divide-and-conquer: levels of three choices, learned together, for one demand",
    needs: null,
    reaches:
      "a minute; then 3 to 8 % from the optimum of 200 containers on 81 nodes (deno task study curves)",
    ...DC_OPTIONS,
  },
  (setting, hidden) =>
    new NodePlayer(setting, threefold(settingCapacities(setting).length), hidden),
);
