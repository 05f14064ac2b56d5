import type { TrainingJob } from "../../policies/training/job.ts";
import type { TrainingProgress } from "../../policies/training/loop.ts";
import type { MetricRow } from "../../policies/training/metrics.ts";
import type { UpdateStats } from "../../policies/learning/trainer.ts";
import { sparkline } from "../output/plots/sparkline.ts";
import type { Talk } from "../output/progress.ts";

/** How a training goes, in one line that changes: for a person who watches. */
export class LiveProgress {
  readonly #talk: Talk;
  readonly #jobs: readonly TrainingJob[];
  /** What is done of each job, in updates or seconds, and what all are to do together. */
  readonly #done = new Map<string, number>();
  readonly #all: number;
  readonly #rows = new Map<string, MetricRow>();
  readonly #gaps = new Map<string, number[]>();
  readonly #told = new Set<string>();
  readonly #started = performance.now();
  readonly #startFraction: number;

  constructor(talk: Talk, jobs: readonly TrainingJob[]) {
    this.#talk = talk;
    this.#jobs = jobs;
    this.#all = jobs.reduce(
      (sum, { limits }) => sum + (limits.updates ?? limits.seconds ?? NaN),
      0,
    );
    for (const job of jobs) {
      if (job.resume !== null) this.#done.set(job.name, doneOf(job, job.resume.progress));
    }
    this.#startFraction = this.#fraction();
  }

  /** Tells something once, however many jobs say it. */
  notice(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#talk.notice(text);
  }

  /** After an update of a job. */
  watch(job: TrainingJob, progress: TrainingProgress, stats: UpdateStats): void {
    this.#done.set(job.name, doneOf(job, progress));
    const fraction = this.#fraction();
    const row = this.#rows.get(job.name);
    const gaps = this.#gaps.get(job.name) ?? [];
    const gap = gaps.at(-1);
    const curve = gaps.length > 1 ? ` ${sparkline(gaps, 12, [0, Math.max(...gaps)])}` : "";
    // Narrow terminals cut the end: what matters comes first.
    const speed = row?.["time/episodes_per_second"];
    const parts = [
      ...(this.#jobs.length > 1 ? [job.name] : []),
      this.#left(fraction),
      ...(gap === undefined ? [] : [`gap ${(gap * 100).toFixed(2)} %${curve}`]),
      ...(typeof speed === "number" ? [`${significant(speed)} episodes/s`] : []),
      `reward ${significant(stats.meanReward)}`,
      `entropy ${significant(stats.entropy)}`,
      `gradient ${significant(stats.gradientNorm)}`,
    ];
    this.#talk.step({ fraction, text: parts.join(", ") });
  }

  /** After a row of metrics of a job. */
  record(job: TrainingJob, row: MetricRow): void {
    this.#rows.set(job.name, row);
    const gap = row["eval/gap"];
    if (typeof gap === "number") {
      this.#gaps.set(job.name, [...this.#gaps.get(job.name) ?? [], gap]);
    }
  }

  #fraction(): number {
    const sum = this.#jobs.reduce((all, { name }) => all + (this.#done.get(name) ?? 0), 0);
    return Number.isNaN(this.#all) ? 0 : Math.min(1, sum / this.#all);
  }

  #left(fraction: number): string {
    const done = fraction - this.#startFraction;
    if (done <= 0) return "time left unknown";
    const elapsed = (performance.now() - this.#started) / 1000;
    const left = Math.ceil(elapsed / done * (1 - fraction));
    return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
  }
}

/** A part may get more of the seconds than its own limit says, and others less. */
function doneOf({ limits }: TrainingJob, { updates, seconds }: TrainingProgress): number {
  return limits.updates === undefined ? seconds : Math.min(updates, limits.updates);
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}
