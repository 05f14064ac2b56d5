/**
 * One run of `metis train`, from its options to its report.
 * @module
 */
import {
  type Cluster,
  InputError,
  InterruptedError,
  NO_RULES,
  suggest,
  uniformCluster,
  UsageError,
} from "../../domain/mod.ts";
import { surfaceFingerprint } from "../../policies/checkpoint/mod.ts";
import { DivergenceError } from "../../policies/learning/divergence.ts";
import type { Learner, LearnerPiece } from "../../policies/learning/learner.ts";
import type { TrainingJob } from "../../policies/training/job.ts";
import { findLearner } from "../../policies/training/learners.ts";
import type { TrainingLimits } from "../../policies/training/loop.ts";
import { TrainingShares } from "../../policies/training/shares.ts";
import { proveCases, usualSizes, validationDemands } from "../../policies/training/validation.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { realFiles } from "./deno_files.ts";
import { readPolicy, type TrainingFiles } from "./files.ts";
import {
  configOf,
  demandsOf,
  partsOf,
  type RunArguments,
  scheduleConfig,
  surfaceOf,
} from "./inputs.ts";
import { LiveProgress } from "./live.ts";
import { mergeRun } from "./merge.ts";
import { JobError, type JobHandlers, runJobs } from "./pool.ts";
import type { MergedRun, Run, TrainedRun } from "./records.ts";
import { type Report, reportOf } from "./report.ts";
import { RunFolder, type RunInfo } from "./run_folder.ts";

/** Nodes of a training without --preset and --nodes. */
const DEFAULT_NODES = 27;
/** Seconds between checkpoints at most, where the user says nothing. */
const LONGEST_INTERVAL = 10;
/** Trainings below this many seconds are validated against bounds that take milliseconds. */
const SHORT_SECONDS = 60;
/** Validation demands of each size. */
const VALIDATION_EACH = 12;

/**
 * Trains one learner, shows how it goes, and tells what came of it.
 * @throws {InterruptedError} if the signal ended the training: its policy is saved then.
 */
export async function trainAndReport(
  context: CliContext,
  talk: Talk,
  name: string,
  given: RunArguments,
  files: TrainingFiles | undefined,
): Promise<Report> {
  return await trained(context, talk, name, given, files, reportOf);
}

/**
 * Trains one learner, and hands the run to `use` while its simulator is there.
 * @throws {InterruptedError} if the signal ended the training: its policy is saved then.
 */
export async function trained<Result>(
  context: CliContext,
  talk: Talk,
  name: string,
  given: RunArguments,
  files: TrainingFiles | undefined,
  use: (run: TrainedRun) => Result | Promise<Result>,
): Promise<Result> {
  const disk = files ?? realFiles();
  const learner = findLearner(name, given.algorithm);
  const asked = given.nodes ?? Number(given.preset ?? DEFAULT_NODES);
  const nodes = Math.min(asked, learner.mostNodes ?? Infinity);
  const cluster = uniformCluster(nodes, given.capacity);
  const { surface, data } = await surfaceOf(context, talk, given);
  const { apps } = surface;
  const demands = await demandsOf(context, learner, given, apps);
  const demand = learner.perDemand ? demands[0]! : null;
  const simulator = surface.simulator(given.capacity);
  try {
    const fingerprint = await surfaceFingerprint(simulator);
    const out = folderOf(given, disk);
    const plain = configOf(learner, given.set ?? {});
    const parts = await partsOf(disk, talk, learner, given, plain, simulator);
    const all = learner.pieces(cluster, plain, { nodes: asked, demands });
    if (all === null && demand === null && demands.length > 0) {
      throw new UsageError(`Learner ${learner.name} learns all demands: it does not take --demand`);
    }
    const pieces = chosenPieces(learner, all, given.part);
    if (given.seconds === undefined && given.updates === undefined) {
      talk.notice(
        `${learner.name} (${learner.algorithm}), where nothing is set: ${learner.reaches}`,
      );
    }
    const config = await scheduleConfig(disk, learner, plain, cluster, simulator, out, given);
    const chosen = { ...config, ...(demand === null ? {} : { demand: demand.join(",") }) };
    // Learned on drawn nodes, a policy is of no surface.
    const drawn = plain["universal"] === true;
    const info: RunInfo = {
      kind: learner.policyKind,
      algorithm: learner.algorithm,
      apps: [...apps],
      capacity: given.capacity,
      nodes,
      preset: given.preset ?? null,
      surface: drawn ? null : fingerprint,
      data: drawn ? null : data,
      seed: given.seed,
      options: chosen,
    };
    const run = { learner, cluster, demand, simulator, parts, config, info, out };
    const merged = await trainJobs(context, talk, disk, run, pieces, given);
    if (merged.interrupted) {
      const kept = merged.policy === null ? "nothing was saved yet" : `the policy is in ${out}`;
      throw new InterruptedError(`Interrupted: ${kept}: resume with --out ${out} --resume`);
    }
    return await use({ ...run, merged });
  } finally {
    talk.clear();
    simulator.dispose();
  }
}

/** Directory of a training: as the user says, or a new one named by the time. */
export function folderOf(given: RunArguments, disk: TrainingFiles): string {
  const out = given.out ?? `.metis/train-${disk.now().replaceAll(/[-:]|\..*/g, "")}`;
  return out.replace(/(?<=.)\/+$/, "");
}

async function trainJobs(
  context: CliContext,
  talk: Talk,
  disk: TrainingFiles,
  run: Run,
  pieces: readonly LearnerPiece[] | null,
  given: RunArguments,
): Promise<MergedRun> {
  const { learner, cluster, out, info } = run;
  const workers = given.workers ??
    (pieces === null ? 1 : Math.min(2, navigator.hardwareConcurrency ?? 1));
  const planned = pieces ?? seedsOf(workers, cluster);
  if (planned.length === 1 && await disk.exists(`${out}/parts`)) {
    throw new InputError(
      `${out} holds a training of several parts: go on with all of them, or use another --out`,
    );
  }
  const threads = Math.min(workers, planned.length);
  const folders = new Map<string, RunFolder>();
  const jobs: TrainingJob[] = [];
  const validations = new Map<string, TrainingJob["validation"]>();
  for (const [at, piece] of planned.entries()) {
    const path = planned.length === 1 ? out : `${out}/parts/${piece.name}`;
    // Pieces are different tasks; several wholes are the same task with other luck.
    const seed = pieces === null ? (given.seed + at) >>> 0 : given.seed;
    const config = { ...run.config, ...piece.config };
    const options = { ...info.options, ...piece.config } as RunInfo["options"];
    const title = `${learner.name} (${learner.algorithm})${
      planned.length === 1 ? "" : `, ${piece.name}`
    }`;
    const folder = new RunFolder(disk, path, { ...info, seed, options }, title);
    const resumed = given.resume ? await folder.resume() : (await folder.begin(), null);
    for (const notice of resumed?.notices ?? []) talk.notice(notice);
    folders.set(piece.name, folder);
    const sizes = piece.sizes.join();
    if (!validations.has(sizes)) {
      const cases = await validationOf(context, talk, run, piece, given, planned.length);
      validations.set(sizes, cases);
    }
    jobs.push({
      name: piece.name,
      learner: learner.name,
      algorithm: learner.algorithm,
      config,
      seed,
      cluster,
      rules: NO_RULES,
      demand: run.demand,
      parts: run.parts,
      limits: limitsOf(learner, given, piece.weight * threads, piece.weight * planned.length),
      validation: validations.get(sizes)!,
      resume: resumed,
    });
  }
  if ("reference" in run.config) {
    talk.notice(
      run.config["reference"] === true
        ? "Gradients by TensorFlow.js"
        : "Gradients in the core (--set reference=true: by TensorFlow.js)",
    );
  }
  talk.restart();
  const live = new LiveProgress(talk, jobs);
  const merge = (ends: Parameters<typeof mergeRun>[4]) =>
    mergeRun(disk, run, jobs, folders, ends, pieces !== null);
  // Whoever kills a training of many parts finds one policy of all of them, not much older.
  let merging: Promise<unknown> = Promise.resolve();
  let mergedAt = performance.now();
  const mergeNow = (): Promise<unknown> => {
    if (performance.now() - mergedAt < 1000 * LONGEST_INTERVAL) return merging;
    mergedAt = performance.now();
    return merging = merging.then(() => merge([]));
  };
  const handlersOf = (job: TrainingJob): JobHandlers => {
    const folder = folders.get(job.name)!;
    return {
      signal: context.signal,
      notice: (text) => live.notice(text),
      watch: (progress, stats) => live.watch(job, progress, stats),
      record: async (row) => {
        live.record(job, row);
        await folder.record(row);
      },
      save: async (snapshot) => {
        await folder.save(snapshot);
        if (jobs.length > 1 && snapshot.isBest) await mergeNow();
      },
    };
  };
  let ends;
  try {
    ends = await runJobs(jobs, run.simulator, workers, handlersOf, sharesOf(jobs, pieces, threads));
  } catch (error) {
    throw await explainFailure(disk, out, error);
  }
  talk.clear();
  await merging;
  const merged = await merge(ends);
  return { ...merged, interrupted: context.signal.aborted };
}

/** The pieces of a training share its seconds by what they still gain. */
function sharesOf(
  jobs: readonly TrainingJob[],
  pieces: readonly LearnerPiece[] | null,
  threads: number,
): TrainingShares | null {
  const seconds = jobs.reduce((sum, { limits }) => sum + (limits.seconds ?? NaN), 0);
  if (pieces === null || jobs.length === 1 || Number.isNaN(seconds)) return null;
  return new TrainingShares(
    seconds,
    pieces.map(({ weight }) => weight),
    threads,
    jobs.map(({ resume }) => resume?.progress.seconds ?? 0),
  );
}

/** The piece that the user names, or all. @throws {UsageError} if there is none of this name, listing those there are. */
function chosenPieces(
  { name, algorithm }: Learner<object>,
  pieces: LearnerPiece[] | null,
  part: string | undefined,
): LearnerPiece[] | null {
  if (part === undefined) return pieces;
  const chosen = pieces?.filter((piece) => piece.name === part) ?? [];
  if (chosen.length > 0) return chosen.map((piece) => ({ ...piece, weight: 1 }));
  const known = pieces?.map((piece) => piece.name) ?? [];
  throw new UsageError(
    known.length === 0
      ? `--part: ${name} (${algorithm}) is trained as a whole`
      : `--part: there is no part ${part}${suggest(part, known)}: ${name} has ${known.join(", ")}`,
  );
}

/** The same training with several seeds, for learners that have no pieces. */
function seedsOf(workers: number, cluster: Cluster): LearnerPiece[] {
  const sizes = usualSizes(cluster);
  if (workers === 1) return [{ name: "whole", config: {}, sizes, weight: 1 }];
  return Array.from(
    { length: workers },
    (_, at) => ({ name: `try${at + 1}`, config: {}, sizes, weight: 1 / workers }),
  );
}

/** Limits of a job that gets so many times the seconds of the training, and so many times its updates. */
function limitsOf(
  learner: Learner<object>,
  { seconds, updates, interval }: RunArguments,
  ofSeconds: number,
  ofUpdates: number,
): TrainingLimits {
  if (updates !== undefined) {
    const own = Math.max(1, Math.round(updates * ofUpdates));
    const every = Math.max(1, Math.round(interval ?? Math.ceil(own / 20)));
    return { updates: own, interval: { updates: every } };
  }
  const limit = seconds ?? learner.seconds;
  if (limit === null) return { interval: { seconds: interval ?? LONGEST_INTERVAL } };
  const all = limit * ofSeconds;
  return {
    seconds: all,
    interval: { seconds: interval ?? Math.min(LONGEST_INTERVAL, Math.max(1, all / 20)) },
  };
}

async function validationOf(
  context: CliContext,
  talk: Talk,
  run: Run,
  piece: LearnerPiece,
  given: RunArguments,
  pieces: number,
): Promise<TrainingJob["validation"]> {
  // The proofs of optima take minutes: longer than a short training, or than one of many pieces.
  const isShort = (given.seconds ?? Infinity) < SHORT_SECONDS;
  const effort = given.validation ?? (pieces > 2 || isShort ? "lp" : "optimal");
  if (effort === "none") return [];
  const { simulator, cluster, demand } = run;
  const demands = demand === null
    ? validationDemands(simulator.apps.length, piece.sizes, VALIDATION_EACH)
    : [demand];
  return await proveCases({ simulator, cluster }, demands, {
    effort,
    timeLimit: 5,
    signal: context.signal,
    onProgress: (done) =>
      talk.step({ fraction: done / demands.length, text: "proving bounds for the validation" }),
  });
}

/** The failure, with the checkpoint that is still good. */
async function explainFailure(disk: TrainingFiles, out: string, error: unknown): Promise<unknown> {
  const diverged = error instanceof DivergenceError ||
    (error instanceof JobError && error.kind === DivergenceError.name);
  if (!diverged) return error;
  try {
    const { path, checkpoint } = await readPolicy(disk, out);
    return new InputError(
      `${error.message}; the checkpoint of update ${checkpoint.info.updates} in ${path} is good`,
      { cause: error },
    );
  } catch {
    return error;
  }
}
