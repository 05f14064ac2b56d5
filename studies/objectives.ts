import { optimalScheduler } from "../baselines/optimal/mod.ts";
import { loadBundledDemands, loadBundledProfile } from "../cli/datasets.ts";
import { type Demand, uniformCluster } from "../domain/mod.ts";
import { DEFAULT_FIT } from "../models/mod.ts";
import {
  forbidStarving,
  problemOn,
  runScheduler,
  type ScheduleRun,
  type SchedulingProblem,
  type Surface,
  surfaceFromProfile,
  surfaceFromTable,
} from "../scheduling/mod.ts";
import { type Axis, casesOf, chosen, mean, percent, type Study } from "./common/study.ts";
import { CAPACITY, truthNamed } from "./common/truths.ts";

const SURFACE: Axis = { standard: ["lab-7x8", "synthetic-7x8", "rf20"], quick: ["lab-7x8"] };
const AIM: Axis = {
  standard: ["mean", "floor 0.3", "floor 0.4", "floor 0.5", "fair", "worst"],
  quick: ["mean", "floor 0.5"],
};
/** Demands of each surface. */
const SEEDS = 3;
const NODES = 81;
/** Seconds for each placement. */
const TIME_LIMIT = 60;

/**
 * What each objective makes of the cluster that `metis start` shows: 200 containers of the first demands on 81 nodes of 8 slots, by the
 * scheduler optimal. The surfaces of the bundled profiles are the models that `start` fits; rf20 is a table.
 */
export const study: Study = {
  summary: "what the best mean costs the worst app, and what fairness and floors cost the mean",
  takes: { all: "3 minutes", quick: "5 seconds" },
  needsData: { all: true, quick: false },
  cases: casesOf(SURFACE, AIM),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : SEEDS, tell } = setting;
    const { demands } = await loadBundledDemands("synthetic-demands-200");
    const rows: string[][] = [];
    for (const name of chosen(SURFACE, setting)) {
      const surface = await surfaceNamed(name);
      using simulator = surface.simulator(CAPACITY);
      const problems = demands.slice(0, seeds).map((demand: Demand) =>
        problemOn(simulator, { cluster: uniformCluster(NODES, CAPACITY), demand })
      );
      const best: number[] = [];
      for (const problem of problems) best.push((await place(problem, "mean")).mean);
      for (const aim of chosen(AIM, setting)) {
        const runs: ScheduleRun[] = [];
        for (const problem of problems) runs.push(await place(problem, aim));
        const average = (of: (run: ScheduleRun) => number) => mean(runs.map(of)).toFixed(4);
        rows.push([
          name,
          aim,
          average((run) => run.mean),
          percent(mean(runs.map((run, at) => 1 - run.mean / best[at]!))),
          average((run) => run.fairness!),
          average(({ perApp }) => Math.min(...perApp.flatMap((app) => app ?? []))),
          average((run) => run.worst!),
        ]);
        tell(rows.at(-1)!.join(", "));
      }
    }
    return [{
      title: "Objectives",
      columns: [
        { title: "surface" },
        { title: "aim" },
        { title: "mean", isNumber: true },
        { title: "cost in the mean %", isNumber: true },
        { title: "fairness", isNumber: true },
        { title: "worst app", isNumber: true },
        { title: "worst container", isNumber: true },
      ],
      rows,
    }];
  },
};

async function surfaceNamed(name: string): Promise<Surface> {
  if (name === "rf20") return surfaceFromTable(await truthNamed(name), { source: name });
  return surfaceFromProfile(await loadBundledProfile(name), { source: name, fit: DEFAULT_FIT });
}

async function place(problem: SchedulingProblem, aim: string): Promise<ScheduleRun> {
  const options = { seed: 1, timeLimit: TIME_LIMIT };
  if (aim === "fair" || aim === "worst") {
    return await runScheduler(optimalScheduler, { ...problem, objective: aim }, options);
  }
  const floor = Number(aim.replace("floor ", ""));
  if (Number.isNaN(floor)) return await runScheduler(optimalScheduler, problem, options);
  using simulator = forbidStarving(problem.simulator, problem.apps.map(() => floor));
  return await runScheduler(optimalScheduler, { ...problem, simulator }, options);
}
