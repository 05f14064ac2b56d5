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

/** Schedulers, limited where their own defaults would take hours. */
const SCHEDULERS: Readonly<Record<string, ScheduleOptions>> = {
  "round-robin": {},
  random: {},
  spread: {},
  binpack: {},
  paragon: {},
  medea: { timeLimit: 10 },
  greedy: {},
  "local-search": {},
  annealing: {},
  vanilla: { parameters: { episodes: 1000 } },
  dc: { parameters: { episodes: 1000 } },
  "metis-paper": { parameters: { episodes: 200 } },
  optimal: {},
};
/** What does not scale to 729 nodes: one choice among all nodes. */
const ONLY_81 = ["vanilla", "dc"];

const FIGURES = [
  { title: "mean throughput", digits: 4 },
  { title: "gap %", digits: 2 },
  { title: "core milliseconds", digits: 1 },
];

const NODES: Axis = { standard: ["81", "729"], quick: ["81"] };
const NAMES: Axis = {
  standard: Object.keys(SCHEDULERS),
  quick: ["round-robin", "greedy", "metis-paper"],
};

/** The paper's figures of schedulers: throughput, gap and time of each on its demands. */
export const study: Study = {
  summary: "throughput, gap to the optimum and time of every scheduler on the demands of 2020",
  takes: { all: "half an hour", quick: "10 seconds" },
  needsData: { all: true, quick: true },
  cases: casesOf(NODES, NAMES),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : 3, tell } = setting;
    const clusters = chosen(NODES, setting).map(Number);
    const { problems, simulator } = await boundedProblems(clusters, quick ? 1 : 3, tell);
    const { constraints } = readConstraints(referenceText(FILE), simulator.apps, FILE);
    const networks = await publishedNetworks();
    const registry = defaultRegistry();
    const published = metisPaperScheduler({
      policies: { networks: () => Promise.resolve(networks) },
    });
    const rows: string[][] = [];
    for (const name of chosen(NAMES, setting)) {
      const scheduler = name === "metis-paper" ? published : registry.get(name);
      const runs = new Map<BoundedProblem, readonly number[]>();
      for (const one of problems) {
        if (one.nodes !== 81 && ONLY_81.includes(name)) continue;
        const problem = { ...one.problem, constraints };
        const figures = FIGURES.map((): number[] => []);
        for (let seed = 1; seed <= seeds; seed++) {
          const started = coreSeconds();
          const { mean, total } = await runScheduler(scheduler, problem, {
            ...SCHEDULERS[name],
            seed,
          });
          const seconds = coreSeconds() - started;
          [mean, 100 * (1 - total / one.bound), 1000 * seconds].forEach((value, at) =>
            figures[at]!.push(value)
          );
        }
        runs.set(one, figures.map(mean));
      }
      const cells: string[] = [];
      for (const [at, { digits }] of FIGURES.entries()) {
        cells.push(...await meansBySize(problems, clusters, (one) => runs.get(one)?.[at], digits));
      }
      rows.push([name, ...cells]);
      tell(rows.at(-1)!.join(", "));
    }
    return [{
      title: "Schedulers on the demands of 2020",
      columns: [
        { title: "scheduler" },
        ...FIGURES.flatMap((figure) =>
          sizeColumns(clusters).map(({ title }) => ({
            title: `${figure.title}, ${title}`,
            isNumber: true as const,
          }))
        ),
      ],
      rows,
    }];
  },
};
