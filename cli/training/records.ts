/**
 * What is trained, and what came of it.
 * @module
 */
import type { Cluster, Demand } from "../../domain/mod.ts";
import type { Learner } from "../../policies/learning/learner.ts";
import type { Network } from "../../policies/learning/network.ts";
import type { JobEnd } from "../../policies/training/job.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { LearnerConfig } from "./inputs.ts";
import type { RunInfo } from "./run_folder.ts";

/** What is trained, on what. */
export interface Run {
  readonly learner: Learner<object>;
  readonly cluster: Cluster;
  readonly demand: Demand | null;
  readonly simulator: Simulator;
  readonly parts: readonly Network[];
  readonly config: LearnerConfig;
  readonly info: RunInfo;
  /** Directory of the training. */
  readonly out: string;
}

/** What became of one job, in the field names of `--json`. */
export interface JobReport {
  readonly name: string;
  readonly seed: number;
  /** Why it ended; null if it was not trained in this run. */
  readonly end: JobEnd["end"] | null;
  readonly updates: number;
  readonly episodes: number;
  readonly seconds: number;
  /** Update of its best policy. */
  readonly bestUpdate: number;
  /** Mean gap of its best policy on the validation demands, null if unknown. */
  readonly gap: number | null;
}

/** What a run made. */
export interface MergedRun {
  /** Directory of the policy, or null if nothing was saved. */
  readonly policy: string | null;
  readonly networks: readonly Network[];
  /** Mean gap on the validation demands, null if unknown. */
  readonly gap: number | null;
  readonly jobs: readonly JobReport[];
  readonly interrupted: boolean;
}

/** A training that has ended. */
export interface TrainedRun extends Run {
  /** What it made. */
  readonly merged: MergedRun;
}
