import { MetisError } from "../../domain/errors.ts";
import type { UpdateStats } from "../../policies/learning/trainer.ts";
import {
  type JobEffects,
  type JobEnd,
  runJob,
  type TrainingJob,
} from "../../policies/training/job.ts";
import type { Snapshot, TrainingProgress } from "../../policies/training/loop.ts";
import type { Slice, TrainingShares } from "../../policies/training/shares.ts";
import type { MetricRow } from "../../policies/training/metrics.ts";
import { type SurfaceData, surfaceData } from "../../scheduling/surface_data.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";

/** What a worker is told: its surface once, then a job at a time. */
export type ToWorker =
  | { readonly type: "surface"; readonly surface: SurfaceData }
  | { readonly type: "job"; readonly job: TrainingJob }
  | { readonly type: "saved" }
  | { readonly type: "stop" };

/** What a worker tells. */
export type FromWorker =
  | { readonly type: "notice"; readonly text: string }
  | { readonly type: "watch"; readonly progress: TrainingProgress; readonly stats: UpdateStats }
  | { readonly type: "record"; readonly row: MetricRow }
  | { readonly type: "save"; readonly snapshot: Snapshot }
  | { readonly type: "end"; readonly end: JobEnd }
  | {
    readonly type: "error";
    readonly message: string;
    readonly stack: string;
    /** Name of the class of a MetisError. */
    readonly kind: string;
    /** Exit code of a MetisError, null for a fault of the program. */
    readonly exitCode: number | null;
  };

/** A job that failed in a worker, as it would have failed here. */
export class JobError extends MetisError {
  override readonly name = "JobError";
  override readonly exitCode: number;
  /** @param kind Name of the class of the error in the worker. */
  constructor(message: string, readonly kind: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a run does with what a job tells; as {@link JobEffects}, one set for each job. */
export type JobHandlers = Omit<JobEffects, "seconds" | "pause">;

/**
 * Trains jobs side by side. One worker trains in this thread.
 * @param workers Threads, at least 1; no more are started than there are jobs.
 * @param shares Divides the time among the jobs, slice by slice; null if each is trained once, to its own limits.
 * @returns How each job ended, in the order of the jobs; null if the signal came first, or no time was left for it.
 * @throws The first failure; the other jobs are then stopped, each with a checkpoint.
 */
export async function runJobs(
  jobs: readonly TrainingJob[],
  simulator: Simulator,
  workers: number,
  handlersOf: (job: TrainingJob) => JobHandlers,
  shares: TrainingShares | null = null,
): Promise<(JobEnd | null)[]> {
  const work = new Work(jobs, handlersOf, shares);
  const threads = Math.min(workers, jobs.length);
  if (threads <= 1 || !simulator.dense) {
    await work.through((job, handlers) =>
      runJob(job, simulator, {
        ...handlers,
        seconds: () => performance.now() / 1000,
        pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
      })
    );
    return work.ends;
  }
  const surface = surfaceData(simulator);
  const failures: unknown[] = [];
  const stops = new Set<() => void>();
  await Promise.all(Array.from({ length: threads }, async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const tell = (message: ToWorker) => worker.postMessage(message);
    const stop = () => tell({ type: "stop" });
    stops.add(stop);
    try {
      tell({ type: "surface", surface });
      await work.through(async (job, handlers) => {
        handlers.signal.addEventListener("abort", stop);
        try {
          return await runThere(worker, tell, job, handlers);
        } finally {
          handlers.signal.removeEventListener("abort", stop);
        }
      }, () => failures.length > 0);
    } catch (error) {
      failures.push(error);
      for (const other of stops) other();
    } finally {
      stops.delete(stop);
      worker.terminate();
    }
  }));
  if (failures.length > 0) throw failures[0];
  return work.ends;
}

/** Jobs that are to be trained, each once or in slices. */
class Work {
  readonly ends: (JobEnd | null)[];
  readonly #jobs: readonly TrainingJob[];
  readonly #handlersOf: (job: TrainingJob) => JobHandlers;
  readonly #shares: TrainingShares | null;
  /** Where the next slice of each job goes on. */
  readonly #resume: TrainingJob["resume"][];
  #next = 0;

  constructor(
    jobs: readonly TrainingJob[],
    handlersOf: (job: TrainingJob) => JobHandlers,
    shares: TrainingShares | null,
  ) {
    this.ends = jobs.map(() => null);
    this.#jobs = jobs;
    this.#handlersOf = handlersOf;
    this.#shares = shares;
    this.#resume = jobs.map(({ resume }) => resume);
  }

  /** Trains what is next until nothing is. */
  async through(
    train: (job: TrainingJob, handlers: JobHandlers) => Promise<JobEnd>,
    isStopped: () => boolean = () => false,
  ): Promise<void> {
    while (!isStopped()) {
      const slice = this.#take();
      if (slice === null) return;
      const job = this.#jobs[slice.part]!;
      const handlers = this.#handlersOf(job);
      if (handlers.signal.aborted) return;
      if (this.#shares === null) {
        this.ends[slice.part] = await train(job, handlers);
        continue;
      }
      const limits = { ...job.limits, seconds: slice.seconds };
      const keeping: JobHandlers = {
        ...handlers,
        save: async (snapshot) => {
          this.#resume[slice.part] = snapshot;
          await handlers.save(snapshot);
        },
      };
      const sliced = { ...job, limits, resume: this.#resume[slice.part]! };
      const end = this.ends[slice.part] = await train(sliced, keeping);
      const { seconds, bestScore } = end.progress;
      this.#shares.ended(slice, seconds, bestScore, end.end !== "seconds");
    }
  }

  #take(): Slice | null {
    if (this.#shares !== null) return this.#shares.next();
    return this.#next < this.#jobs.length ? { part: this.#next++, seconds: Infinity } : null;
  }
}

function runThere(
  worker: Worker,
  tell: (message: ToWorker) => void,
  job: TrainingJob,
  handlers: JobHandlers,
): Promise<JobEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<JobEnd>();
  // Files are written one after the other, in the order in which the worker told.
  let writing: Promise<void> = Promise.resolve();
  const write = (work: () => void | Promise<void>): void => {
    writing = writing.then(work);
    writing.catch(reject);
  };
  const hear = (message: FromWorker): void => {
    if (message.type === "notice") handlers.notice(message.text);
    else if (message.type === "watch") handlers.watch?.(message.progress, message.stats);
    else if (message.type === "record") write(() => handlers.record(message.row));
    else if (message.type === "save") {
      write(() => handlers.save(message.snapshot));
      write(() => tell({ type: "saved" }));
    } else if (message.type === "end") write(() => resolve(message.end));
    else {
      const error = message.exitCode === null
        ? new Error(message.message)
        : new JobError(message.message, message.kind, message.exitCode);
      error.stack = message.stack;
      write(() => reject(error));
    }
  };
  worker.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(`A training worker failed: ${event.message}`));
  };
  tell({ type: "job", job });
  return promise;
}
