import { proveBound } from "../baselines/optimal/mod.ts";
import { NO_RULES, uniformCluster } from "../domain/mod.ts";
import { publishedNetworks } from "../policies/_testing.ts";
import type { DemandConfig } from "../policies/paper/demand_config.ts";
import {
  dcLearner,
  type DemandLearner,
  highLearner,
  vanillaLearner,
} from "../policies/paper/learners.ts";
import { loadTensorFlow } from "../policies/learning/tensorflow.ts";
import { referenceDemands, referenceSimulator } from "../reference/data.ts";
import {
  type Axis,
  casesOf,
  chosen,
  coreSeconds,
  mean,
  percent,
  type Study,
} from "./common/study.ts";

const NODES = 81;
const CONTAINERS = 200;
/** The demand that the logs of 2020 are of. */
const ROW = 0;
/** Episodes after which the best placement so far is told. */
const BUDGETS = [100, 500, 2_000, 5_000, 10_000, 20_000];
const QUICK_BUDGETS = [100];

const LEARNERS: Readonly<Record<string, DemandLearner>> = {
  high: highLearner,
  dc: dcLearner,
  vanilla: vanillaLearner,
};
const CASES: Axis = { standard: Object.keys(LEARNERS), quick: Object.keys(LEARNERS) };

/** What the logs of 2020 say of this demand: mean normalised throughput, episodes, and seconds on the clock. */
const LOGS: Readonly<Record<string, { mean: number; episodes: number; seconds: number }>> = {
  high: { mean: 1.180313, episodes: 1501, seconds: 927 },
  dc: { mean: 1.116714, episodes: 14_501, seconds: 6643 },
};

/** The training curves of the learners of one demand. */
export const study: Study = {
  summary:
    "gap of the paper's learners of one demand after more and more episodes, beside the logs of 2020",
  takes: { all: "15 minutes", quick: "5 seconds" },
  needsData: { all: true, quick: true },
  cases: casesOf(CASES),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : 3, tell } = setting;
    const budgets = quick ? QUICK_BUDGETS : BUDGETS;
    const tensorflow = await loadTensorFlow();
    const simulator = await referenceSimulator();
    const { apps, capacity } = simulator;
    const demand = referenceDemands(CONTAINERS)[ROW]!;
    const cluster = uniformCluster(NODES, capacity);
    const problem = { apps, cluster, demand, rules: NO_RULES, simulator };
    const { boundTotal } = await proveBound(problem, { effort: "optimal" });
    const gapOf = (reached: number): number => 1 - reached * CONTAINERS / boundTotal;
    const rows: string[][] = [];
    for (const name of chosen(CASES, setting)) {
      const learner = LEARNERS[name]!;
      const parts = learner.needs === null ? [] : await publishedNetworks();
      const gaps = budgets.map((): number[] => []);
      const seconds = budgets.map((): number[] => []);
      for (let seed = 1; seed <= seeds; seed++) {
        const config: DemandConfig = { ...learner.defaults, episodes: budgets.at(-1)! };
        const place = { simulator, cluster, demand, parts };
        using trainer = learner.create(tensorflow, place, config, seed);
        const started = coreSeconds();
        for (const [at, budget] of budgets.entries()) {
          while (trainer.update().episodes < budget);
          gaps[at]!.push(gapOf(trainer.bestMean));
          seconds[at]!.push(coreSeconds() - started);
        }
        tell(`${name}, seed ${seed}: ${gaps.map((all) => percent(all.at(-1)!)).join(", ")}`);
      }
      budgets.forEach((budget, at) =>
        rows.push([
          name,
          `${budget}`,
          mean(seconds[at]!).toFixed(1),
          percent(mean(gaps[at]!)),
          gaps[at]!.map(percent).join(" "),
        ])
      );
      const log = LOGS[name];
      if (log !== undefined) {
        const gap = percent(gapOf(log.mean));
        rows.push([`${name}, log of 2020`, `${log.episodes}`, `${log.seconds}`, gap, gap]);
      }
    }
    return [{
      title:
        `Row ${ROW} of ${CONTAINERS} containers on ${NODES} nodes: gap of the best placement so far`,
      columns: [
        { title: "learner" },
        { title: "episodes", isNumber: true },
        { title: "core seconds", isNumber: true },
        { title: "gap %", isNumber: true },
        { title: "per seed" },
      ],
      rows,
    }];
  },
};
