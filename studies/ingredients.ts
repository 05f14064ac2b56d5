import { MetisPlayer } from "../policies/metis/player.ts";
import type { MetisConfig } from "../policies/metis/config.ts";
import { metisLearner } from "../policies/metis/trainer.ts";
import { boundedProblems, gapsBySize, sizeColumns, train } from "./common/policies.ts";
import type { Study } from "./common/study.ts";

const CLUSTERS = [27, 81];
const DEMANDS = 5;
/** About 20 s of one core. */
const UPDATES = 350;

const VARIANTS: Readonly<Record<string, Partial<MetisConfig>>> = {
  "as it is": {},
  "imitating the best sample without polish": { polished: 0 },
  "4 samples of each demand": { samples: 4 },
  "64 units": { hidden: 64 },
  "16 units": { hidden: 16 },
  "step size 0.008": { learningRate: 0.008 },
  "literal levels": { levels: true },
};

/** What the options of the policy `metis` bring in a short training. */
export const study: Study = {
  summary: "gaps of the policy metis after short trainings with other options",
  takes: { all: "6 minutes", quick: "20 seconds" },
  needsData: { all: true, quick: true },
  cases: Object.keys(VARIANTS),
  run: async ({ quick, seeds = 1, only, tell }) => {
    const clusters = quick ? [27] : CLUSTERS;
    const { simulator, problems } = await boundedProblems(clusters, quick ? 1 : DEMANDS, tell);
    const names = only.length > 0 ? only : quick ? ["64 units"] : Object.keys(VARIANTS);
    const updates = quick ? 20 : UPDATES;
    const rows: string[][] = [];
    for (const name of names) {
      for (let seed = 1; seed <= seeds; seed++) {
        const config = { ...metisLearner.defaults, updates, ...VARIANTS[name]! };
        const { networks, seconds } = await train(metisLearner, simulator, config, seed);
        const gaps = await gapsBySize(problems, clusters, (problem) => {
          using player = new MetisPlayer(simulator, problem, networks);
          player.price(problem.demand);
          return player.plan(problem.demand, { temperature: 0 }) ?? 0;
        });
        rows.push([seeds > 1 ? `${name}, seed ${seed}` : name, ...gaps, seconds.toFixed(0)]);
        tell(rows.at(-1)!.join(", "));
      }
    }
    return [{
      title: `The options of metis, ${updates} updates each: gaps to the optimum in percent`,
      columns: [
        { title: "option" },
        ...sizeColumns(clusters),
        { title: "seconds of training", isNumber: true },
      ],
      rows,
    }];
  },
};
