import { InputError } from "../../domain/mod.ts";
import { utf8 } from "../../policies/checkpoint/bytes.ts";
import {
  type Checkpoint,
  encodeCheckpoint,
  type PolicyInfo,
} from "../../policies/checkpoint/mod.ts";
import type { TrainerState } from "../../policies/learning/trainer.ts";
import { curvesSvg } from "../../policies/training/curves.ts";
import { NO_PROGRESS, type Snapshot, type TrainingProgress } from "../../policies/training/loop.ts";
import {
  csvLine,
  finiteRow,
  jsonLine,
  type MetricRow,
  readRows,
} from "../../policies/training/metrics.ts";
import { eventFileHeader, eventRecord } from "../../policies/training/tensorboard.ts";
import { readLatest, type TrainingFiles } from "./files.ts";

/** What of a policy is the same at every checkpoint of a training. */
export type RunInfo = Omit<PolicyInfo, "updates" | "episodes" | "metrics" | "versions" | "created">;

/** Where a training was left. */
export interface Resumed {
  readonly trainer: TrainerState;
  readonly progress: TrainingProgress;
  /** What to tell the user, such as a damaged checkpoint that was passed over. */
  readonly notices: readonly string[];
}

/**
 * The directory of one training: `best/` and `last/` checkpoints, `progress.csv`, `progress.jsonl`, TensorBoard
 * events and `curves.svg`. See docs/training.md.
 */
export class RunFolder {
  readonly path: string;
  readonly #files: TrainingFiles;
  readonly #info: RunInfo;
  readonly #title: string;
  #rows: MetricRow[] = [];
  #columns: string[] | null = null;
  #events: string | null = null;

  constructor(files: TrainingFiles, path: string, info: RunInfo, title: string) {
    this.#files = files;
    this.path = path.replace(/\/+$/, "");
    this.#info = info;
    this.#title = title;
  }

  /** Rows of metrics so far. */
  get rows(): readonly MetricRow[] {
    return this.#rows;
  }

  /**
   * Begins a training here.
   * @throws {InputError} if there is one already.
   */
  async begin(): Promise<void> {
    if (await readLatestOrNull(this.#files, `${this.path}/last`)) {
      throw new InputError(
        `${this.path} holds a training already: give --resume to go on with it, or another --out`,
      );
    }
    await this.#files.makeDirectory(this.path);
    await this.#rewriteMetrics();
  }

  /**
   * Goes on with the training here: finds its newest good checkpoint and drops metrics after it.
   * @returns Null if nothing was saved yet: the training begins.
   * @throws {InputError} if it is a training of something else, or every checkpoint is damaged.
   */
  async resume(): Promise<Resumed | null> {
    const found = await readLatest(this.#files, `${this.path}/last`);
    if (found === null) {
      await this.#files.makeDirectory(this.path);
      await this.#rewriteMetrics();
      return null;
    }
    const { checkpoint, notices } = found;
    this.#checkSame(checkpoint.info);
    if (checkpoint.trainer === null) {
      throw new InputError(`${found.path}: holds no state of the training: it cannot go on`);
    }
    const { values, arrays } = checkpoint.trainer;
    const { trainer } = values as unknown as { trainer: TrainerState["values"] };
    const progress = progressOf(checkpoint)!;
    const file = `${this.path}/progress.jsonl`;
    const lines = await this.#files.read(file) ?? new Uint8Array();
    this.#rows = readRows(lines, file, progress.updates);
    await this.#rewriteMetrics();
    return {
      trainer: { values: trainer, arrays },
      progress,
      notices,
    };
  }

  /** Adds a row to all files of metrics. */
  async record(row: MetricRow): Promise<void> {
    const first = this.#rows.length === 0;
    this.#rows.push(row);
    if (first) this.#columns = null;
    const header = this.#columns === null ? this.#header(row) : "";
    const wallTime = Date.parse(this.#files.now()) / 1000;
    await this.#files.append(`${this.path}/progress.jsonl`, utf8(jsonLine(row)));
    await this.#files.append(
      `${this.path}/progress.csv`,
      utf8(header + csvLine(row, this.#columns!)),
    );
    if (this.#events === null) {
      this.#events = `${this.path}/events.out.tfevents.${Math.floor(wallTime * 1000)}.metis`;
      await this.#files.append(this.#events, eventFileHeader(wallTime));
    }
    const step = row["time/iterations"] ?? 0;
    await this.#files.append(this.#events, eventRecord(row, step, wallTime));
  }

  /** Writes a checkpoint, the best first: a crash between the two repeats an interval and its best. */
  async save({ progress, trainer, networks, isBest, metrics }: Snapshot): Promise<void> {
    const info: PolicyInfo = {
      ...this.#info,
      updates: progress.updates,
      episodes: progress.episodes,
      metrics: finiteRow(metrics),
      versions: { ...this.#files.versions },
      created: this.#files.now(),
    };
    if (isBest) {
      const files = await encodeCheckpoint({ info, networks, trainer: null });
      await this.#files.replaceDirectory(`${this.path}/best`, files);
    }
    const state = {
      values: { trainer: trainer.values, progress: { ...progress } },
      arrays: trainer.arrays,
    };
    const files = await encodeCheckpoint({ info, networks, trainer: state });
    await this.#files.replaceDirectory(`${this.path}/last`, files);
    await this.#files.write(
      `${this.path}/curves.svg`,
      utf8(curvesSvg(this.#rows, this.#title)),
    );
  }

  #header(row: MetricRow): string {
    this.#columns = Object.keys(row);
    return this.#columns.join(",") + "\n";
  }

  async #rewriteMetrics(): Promise<void> {
    const [first] = this.#rows;
    this.#columns = null;
    const header = first === undefined ? "" : this.#header(first);
    const lines = this.#rows.map((row) => csvLine(row, this.#columns!)).join("");
    await this.#files.write(
      `${this.path}/progress.jsonl`,
      utf8(this.#rows.map(jsonLine).join("")),
    );
    await this.#files.write(`${this.path}/progress.csv`, utf8(header + lines));
  }

  #checkSame(found: PolicyInfo): void {
    const [earlier, now] = [comparedOf(found), comparedOf(this.#info)];
    for (const name of new Set([...earlier.keys(), ...now.keys()])) {
      const [before, wanted] = [earlier.get(name), now.get(name)];
      if (canonical(before) !== canonical(wanted)) {
        throw new InputError(
          `${this.path} holds a training with ${name} ${short(before)}, not ${
            short(wanted)
          }: use the same, or another --out`,
        );
      }
    }
  }
}

/** Where the training of a checkpoint stood; null if it holds no state of a training. */
export function progressOf({ trainer }: Checkpoint): TrainingProgress | null {
  if (trainer === null) return null;
  const { progress } = trainer.values as unknown as { progress: TrainingProgress };
  return { ...NO_PROGRESS, ...progress };
}

/** What must be the same where a training goes on. Only the end of its schedule may be another: see scheduleConfig. */
function comparedOf(info: RunInfo): Map<string, unknown> {
  const { kind, algorithm, apps, capacity, nodes, preset, surface, data, seed, options } = info;
  const { updates: _, ...rest } = options;
  return new Map<string, unknown>([
    ...Object.entries({ kind, algorithm, apps, capacity, nodes, preset, surface, data, seed }),
    ...Object.entries(rest).map(([name, value]) => [`option ${name}`, value] as const),
  ]);
}

async function readLatestOrNull(files: TrainingFiles, path: string): Promise<boolean> {
  try {
    return await readLatest(files, path) !== null;
  } catch {
    // Damaged, but there: it must not be overwritten without being asked.
    return true;
  }
}

function canonical(value: unknown): string {
  const sorted = value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
    : value;
  return JSON.stringify(sorted);
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "none";
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
