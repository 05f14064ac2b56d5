/**
 * A worker that trains jobs: it computes, the main thread writes.
 * @module
 */
import { MetisError } from "../../domain/errors.ts";
import { runJob, type TrainingJob } from "../../policies/training/job.ts";
import { simulatorOfData } from "../../scheduling/surface_data.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { FromWorker, ToWorker } from "./pool.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;
const controller = new AbortController();
let simulator: Simulator | null = null;
let acknowledge = () => {};

scope.onmessage = ({ data }) => {
  if (data.type === "surface") simulator = simulatorOfData(data.surface);
  else if (data.type === "job") void train(data.job);
  else if (data.type === "stop") controller.abort();
  else acknowledge();
};

async function train(job: TrainingJob): Promise<void> {
  try {
    const end = await runJob(job, simulator!, {
      seconds: () => performance.now() / 1000,
      signal: controller.signal,
      pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
      notice: (text) => scope.postMessage({ type: "notice", text }),
      watch: (progress, stats) => scope.postMessage({ type: "watch", progress, stats }),
      record: (row) => scope.postMessage({ type: "record", row }),
      // The next interval begins when this one is on disk: a crash loses one, not two.
      save: (snapshot) =>
        new Promise((resolve) => {
          acknowledge = resolve;
          scope.postMessage({ type: "save", snapshot });
        }),
    });
    scope.postMessage({ type: "end", end });
  } catch (error) {
    const known = error instanceof MetisError;
    scope.postMessage({
      type: "error",
      message: error instanceof Error ? error.message : String(error),
      stack: error instanceof Error ? error.stack ?? "" : "",
      kind: known ? error.name : "",
      exitCode: known ? error.exitCode : null,
    });
  }
}
