import { readConstraints } from "../baselines/constraints/mod.ts";
import { publishedNetworks } from "../policies/_testing.ts";
import { metisPaperScheduler } from "../policies/paper/scheduler.ts";
import { referenceText } from "../reference/folder.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler, type ScheduleOptions } from "../scheduling/mod.ts";
import {
  type BoundedProblem,
  boundedProblems,
  meansBySize,
  sizeColumns,
} from "./common/policies.ts";
import { type Axis, casesOf, chosen, coreSeconds, mean, type Study } from "./common/study.ts";

const FILE = "metis-interference.csv";

/** Schedulers, with parameters where their own defaults would take hours: the learners of one demand. */
const SCHEDULERS: Readonly<Record<string, ScheduleOptions["parameters"] & object>> = {
  "round-robin": {},
  random: {},
  spread: {},
  binpack: {},
  paragon: {},
  medea: {},
  greedy: {},
  "local-search": {},
  annealing: {},
  vanilla: { episodes: 2000 },
  dc: { episodes: 2000 },
  "metis-paper": { episodes: 200 },
  optimal: {},
};
/** What does not scale to 729 nodes: one choice among all nodes. */
const ONLY_81 = ["vanilla", "dc"];

/** One table each. */
const FIGURES = [
  { title: "Mean normalised throughput", digits: 4 },
  { title: "Gap to the optimum in percent", digits: 2 },
  { title: "Milliseconds of a core for one demand", digits: 1 },
];

const NODES: Axis = { standard: ["81", "729"], quick: ["81"] };
const NAMES: Axis = {
  standard: Object.keys(SCHEDULERS),
  quick: ["round-robin", "greedy", "metis-paper"],
};

/** The paper's figures of schedulers: throughput, gap and time of each on its demands. */
export const study: Study = {
  summary: "throughput, gap to the optimum and time of every scheduler on the demands of 2020",
  takes: { all: "20 minutes", quick: "10 seconds" },
  needsData: { all: true, quick: true },
  cases: casesOf(NODES, NAMES),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : 3, tell } = setting;
    const clusters = chosen(NODES, setting).map(Number);
    const { problems, simulator } = await boundedProblems(clusters, quick ? 1 : 5, tell);
    const { constraints } = readConstraints(referenceText(FILE), simulator.apps, FILE);
    const networks = await publishedNetworks();
    const registry = defaultRegistry();
    const published = metisPaperScheduler({
      policies: { networks: () => Promise.resolve(networks) },
    });
    const rows: string[][][] = FIGURES.map(() => []);
    for (const name of chosen(NAMES, setting)) {
      const scheduler = name === "metis-paper" ? published : registry.get(name);
      const runs = new Map<BoundedProblem, readonly number[]>();
      for (const one of problems) {
        if (one.nodes !== 81 && ONLY_81.includes(name)) continue;
        const problem = { ...one.problem, constraints };
        const figures = FIGURES.map((): number[] => []);
        for (let seed = 1; seed <= seeds; seed++) {
          const started = coreSeconds();
          const parameters = SCHEDULERS[name]!;
          const { mean, total } = await runScheduler(scheduler, problem, { seed, parameters });
          const seconds = coreSeconds() - started;
          [mean, 100 * (1 - total / one.bound), 1000 * seconds].forEach((value, at) =>
            figures[at]!.push(value)
          );
        }
        runs.set(one, figures.map(mean));
      }
      for (const [at, { digits }] of FIGURES.entries()) {
        const cells = await meansBySize(problems, clusters, (one) => runs.get(one)?.[at], digits);
        rows[at]!.push([name, ...cells]);
      }
      tell(rows.map((all) => all.at(-1)!.join(", ")).join("; "));
    }
    return FIGURES.map(({ title }, at) => ({
      title,
      columns: [{ title: "scheduler" }, ...sizeColumns(clusters)],
      rows: rows[at]!,
    }));
  },
};
