import { NO_RULES, Random, uniformCluster } from "../../domain/mod.ts";
import { type CliContext, wantsColor } from "../context.ts";
import type { Talk } from "../progress.ts";
import { renderPairs, wrapText } from "../table.ts";
import type { MergedRun } from "./merge.ts";
import type { Run } from "./run.ts";

/** What `metis train` tells at its end. */
export interface Report {
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Schedulers that a new policy is compared with. */
const PEERS = ["round-robin", "greedy", "local-search", "optimal"];
/** Demands of the comparison: containers on 27 nodes of 8 slots in the studies of docs/. */
const SHARES = [0.31, 0.463, 0.616];

/** Tells what a run made; `compares` adds the comparison on demands that it never saw. */
export async function reportOf(
  context: CliContext,
  talk: Talk,
  run: Run & { readonly merged: MergedRun; readonly compares: boolean; readonly seed: number },
): Promise<Report> {
  const { learner, merged, out } = run;
  const updates = merged.jobs.reduce((sum, job) => sum + job.updates, 0);
  const episodes = merged.jobs.reduce((sum, job) => sum + job.episodes, 0);
  const seconds = merged.jobs.reduce((sum, job) => sum + job.seconds, 0);
  const pairs: [string, string][] = [
    ["learner", `${learner.name} (${learner.algorithm})`],
    ["updates", `${updates}`],
    ["episodes", `${episodes}`],
    ["seconds of training", seconds.toFixed(1)],
    [
      "gap on the validation demands",
      merged.gap === null ? "unknown" : `${(merged.gap * 100).toFixed(3)} %`,
    ],
    ["policy", merged.policy ?? "none"],
    ["curves", merged.jobs.length === 1 ? `${out}/curves.svg` : `${out}/parts/*/curves.svg`],
  ];
  const { columns: width } = context.stdout;
  const compared = run.compares ? await compare(context, talk, run) : null;
  return {
    json: {
      learner: learner.name,
      algorithm: learner.algorithm,
      seed: run.seed,
      out,
      policy: merged.policy,
      updates,
      episodes,
      seconds,
      gap: merged.gap,
      options: run.info.options,
      surface: run.info.surface,
      parts: merged.jobs,
      ...(compared === null ? {} : { comparison: compared.results }),
    },
    text: renderPairs(pairs) + (compared === null ? "" : "\n" + wrapText(
      "Demands that it never saw, on the same nodes:",
      width,
    ) + "\n" + compared.text),
  };
}

async function compare(
  context: CliContext,
  talk: Talk,
  run: Run & { readonly merged: MergedRun; readonly seed: number },
) {
  const { loaded, simulator, cluster, merged } = run;
  const { compareSchedulers, renderComparison } = await import("../comparison.ts");
  const { defaultRegistry } = await import("../../registry/mod.ts");
  const registry = defaultRegistry();
  const policy = loaded.scheduler!(merged.networks, simulator.apps);
  const nodes = run.info.nodes!;
  const draws = new Random(0x6e6577);
  const demands = SHARES.map((share, row) => {
    const demand = new Array<number>(simulator.apps.length).fill(0);
    const containers = Math.round(share * nodes * run.info.capacity);
    for (let placed = 0; placed < containers; placed++) demand[draws.below(demand.length)]!++;
    return { row, demand };
  });
  const results = await compareSchedulers(context, talk, {
    simulator,
    cluster: cluster ?? uniformCluster(nodes, run.info.capacity),
    rules: NO_RULES,
    demands,
    schedulers: [...PEERS.map((name) => registry.get(name)), { ...policy, name: "this policy" }],
  }, { seed: run.seed, bound: "optimal", timeLimit: 10 });
  const { columns: width } = context.stdout;
  const layout = { width, color: wantsColor(context, context.stdout) };
  return { results, text: renderComparison(results, layout) };
}
