import { decodeText, InputError, parseJson } from "../../domain/mod.ts";
import type { UpdateStats } from "../learning/trainer.ts";

/** One row of metrics: figures by name, null if there is none. Never NaN, which JSON cannot hold. */
export type MetricRow = Readonly<Record<string, number | null>>;

/** Every metric that each learner writes, with what it means. docs/training.md has the same glossary. */
export const METRICS = {
  "time/iterations": "updates so far",
  "time/episodes": "episodes (whole placements) sampled so far",
  "time/total_timesteps": "containers placed by sampling so far, in this run and those it resumed",
  "time/time_elapsed": "seconds of training so far, in this run and those it resumed",
  "time/fps": "containers placed by sampling per second, since the row before",
  "time/episodes_per_second": "episodes per second, since the row before",
  "rollout/ep_rew_mean":
    "mean reward of the episodes since the row before; each learner says what it is",
  "rollout/ep_len_mean": "containers per episode since the row before",
  "rollout/throughput_mean": "mean normalised throughput per container of these episodes",
  "rollout/throughput_best": "best mean normalised throughput, see UpdateStats.bestThroughput",
  "train/loss": "loss that was differentiated, mean since the row before",
  "train/entropy": "mean entropy of the choices in nats",
  "train/entropy_loss": "minus train/entropy, as Stable-Baselines3 has it",
  "train/grad_norm": "global norm of the gradient before clipping",
  "train/batch_episodes": "episodes that one gradient looked at",
  "eval/gap": "mean relative gap to the proven bound on the fixed validation demands: 0.01 is 1 %",
  "eval/throughput_mean": "mean normalised throughput on the validation demands",
  "eval/seconds": "seconds that the last evaluation took",
} as const;

/** Adds up the updates between two rows of metrics. */
export class MetricWindow {
  #updates: UpdateStats[] = [];
  #steps: number;
  #episodes: number;
  #totalSteps: number;
  #since: number;

  /**
   * @param seconds Seconds of training so far. @param episodes Episodes so far.
   * @param totalSteps Containers placed so far.
   */
  constructor(seconds: number, episodes: number, totalSteps: number) {
    this.#since = seconds;
    this.#episodes = episodes;
    this.#totalSteps = totalSteps;
    this.#steps = 0;
  }

  /** Updates since the last row. */
  get updates(): number {
    return this.#updates.length;
  }

  /** Containers placed by sampling so far. */
  get totalSteps(): number {
    return this.#totalSteps + this.#steps;
  }

  /** Adds an update. */
  add(stats: UpdateStats): void {
    this.#updates.push(stats);
    this.#steps += stats.steps;
  }

  /**
   * The row of the updates since the last one, and begins the next.
   * @param seconds Seconds of training so far. @param evaluation Figures of an evaluation, if there was one.
   */
  close(seconds: number, evaluation: MetricRow = {}): MetricRow {
    const updates = this.#updates;
    const last = updates.at(-1);
    if (last === undefined) throw new RangeError("A row of metrics needs at least one update");
    const mean = (of: (stats: UpdateStats) => number): number =>
      updates.reduce((sum, stats) => sum + of(stats), 0) / updates.length;
    const episodes = last.episodes - this.#episodes;
    const elapsed = Math.max(seconds - this.#since, 1e-9);
    const entropy = mean((stats) => stats.entropy);
    const row: Record<keyof typeof METRICS, number | null> = {
      "time/iterations": last.update,
      "time/episodes": last.episodes,
      "time/total_timesteps": this.totalSteps,
      "time/time_elapsed": seconds,
      "time/fps": this.#steps / elapsed,
      "time/episodes_per_second": episodes / elapsed,
      "rollout/ep_rew_mean": mean((stats) => stats.meanReward),
      "rollout/ep_len_mean": episodes === 0 ? null : this.#steps / episodes,
      "rollout/throughput_mean": mean((stats) => stats.meanThroughput),
      "rollout/throughput_best": last.bestThroughput,
      "train/loss": mean((stats) => stats.loss),
      "train/entropy": entropy,
      "train/entropy_loss": -entropy,
      "train/grad_norm": mean((stats) => stats.gradientNorm),
      "train/batch_episodes": mean((stats) => stats.batchEpisodes),
      "eval/gap": null,
      "eval/throughput_mean": null,
      "eval/seconds": null,
    };
    const extra = Object.keys(last.extra).map((name) =>
      [`train/${name}`, mean((stats) => stats.extra[name] ?? NaN)] as const
    );
    this.#totalSteps += this.#steps;
    this.#steps = 0;
    this.#episodes = last.episodes;
    this.#since = seconds;
    this.#updates = [];
    return finiteRow({ ...row, ...Object.fromEntries(extra), ...evaluation });
  }
}

/** The row with null in place of every number that is not finite. */
export function finiteRow(row: MetricRow): MetricRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Number.isFinite(value) ? value : null]),
  );
}

/** A row as a line of CSV under these columns, with its newline; null is empty. */
export function csvLine(row: MetricRow, columns: readonly string[]): string {
  return columns.map((name) => row[name] ?? "").join(",") + "\n";
}

/** A row as a line of JSON, with its newline. */
export function jsonLine(row: MetricRow): string {
  return JSON.stringify(row) + "\n";
}

/**
 * The rows of a file of JSON lines up to an update. What a killed run left behind, half a line or rows
 * after its last checkpoint, is dropped.
 * @param file Its name, for messages. @param updates Last update to keep.
 * @throws {InputError} for a whole line that is no row.
 */
export function readRows(bytes: Uint8Array, file: string, updates: number): MetricRow[] {
  const whole = decodeText(bytes.subarray(0, bytes.lastIndexOf(10) + 1), file);
  return whole.split("\n").slice(0, -1).flatMap((line, at) => {
    const row = parseJson(line, `${file}: line ${at + 1}`);
    if (!isRow(row)) {
      throw new InputError(`${file}: line ${at + 1} is no row of metrics: remove it to go on`);
    }
    return row["time/iterations"]! <= updates ? [row] : [];
  });
}

function isRow(value: unknown): value is MetricRow {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    typeof (value as MetricRow)["time/iterations"] === "number" &&
    Object.values(value).every((figure) => figure === null || typeof figure === "number");
}
