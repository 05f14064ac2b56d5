/**
 * What a training learns on and with: from the options of `metis train` to surface, demand and config.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import { DEFAULT_PROFILE } from "../../datasets/mod.ts";
import { type Cluster, type Demand, NO_RULES, UsageError } from "../../domain/mod.ts";
import { type Checkpoint, sha256 } from "../../policies/checkpoint/mod.ts";
import { LEARNERS } from "../../policies/training/learners.ts";
import type { Learner } from "../../policies/learning/learner.ts";
import type { Network } from "../../policies/learning/network.ts";
import { universalPolicy } from "../../policies/universal/shipped.ts";
import { updatesWithin } from "../../policies/training/job.ts";
import { type Surface, surfaceFromProfile } from "../../scheduling/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { CliContext } from "../context.ts";
import { loadBundledProfile, loadDataset } from "../datasets.ts";
import type { GivenBy } from "../options/define.ts";
import * as options from "../options/mod.ts";
import type { Talk } from "../output/progress.ts";
import { loadPolicy, readLatest, type TrainingFiles } from "./files.ts";
import { progressOf } from "./run_folder.ts";
import { loadDemands, loadSurface } from "../options/mod.ts";

/** Options of `metis train`. */
export const trainOptions = () =>
  [
    ...options.surfaceOptions(),
    new Option("--preset <nodes>", "cluster of the paper: so many nodes")
      .choices(["27", "81", "729"] as const),
    options.nodesOption().conflicts("preset"),
    options.capacityOption().default(8),
    ...options.demandOptions(),
    options.rowOption(),
    new Option(
      "--algorithm <name>",
      "the paper's algorithm, or one of ours (default: ours if there is one)",
    )
      .choices(["paper", "guided", "metis"] as const),
    new Option(
      "--part <name>",
      "train this part only, of a learner of many: class60 has 61 to 70 containers",
    ),
    new Option("--sub <directory>", "policy of sub-schedulers that `high` builds on"),
    new Option("--seconds <seconds>", "seconds of training in all")
      .argParser(options.positive).conflicts("updates"),
    new Option("--updates <count>", "updates in all, of each of its parts")
      .argParser(options.whole(1, 4294967295)),
    new Option(
      "--interval <count>",
      "checkpoint every so many seconds, or updates with --updates",
    )
      .argParser(options.positive),
    new Option("--workers <count>", "threads: parts, or else seeds, that train side by side")
      .argParser(options.whole(1, 64)),
    new Option("--validation <effort>", "bound that the gap is measured from")
      .choices(["optimal", "lp", "none"] as const),
    options.setOption(),
    options.seedOption(),
    new Option("--out <directory>", "directory of the training (default: .metis/train-DATE)"),
    new Option("--resume", "continue the training in --out"),
    new Option("--list-options", "list what --set takes for the learner, and train nothing"),
    ...options.outputOptions(),
  ] as const;

/** Values of {@link trainOptions}. */
export type RunArguments = GivenBy<typeof trainOptions>;

/** Options of a learner by name. */
export type LearnerConfig = Readonly<Record<string, string | number | boolean | null>>;

/** The surface to learn on, and the SHA-256 of its file. */
export async function surfaceOf(
  context: CliContext,
  talk: Talk,
  given: RunArguments,
): Promise<{ surface: Surface; data: string }> {
  const file = given.profile ?? given.model ?? given.table;
  if (file !== undefined) {
    const surface = await loadSurface(context, talk, given, given.capacity);
    return { surface, data: await sha256(await context.readFile(file)) };
  }
  const profile = await loadBundledProfile(DEFAULT_PROFILE);
  const { fit, seed } = given;
  talk.notice(`Training on the bundled profile ${DEFAULT_PROFILE}`);
  return {
    surface: surfaceFromProfile(profile, { source: DEFAULT_PROFILE, fit, seed }),
    data: await sha256((await loadDataset(DEFAULT_PROFILE)).bytes),
  };
}

/**
 * The demand to learn, or the demands that a learner of many parts weighs its parts by; none where the user names none.
 * @throws {UsageError}
 */
export async function demandsOf(
  context: CliContext,
  learner: Learner<object>,
  given: RunArguments,
  apps: readonly string[],
): Promise<Demand[]> {
  if (given.demand === undefined && given.demands === undefined) {
    if (!learner.perDemand) return [];
    throw new UsageError(
      `Learner ${learner.name} learns one demand: give --demand COUNTS, or --demands FILE with --row`,
    );
  }
  const row = given.row ?? (learner.perDemand ? 0 : undefined);
  const rows = given.demands === undefined || row === undefined ? undefined : [row];
  return (await loadDemands(context, given, rows, apps)).map(({ demand }) => demand);
}

/** Networks that the learner builds on or begins with: a policy that comes with Metis is trained further. @throws {UsageError | InputError} if they are missing or do not fit. */
export async function partsOf(
  disk: TrainingFiles,
  talk: Talk,
  learner: Learner<object>,
  given: RunArguments,
  config: LearnerConfig,
  simulator: Simulator,
): Promise<readonly Network[]> {
  if (learner.needs === null) {
    if (given.sub !== undefined) {
      throw new UsageError(`Learner ${learner.name} builds on no sub-schedulers: leave out --sub`);
    }
    if (config["universal"] !== false || config["levels"] === true) return [];
    return (await universalPolicy(learner.policyKind))?.networks ?? [];
  }
  if (given.sub === undefined) {
    throw new UsageError(
      `Learner ${learner.name} builds on sub-schedulers: give --sub DIR (metis train sub, or metis policy import)`,
    );
  }
  const { checkpoint, notices } = await loadPolicy(disk, given.sub, simulator, [learner.needs]);
  for (const notice of notices) talk.notice(notice);
  return checkpoint.networks;
}

/** The options of a learner with those that the user set. @throws {UsageError} with all problems. */
export function configOf(
  learner: Learner<object>,
  set: Readonly<Record<string, string | number | boolean>>,
): Record<string, string | number | boolean | null> {
  const chosen = Object.entries(set).map(([name, value]) =>
    [name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()), value] as const
  );
  const config: Record<string, string | number | boolean | null> = {
    ...learner.defaults,
    ...Object.fromEntries(chosen),
  };
  const problems = learner.validate(config);
  if (problems.length > 0) {
    const other = LEARNERS.find(({ name, algorithm, defaults }) =>
      name === learner.name && algorithm !== learner.algorithm &&
      chosen.every(([option]) => Object.hasOwn(defaults, option))
    );
    const hint = other === undefined ? [] : [`--algorithm ${other.algorithm} has these options`];
    throw new UsageError([...problems, ...hint].join("; "));
  }
  return config;
}

/**
 * The options of a learner whose schedule ends after so many `updates`, told how many will fit into the
 * limits of the run, or else into the learner's own seconds. Others are left alone, and so is who sets `updates`.
 */
export async function scheduleConfig(
  disk: TrainingFiles,
  learner: Learner<object>,
  config: LearnerConfig,
  cluster: Cluster,
  simulator: Simulator,
  out: string,
  given: Pick<RunArguments, "resume" | "seconds" | "seed" | "set" | "updates">,
): Promise<LearnerConfig> {
  if (typeof config["updates"] !== "number" || given.set?.["updates"] !== undefined) return config;
  const before = given.resume
    ? await readLatest(disk, `${out}/last`) ?? await readLatest(disk, `${out}/parts/try1/last`)
    : null;
  const earlier = before?.checkpoint.info.options["updates"];
  if (typeof earlier === "number") {
    // A schedule that went on from another speed would be another one: until it has ended, it is that of the training.
    return { ...config, updates: Math.max(earlier, moreUpdates(before!.checkpoint, given)) };
  }
  if (given.updates !== undefined) return { ...config, updates: given.updates };
  const seconds = given.seconds ?? learner.seconds;
  if (seconds === null) return config;
  const job = {
    learner: learner.name,
    algorithm: learner.algorithm,
    config,
    seed: given.seed,
    cluster,
    rules: NO_RULES,
  };
  const clock = () => performance.now() / 1000;
  return { ...config, updates: await updatesWithin(job, simulator, seconds, clock) };
}

/** Updates at which a training ends that goes on: as asked, or as many as the seconds allow at its speed; 0 for no more. */
function moreUpdates(
  checkpoint: Checkpoint,
  { updates, seconds }: Pick<RunArguments, "seconds" | "updates">,
): number {
  if (updates !== undefined) return updates;
  const done = progressOf(checkpoint);
  const ended = done !== null && done.updates >= Number(checkpoint.info.options["updates"]);
  return seconds === undefined || !ended || done.seconds === 0
    ? 0
    : Math.round(done.updates * seconds / done.seconds);
}
