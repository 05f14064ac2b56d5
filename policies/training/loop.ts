import { checkNetwork, type Network } from "../learning/network.ts";
import { DivergenceError } from "../learning/divergence.ts";
import type { Trainer, TrainerState, UpdateStats } from "../learning/trainer.ts";
import { type MetricRow, MetricWindow } from "./metrics.ts";

/** When training ends, and how often it is evaluated and saved. */
export interface TrainingLimits {
  /** Seconds of training in all, those before a resume included. */
  readonly seconds?: number | undefined;
  /** Updates in all, those before a resume included. */
  readonly updates?: number | undefined;
  /**
   * What lies between two checkpoints: what a crash loses at most. In updates, the same run always saves (and
   * so chooses its best) at the same updates.
   */
  readonly interval: { readonly seconds: number } | { readonly updates: number };
}

/** Where a training stands, besides the state of its trainer. */
export interface TrainingProgress {
  readonly updates: number;
  readonly episodes: number;
  /** Containers placed by sampling. */
  readonly steps: number;
  /** Seconds of training, without those that a crash lost. */
  readonly seconds: number;
  /** Score of the best policy so far, null before the first. */
  readonly bestScore: number | null;
  /** Update of the best policy so far. */
  readonly bestUpdate: number;
}

/** The progress of a training that has not begun. */
export const NO_PROGRESS: TrainingProgress = {
  updates: 0,
  episodes: 0,
  steps: 0,
  seconds: 0,
  bestScore: null,
  bestUpdate: 0,
};

/** What validation found. */
export interface Evaluation {
  /** What the best policy is chosen by: larger is better. */
  readonly score: number;
  /** Figures by name, such as eval/gap. */
  readonly metrics: MetricRow;
}

/** All that is saved at the end of an interval. The receiver owns it. */
export interface Snapshot {
  readonly progress: TrainingProgress;
  readonly trainer: TrainerState;
  readonly networks: readonly Network[];
  /** True if no policy before was better. */
  readonly isBest: boolean;
  /** The last row of metrics. */
  readonly metrics: MetricRow;
}

/** What the loop may do to the world. It has no clock, files or screen of its own. */
export interface TrainingEffects {
  /** Seconds on a clock that never goes back. */
  seconds(): number;
  /** Ends the training after the current update, with a checkpoint. */
  readonly signal: AbortSignal;
  /** Lets events through (Ctrl-C, messages): called after every update. */
  pause(): Promise<void>;
  /** Validates the policy; it must not touch the trainer's random numbers. */
  evaluate?(networks: readonly Network[]): Evaluation | Promise<Evaluation>;
  /** Keeps a row of metrics. */
  record(row: MetricRow): void | Promise<void>;
  /** Keeps a checkpoint. */
  save(snapshot: Snapshot): Promise<void>;
  /** Told after every update. */
  watch?(progress: TrainingProgress, stats: UpdateStats): void;
}

/** Why a training ended. */
export type TrainingEnd = "done" | "updates" | "seconds" | "interrupted";

/** Seconds between two rows of metrics where no evaluation makes one. */
const ROW_SECONDS = 0.5;

/**
 * Trains until a limit is reached, the learner is done or the signal fires; evaluates and saves at
 * every interval and at the end. A restored trainer continues as if it had never stopped.
 * @param from Progress of the checkpoint that the trainer was restored from.
 * @throws {DivergenceError} if a figure or weight is no longer finite. Nothing is saved then: the last
 * checkpoint is good.
 */
export async function runTraining(
  trainer: Trainer,
  limits: TrainingLimits,
  effects: TrainingEffects,
  from: TrainingProgress = NO_PROGRESS,
): Promise<{ readonly end: TrainingEnd; readonly progress: TrainingProgress }> {
  const started = effects.seconds() - from.seconds;
  const window = new MetricWindow(from.seconds, from.episodes, from.steps);
  let progress = from;
  let savedAt = from;
  let rowAt = from.seconds;
  let end = endOf(trainer, limits, effects, progress);
  while (end === null) {
    const stats = trainer.update();
    checkFinite(stats);
    window.add(stats);
    progress = {
      ...progress,
      updates: stats.update,
      episodes: stats.episodes,
      steps: window.totalSteps,
      seconds: effects.seconds() - started,
    };
    effects.watch?.(progress, stats);
    await effects.pause();
    end = endOf(trainer, limits, effects, progress);
    if (end !== null || isDue(limits.interval, progress, savedAt)) {
      progress = await closeInterval(trainer, effects, window, progress, end);
      savedAt = progress;
      rowAt = progress.seconds;
    } else if (progress.seconds - rowAt >= ROW_SECONDS) {
      await effects.record(window.close(progress.seconds));
      rowAt = progress.seconds;
    }
  }
  return { end, progress };
}

async function closeInterval(
  trainer: Trainer,
  effects: TrainingEffects,
  window: MetricWindow,
  progress: TrainingProgress,
  end: TrainingEnd | null,
): Promise<TrainingProgress> {
  const networks = trainer.networks();
  for (const network of networks) checkWeights(network, progress.updates);
  const before = effects.seconds();
  // Whoever pressed Ctrl-C waits for the checkpoint, not for a validation.
  const evaluation = end === "interrupted" ? undefined : await effects.evaluate?.(networks);
  const row = window.close(
    progress.seconds,
    evaluation && { ...evaluation.metrics, "eval/seconds": effects.seconds() - before },
  );
  const score = evaluation?.score ?? null;
  // Where nothing validates, the latest is taken for the best: throughputs of other demands say nothing.
  const isBest = effects.evaluate === undefined || progress.bestScore === null ||
    (score !== null && score >= progress.bestScore);
  const next = isBest ? { ...progress, bestScore: score, bestUpdate: progress.updates } : progress;
  await effects.record(row);
  await effects.save({ progress: next, trainer: trainer.state(), networks, isBest, metrics: row });
  return next;
}

function endOf(
  trainer: Trainer,
  limits: TrainingLimits,
  effects: TrainingEffects,
  progress: TrainingProgress,
): TrainingEnd | null {
  if (effects.signal.aborted) return "interrupted";
  if (trainer.done) return "done";
  if (limits.updates !== undefined && progress.updates >= limits.updates) return "updates";
  if (limits.seconds !== undefined && progress.seconds >= limits.seconds) return "seconds";
  return null;
}

function isDue(
  interval: TrainingLimits["interval"],
  now: TrainingProgress,
  saved: TrainingProgress,
): boolean {
  // Multiples of the interval, not steps from the last save: a resumed run must save at the same updates.
  if ("updates" in interval) return now.updates % interval.updates === 0;
  return now.seconds - saved.seconds >= interval.seconds;
}

function checkFinite(stats: UpdateStats): void {
  const { extra, ...figures } = stats;
  for (const [name, value] of [...Object.entries(figures), ...Object.entries(extra)]) {
    if (!Number.isFinite(value)) throw new DivergenceError(stats.update, name);
  }
}

function checkWeights(network: Network, update: number): void {
  try {
    checkNetwork(network);
  } catch {
    const names = network.layers.flatMap((layer, at) =>
      (["kernel", "bias"] as const).flatMap((part) =>
        layer[part].every(Number.isFinite) ? [] : [`${network.name}/layer${at}/${part}`]
      )
    );
    throw new DivergenceError(update, names[0] ?? network.name);
  }
}
