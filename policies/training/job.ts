import type { Cluster, Demand, Rules } from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { Network } from "../learning/network.ts";
import { loadTensorFlow } from "../learning/tensorflow.ts";
import type { TrainerState, TrainingSetting, UpdateStats } from "../learning/trainer.ts";
import { findLearner } from "./learners.ts";
import {
  runTraining,
  type TrainingEffects,
  type TrainingEnd,
  type TrainingLimits,
  type TrainingProgress,
} from "./loop.ts";
import { evaluateBest, validate, type ValidationCase } from "./validation.ts";

/** One training, as plain data: it can be sent to a worker. */
export interface TrainingJob {
  /** Names it among the jobs of one run. */
  readonly name: string;
  /** Name of the learner. */
  readonly learner: string;
  readonly algorithm: string;
  /** All options of the learner. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly cluster: Cluster;
  readonly rules: Rules;
  /** The demand to learn, for learners of one demand. */
  readonly demand: Demand | null;
  /** Networks that the learner builds on, such as sub-schedulers. */
  readonly parts: readonly Network[];
  readonly limits: TrainingLimits;
  readonly validation: readonly ValidationCase[];
  /** Where to continue, or null to begin. */
  readonly resume: { readonly trainer: TrainerState; readonly progress: TrainingProgress } | null;
}

/** What a job may do to the world: everything but validating. */
export interface JobEffects extends Omit<TrainingEffects, "evaluate"> {
  /** Tells the user something once. */
  notice(text: string): void;
}

/** How a job ended. */
export interface JobEnd {
  readonly end: TrainingEnd;
  readonly progress: TrainingProgress;
}

/**
 * Trains one job on a surface.
 * @throws {DivergenceError} naming update and tensor; {UsageError | InputError | UnsupportedError} where the
 * learner refuses its options, its setting or the state to resume from.
 */
export async function runJob(
  job: TrainingJob,
  simulator: Simulator,
  effects: JobEffects,
): Promise<JobEnd> {
  const { cluster, rules, demand, parts, resume } = job;
  const learner = findLearner(job.learner, job.algorithm);
  const tensorflow = await loadTensorFlow();
  if (tensorflow.notice !== null) effects.notice(tensorflow.notice);
  const setting: TrainingSetting = {
    simulator,
    cluster,
    rules,
    parts,
    ...(demand === null ? {} : { demand }),
  };
  const trainer = learner.create(tensorflow, setting, job.config, job.seed);
  let best = 0;
  const watch = (progress: TrainingProgress, stats: UpdateStats): void => {
    best = stats.bestThroughput;
    effects.watch?.(progress, stats);
  };
  const evaluate = (networks: readonly Network[]) => {
    if (demand !== null) return evaluateBest(best, job.validation[0] ?? null);
    return validate(learner.scheduler!(networks, simulator.apps), setting, job.validation);
  };
  const validates = demand !== null || (learner.scheduler !== null && job.validation.length > 0);
  try {
    if (resume !== null) trainer.restore(resume.trainer);
    return await runTraining(
      trainer,
      job.limits,
      { ...effects, watch, ...(validates ? { evaluate } : {}) },
      resume?.progress,
    );
  } finally {
    trainer.dispose();
  }
}

/** Share of the measured speed that is counted on: others use the machine too. */
const MARGIN = 0.9;

/** Seconds that {@link updatesWithin} tries for. */
const TRIED_SECONDS = 4;

/**
 * Updates that fit into some seconds on this machine: for learners whose schedule needs to know its end. Tries the
 * first updates of the job and forgets them.
 * @param clock Seconds on a clock that never goes back.
 * @returns At least 1.
 */
export async function updatesWithin(
  job: Pick<TrainingJob, "learner" | "algorithm" | "config" | "seed" | "cluster" | "rules">,
  simulator: Simulator,
  seconds: number,
  clock: () => number,
): Promise<number> {
  const { cluster, rules } = job;
  const learner = findLearner(job.learner, job.algorithm);
  const tensorflow = await loadTensorFlow();
  const trainer = learner.create(
    tensorflow,
    { simulator, cluster, rules },
    job.config,
    job.seed,
  );
  try {
    trainer.update();
    const started = clock();
    const ends: number[] = [];
    while ((ends.at(-1) ?? 0) < Math.min(TRIED_SECONDS, seconds / 10) && !trainer.done) {
      trainer.update();
      ends.push(clock() - started);
    }
    if (ends.length === 0) return 1;
    // The first half is slower: WebAssembly and JavaScript are still being compiled.
    const half = Math.floor(ends.length / 2);
    const each = (ends.at(-1)! - (ends[half - 1] ?? 0)) / (ends.length - half);
    return Math.max(1, Math.floor(MARGIN * seconds / each));
  } finally {
    trainer.dispose();
  }
}
