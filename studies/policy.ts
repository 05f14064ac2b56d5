import { metisScheduler } from "../policies/metis/scheduler.ts";
import { MetisPlayer } from "../policies/metis/player.ts";
import { metisLearner } from "../policies/metis/trainer.ts";
import type { SchedulingProblem } from "../scheduling/mod.ts";
import { boundedProblems, gapsBySize, sizeColumns, train } from "./common/policies.ts";
import type { Study } from "./common/study.ts";

const CLUSTERS = [27, 81, 729];
const SEEDS = 3;
const DEMANDS = 10;

/** What the policy `metis` reaches. */
export const study: Study = {
  summary: "gaps of the policy metis to the proven optimum, trained with three seeds",
  takes: { all: "20 minutes", quick: "20 seconds" },
  needsData: { all: true, quick: true },
  cases: [],
  run: async ({ quick, seeds = quick ? 1 : SEEDS, tell }) => {
    const clusters = quick ? [27] : CLUSTERS;
    const { simulator, problems } = await boundedProblems(clusters, quick ? 1 : DEMANDS, tell);
    const rows: string[][] = [];
    const add = async (label: string, total: Parameters<typeof gapsBySize>[2]): Promise<void> => {
      rows.push([label, ...await gapsBySize(problems, clusters, total)]);
      tell(rows.at(-1)!.join(", "));
    };
    await add("greedy rule", (problem) => {
      using state = simulator.clusterState(problem);
      state.greedy(problem.demand);
      return state.total;
    });
    for (let seed = 1; seed <= seeds; seed++) {
      const config = { ...metisLearner.defaults, ...(quick ? { updates: 20 } : {}) };
      const { networks, seconds } = await train(metisLearner, simulator, config, seed);
      tell(`seed ${seed}: ${config.updates} updates took ${seconds.toFixed(0)} s`);
      await add(`policy, greedy, seed ${seed}`, (problem) => {
        using player = new MetisPlayer(simulator, problem, networks);
        player.price(problem.demand);
        return player.plan(problem.demand, { temperature: 0 }) ?? 0;
      });
      const scheduler = metisScheduler(() => Promise.resolve(networks));
      const parameters = { decode: "sample:64", polish: true };
      const place = async (problem: SchedulingProblem) =>
        simulator.evaluate((await scheduler.schedule(problem, { parameters })).placement);
      await add(`best of 64 + polish, seed ${seed}`, place);
    }
    return [{
      title: "The policy metis: gaps to the optimum in percent",
      columns: [{ title: "" }, ...sizeColumns(clusters)],
      rows,
    }];
  },
};
