import type { ScheduleOptions } from "../../scheduling/mod.ts";
import type { Trainer, UpdateStats } from "../learning/trainer.ts";

/** When training inside a scheduler must stop. */
export interface TrainingRun {
  /** Work that this is, for progress. */
  readonly text: string;
  /** Episodes in all, for progress. */
  readonly episodes: number;
  /** Ends the run before all episodes; asked after every update. */
  readonly shouldStop: () => boolean;
}

/** Updates until a trainer is done or must stop; at least one, so that there is something to show. */
export async function trainUntil(
  trainer: Trainer,
  run: TrainingRun,
  options: ScheduleOptions,
): Promise<UpdateStats> {
  while (true) {
    const stats = trainer.update();
    const { episodes, bestThroughput } = stats;
    options.onProgress?.({
      fraction: Math.min(1, episodes / run.episodes),
      text: `${run.text}: ${episodes} episodes, best ${bestThroughput.toFixed(4)}`,
    });
    if (trainer.done || run.shouldStop()) return stats;
    await new Promise((resume) => setTimeout(resume, 0));
  }
}

/** Says when a run must stop: a share of the time limit (seconds from now), or the abort signal. */
export function stopAfter(options: ScheduleOptions, share: number): () => boolean {
  const end = performance.now() + 1000 * share * (options.timeLimit ?? Infinity);
  return () => options.signal?.aborted === true || performance.now() >= end;
}
