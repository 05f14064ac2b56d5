import type { Learner } from "../learning/learner.ts";
import { type LearnerOptions, learnerOptions } from "../learning/options.ts";
import { METIS_TABLE, type MetisConfig } from "../metis/config.ts";
import { metisLearner } from "../metis/trainer.ts";
import { SUB_NODES } from "./sub_schedulers.ts";

/** How guided sub-schedulers learn: as the policy `metis`, always by levels. */
export type GuidedConfig = Omit<MetisConfig, "levels" | "universal">;

const { levels: _always, universal: _never, ...TABLE } = METIS_TABLE;

/** The options of guided sub-schedulers. */
export const GUIDED_OPTIONS: LearnerOptions<GuidedConfig> = learnerOptions<GuidedConfig>(TABLE);

/**
 * The paper's hierarchy, learned better: sub-schedulers of the same three literal levels (nine nodes, three, one),
 * one for all sizes. They see prices of the demand and what the model says of each group, share weights between the
 * groups of a level, and learn by imitating their own polished best (docs/design/learning.md).
 */
export const guidedSubLearner: Learner<GuidedConfig> = {
  ...metisLearner,
  ...GUIDED_OPTIONS,
  name: "sub",
  algorithm: "guided",
  policyKind: "sub",
  summary:
    "sub-schedulers of the same three levels for any demand on 27 nodes, guided by what the model says of each group",
  seconds: 120,
  reaches:
    "2 minutes of a core; on 81 nodes then 0.03, 0.14 and 0.15 % from the optimum of 200, 300 and 400 containers (deno task study hierarchy)",
  mostNodes: SUB_NODES,
  create: (tensorflow, setting, config, seed) =>
    metisLearner.create(tensorflow, setting, { ...config, levels: true, universal: false }, seed),
};
