/**
 * `metis train` without a learner and data: sub-schedulers and our policy on the bundled profile, then demands that
 * neither saw, for which the paper's high level is trained as well.
 * @module
 */
import {
  drawEvenDemand,
  InterruptedError,
  NO_RULES,
  Random,
  uniformCluster,
} from "../../domain/mod.ts";
import { HIGH_OPTIONS } from "../../policies/paper/demand_config.ts";
import { metisPaperScheduler } from "../../policies/paper/scheduler.ts";
import { defaultRegistry } from "../../registry.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import { compareSchedulers, renderComparison } from "../comparison.ts";
import { type CliContext, wantsColor } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { wrapText } from "../output/table.ts";
import { realFiles } from "./deno_files.ts";
import type { TrainingFiles } from "./files.ts";
import type { RunArguments } from "./inputs.ts";
import type { TrainedRun } from "./records.ts";
import { type Report, reportOf } from "./report.ts";
import { folderOf, trained } from "./run.ts";

/** Seconds in all, where the user says nothing. */
const SECONDS = 120;
/** Shares of the seconds: our policy, the paper's sub-schedulers; the rest is for the high level. */
const SHARES = { metis: 0.45, sub: 0.3 };
/** Nodes of the comparison: three sub-clusters. */
const NODES = 81;
/** Containers of the demands of the comparison, one demand each, for nodes of 8 slots. */
const CONTAINERS = [200, 300, 400];
/** Schedulers that new policies are compared with. */
const PEERS = ["round-robin", "greedy", "local-search"];

/** Options with which `metis train` does one training, though no learner is named. */
const SINGLE = [
  ...["profile", "model", "table", "preset", "nodes", "set", "demand", "demands"],
  ...["sub", "algorithm"],
] as const;

/** Whether the user asks for what this module does. */
export function isUsual(learner: string | undefined, given: RunArguments): boolean {
  return learner === undefined &&
    SINGLE.every((name) => given[name as keyof RunArguments] === undefined);
}

/**
 * Trains both and compares them.
 * @throws {InterruptedError} if the signal ended a training: what it made is saved then.
 */
export async function trainUsual(
  context: CliContext,
  talk: Talk,
  given: RunArguments,
  files: TrainingFiles | undefined,
): Promise<Report> {
  const disk = files ?? realFiles();
  const out = folderOf(given, disk);
  try {
    return await trainBoth(context, talk, given, disk, out);
  } catch (error) {
    if (!context.signal.aborted) throw error;
    throw new InterruptedError(
      `Interrupted: what was trained is in ${out}: resume with --out ${out} --resume`,
    );
  }
}

async function trainBoth(
  context: CliContext,
  talk: Talk,
  given: RunArguments,
  disk: TrainingFiles,
  out: string,
): Promise<Report> {
  const seconds = given.seconds ?? SECONDS;
  const limited = (share: number, name: string): RunArguments => ({
    ...given,
    out: `${out}/${name}`,
    ...(given.updates === undefined ? { seconds: seconds * share } : {}),
  });
  talk.notice("1 of 3: our policy, one for all sizes and levels");
  return await trained(
    context,
    talk,
    "metis",
    limited(SHARES.metis, "metis"),
    disk,
    async (metis) => {
      talk.notice("2 of 3: sub-schedulers of 27 nodes, by the paper's three levels");
      return await trained(context, talk, "sub", limited(SHARES.sub, "sub"), disk, async (sub) => {
        talk.notice(
          "3 of 3: the paper's high level for each of three demands that none of them saw",
        );
        const share = (1 - SHARES.metis - SHARES.sub) * seconds / CONTAINERS.length;
        const high = given.updates === undefined
          ? { timeLimit: share }
          : { episodes: given.updates * HIGH_OPTIONS.defaults.episodesPerUpdate };
        const { results, text } = await compare(context, talk, metis, sub, high, given.seed);
        const reports = [reportOf(metis), reportOf(sub)];
        return {
          json: { out, trainings: reports.map(({ json }) => json), comparison: results },
          text: reports.map((report) => report.text).join("\n") + "\n" + wrapText(
            `Demands that no training saw, on ${NODES} nodes. metis and metis-paper use the policies above; ` +
              "metis-paper trained its high level for each demand, which its seconds tell:",
            context.stdout.columns,
          ) + "\n" + text,
        };
      });
    },
  );
}

/** How long the high level learns one demand. */
type HighLimit = { readonly timeLimit: number } | { readonly episodes: number };

async function compare(
  context: CliContext,
  talk: Talk,
  metis: TrainedRun,
  sub: TrainedRun,
  high: HighLimit,
  seed: number,
) {
  const { simulator, info } = metis;
  const registry = defaultRegistry();
  const ours = metis.learner.scheduler!(metis.merged.networks, simulator.apps);
  const demands = CONTAINERS.map((containers, row) => ({
    row,
    demand: newDemand(simulator.apps.length, Math.round(containers * info.capacity / 8)),
  }));
  const results = await compareSchedulers(context, talk, {
    simulator,
    cluster: uniformCluster(NODES, info.capacity),
    rules: NO_RULES,
    demands,
    schedulers: [
      ...PEERS.map((name) => registry.get(name)),
      paperScheduler(sub, high),
      { ...ours, name: "metis" },
      registry.get("optimal"),
    ],
  }, { seed, bound: "optimal", timeLimit: 10 });
  const layout = { width: context.stdout.columns, color: wantsColor(context, context.stdout) };
  return { results, text: renderComparison(results, layout) };
}

/** The paper's scheduler on these sub-schedulers, its high level limited. */
function paperScheduler({ merged }: TrainedRun, high: HighLimit): Scheduler {
  const paper = metisPaperScheduler({
    policies: { networks: () => Promise.resolve(merged.networks) },
  });
  return {
    ...paper,
    schedule: (problem, options) =>
      paper.schedule(
        problem,
        "timeLimit" in high
          ? { ...options, timeLimit: high.timeLimit }
          : { ...options, parameters: { ...options.parameters, episodes: high.episodes } },
      ),
  };
}

/** A demand from a seed that no training uses. */
function newDemand(apps: number, containers: number): number[] {
  return drawEvenDemand(apps, containers, new Random(0x6e6577 + containers));
}
