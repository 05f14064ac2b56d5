import { deriveConstraints } from "../../baselines/constraints/mod.ts";
import { InterruptedError, maxCapacity, MetisError } from "../../domain/mod.ts";
import { surfaceData } from "../../scheduling/mod.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import type { TrainingFiles } from "../training/files.ts";
import { lineKey, openFolder, readLines, type ResultLine } from "./results.ts";
import type { Experiment } from "./spec.ts";
import type { FromWorker, Shared, Unit } from "./worker.ts";

/** What an experiment does to a disk. */
export type ExperimentFiles = Pick<
  TrainingFiles,
  "versions" | "read" | "write" | "append" | "makeDirectory"
>;

/** A run that failed in a worker. */
class RunError extends MetisError {
  override readonly name = "RunError";
}

/**
 * Runs what a folder lacks of an experiment and adds it to `results.jsonl`, line by line.
 * @param workers Threads that run schedulers, one demand each; with 1, the time of a scheduler is least disturbed.
 * @returns All lines of the folder.
 * @throws {InputError} if the folder holds another experiment.
 * @throws {InterruptedError} on Ctrl-C; the next call continues from there.
 */
export async function runExperiment(
  context: CliContext,
  talk: Talk,
  experiment: Experiment,
  files: ExperimentFiles,
  options: { readonly folder: string; readonly workers: number },
): Promise<readonly ResultLine[]> {
  const { folder, workers } = options;
  const lines = await openFolder(experiment.file, files, folder, readLines);
  const done = new Set(lines.map(lineKey));
  const units = unitsOf(experiment, done);
  const runs = units.reduce((sum, unit) => sum + unit.runs.length + (unit.bound ? 1 : 0), 0);
  if (lines.length > 0) {
    talk.notice(`${folder} holds ${lines.length} results: ${runs} are left to run`);
  }
  if (units.length === 0) return lines;
  const shared = sharedOf(context, experiment, files.versions);
  const all = [...lines];
  let finished = 0;
  let writing = Promise.resolve();
  const tell = (line: ResultLine): void => {
    all.push(line);
    finished++;
    const what = line.type === "run" ? line.label : "bound";
    talk.step({ fraction: finished / runs, text: `${line.set}, row ${line.row}: ${what}` });
    const bytes = new TextEncoder().encode(JSON.stringify(line) + "\n");
    writing = writing.then(() => files.append(`${folder}/results.jsonl`, bytes));
  };
  try {
    await runInWorkers(context, shared, units, workers, tell);
  } finally {
    await writing;
    talk.clear();
  }
  if (context.signal.aborted) throw new InterruptedError("Interrupted");
  return all;
}

function unitsOf({ sets, contenders, file }: Experiment, done: ReadonlySet<string>): Unit[] {
  const { bound, boundTimeLimit } = file;
  return sets.flatMap(({ name: set, rows }) =>
    rows.flatMap(({ row, demand }): Unit[] => {
      const runs = contenders.flatMap((contender) =>
        contender.seeds
          .filter((seed) => !done.has(lineKey({ set, row, label: contender.label, seed })))
          .map((seed) => ({ contender, seed }))
      );
      const known = bound === "none" || done.has(JSON.stringify([set, row]));
      const wanted = bound === "none" || known
        ? null
        : { effort: bound, timeLimit: boundTimeLimit };
      return runs.length === 0 && known ? [] : [{ set, row, demand, runs, bound: wanted }];
    })
  );
}

function sharedOf(
  context: CliContext,
  { ground, aim, constraints, policies }: Experiment,
  versions: Readonly<Record<string, string>>,
): Shared {
  const { surface, moreSurfaces, cluster, rules, needs } = ground;
  const { apps, model, profile } = surface;
  const { objective, weights, floors = [] } = aim;
  const capacity = maxCapacity(cluster);
  return context.blocking(() => {
    using simulator = surface.simulator(capacity, { more: moreSurfaces });
    return {
      surfaces: [
        surfaceData(simulator),
        ...moreSurfaces.map((_, at) => surfaceData(simulator, at + 1)),
      ],
      parts: { cluster, rules, needs, objective, weights },
      floors,
      constraints: constraints ?? deriveConstraints({ apps, profile, model }, capacity),
      policies,
      versions,
    };
  });
}

/** In threads of their own, so that a signal ends the work at once, whatever a scheduler is at. */
async function runInWorkers(
  context: CliContext,
  shared: Shared,
  units: readonly Unit[],
  count: number,
  tell: (line: ResultLine) => void,
): Promise<void> {
  const waiting = [...units];
  const threads = Array.from(
    { length: Math.min(count, units.length) },
    () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
  );
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>();
  context.signal.addEventListener("abort", () => interrupt(), { once: true });
  if (context.signal.aborted) interrupt();
  try {
    const work = threads.map((worker) =>
      new Promise<void>((resolve, reject) => {
        const next = (): void => {
          const unit = waiting.shift();
          if (unit === undefined) resolve();
          else worker.postMessage({ type: "unit", unit });
        };
        worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
          if (data.type === "line") tell(data.line);
          else if (data.type === "end") next();
          else reject(new RunError(`A run failed: ${data.message}`));
        };
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new RunError(`A worker failed: ${event.message}`));
        };
        worker.postMessage({ type: "shared", shared });
        next();
      })
    );
    await Promise.race([Promise.all(work), interrupted]);
  } finally {
    threads.forEach((worker) => worker.terminate());
  }
}
