import type { Cluster, Demand } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import type { Network } from "./network.ts";
import type { LearnerOptions } from "./options.ts";
import type { TensorFlow } from "./tensorflow.ts";
import type { Trainer, TrainingSetting } from "./trainer.ts";

/** A piece of a training that does not depend on the others: they can run side by side. */
export interface LearnerPiece {
  /** Names it among the pieces. */
  readonly name: string;
  /** Options that differ from those of the whole. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Containers of the demands that it is validated on. */
  readonly sizes: readonly number[];
  /** Share of the training that it gets: above 0, 1 in all. */
  readonly weight: number;
}

/** Demands that a policy is trained for, and the nodes that they will be placed on. */
export interface DemandsAtHand {
  /** Nodes of the cluster. */
  readonly nodes: number;
  /** Containers of each app, one list a demand. */
  readonly demands: readonly Demand[];
}

/** What can be learned, by name, and how: it makes the trainers that learn it. */
export interface Learner<Config extends object> extends LearnerOptions<Config> {
  /** Name that users choose it by: `metis`, `sub`, `high`, ... */
  readonly name: string;
  /** `paper` or `metis`: a name can be learned in both ways. */
  readonly algorithm: string;
  /** Kind of the policies that it makes: what they can be used as. */
  readonly policyKind: string;
  /** One line on what it learns. */
  readonly summary: string;
  /** True if it learns one demand, which the setting must then have. */
  readonly perDemand: boolean;
  /** Kind of the policy that it builds on (the setting's `parts`), or null. */
  readonly needs: string | null;
  /** Seconds of training where the user says nothing; null = until the trainer itself is done. */
  readonly seconds: number | null;
  /** How long its defaults take and what they reach, as measured: one line that names the study that measures it. */
  readonly reaches: string;
  /** Most nodes of the cluster that it is trained on; larger ones are cut. @default no limit */
  readonly mostNodes?: number;
  /**
   * A trainer with fresh weights; `seed` (0 to 2^32 - 1) decides everything random.
   * @throws {UsageError} listing all problems of the config.
   * @throws {InputError | UnsupportedError} if the setting cannot be learned.
   */
  create(
    tensorflow: TensorFlow,
    setting: TrainingSetting,
    config: Config,
    seed: number,
  ): Trainer;
  /** A scheduler that places by its networks, greedily; null for learners of one demand. */
  readonly scheduler: ((networks: readonly Network[], apps: readonly string[]) => Scheduler) | null;
  /**
   * The pieces of a training that its options leave, or null if it is one. Names of networks must differ between pieces.
   * @param atHand What pieces are weighed by; all weigh the same where there are no demands.
   * @throws {UsageError} if the options leave none.
   */
  pieces(cluster: Cluster, config: Config, atHand: DemandsAtHand): LearnerPiece[] | null;
}
