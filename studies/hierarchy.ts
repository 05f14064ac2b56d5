import type { Network } from "../policies/learning/network.ts";
import { guidedSubLearner } from "../policies/paper/guided.ts";
import { publishedNetworks } from "../policies/_testing.ts";
import { subLearner } from "../policies/paper/learners.ts";
import { PUBLISHED_SETTINGS } from "../policies/paper/sub_config.ts";
import { metisPaperScheduler } from "../policies/paper/scheduler.ts";
import { sizeClass } from "../policies/paper/sub_schedulers.ts";
import { HIGH_OPTIONS } from "../policies/paper/demand_config.ts";
import { runScheduler, type SchedulingProblem } from "../scheduling/mod.ts";
import { boundedProblems, gapsBySize, sizeColumns, train } from "./common/policies.ts";
import type { Study } from "./common/study.ts";

/** Shares of an even split of 200, 300 and 400 containers over three sub-clusters. */
const SHARES = [67, 100, 133];
/** Updates of guided sub-schedulers: about two minutes of one idle core. */
const GUIDED_UPDATES = 600;
/** Episodes of each of the paper's size classes. */
const PAPER_EPISODES = 250_000;
/** Episodes of the high level. */
const HIGH_EPISODES = 200;

/** Where sub-schedulers come from, by case: networks for the shares that the study places. */
const WAYS: Readonly<
  Record<string, (quick: boolean, sim: Simulator, seed: number) => Promise<Trained>>
> = {
  guided: (quick, simulator, seed) =>
    train(
      guidedSubLearner,
      simulator,
      { ...guidedSubLearner.defaults, updates: quick ? 10 : GUIDED_UPDATES },
      seed,
    ),
  paper: (quick, simulator, seed) => trainClasses({}, quick, simulator, seed),
  curriculum: (quick, simulator, seed) => trainClasses({}, quick, simulator, seed, true),
  settings: (quick, simulator, seed) => trainClasses(PUBLISHED_SETTINGS, quick, simulator, seed),
  weights: async () => ({ networks: await publishedNetworks(), seconds: 0 }),
};

type Simulator = Awaited<ReturnType<typeof boundedProblems>>["simulator"];
type Trained = Awaited<ReturnType<typeof train>>;

/** The paper's size classes of the shares, one after the other. @param handOn Each begins with the weights of the one before. */
async function trainClasses(
  options: Partial<typeof subLearner.defaults>,
  quick: boolean,
  simulator: Simulator,
  seed: number,
  handOn = false,
): Promise<Trained> {
  const networks: Network[] = [];
  let seconds = 0;
  for (const share of SHARES) {
    const own = sizeClass(share);
    const config = {
      ...subLearner.defaults,
      ...options,
      episodes: quick ? 400 : PAPER_EPISODES,
      firstClass: own,
      lastClass: own,
    };
    const trained = await train(subLearner, simulator, config, seed, handOn ? networks : []);
    networks.push(...trained.networks);
    seconds += trained.seconds;
  }
  return { networks, seconds };
}

/** The paper's hierarchy by how its sub-schedulers are trained. */
export const study: Study = {
  summary:
    "gaps of the paper's hierarchy, with sub-schedulers trained from scratch in several ways",
  takes: { all: "an hour and a half", quick: "half a minute" },
  needsData: { all: true, quick: true },
  cases: Object.keys(WAYS),
  run: async ({ quick, only, seeds = quick ? 1 : 3, tell }) => {
    const cases = only.length > 0 ? only : Object.keys(WAYS);
    const clusters = quick ? [81] : [81, 729];
    const { problems, simulator } = await boundedProblems(clusters, quick ? 1 : 5, tell);
    const rows: string[][] = [];
    for (const name of cases) {
      for (let seed = 1; seed <= seeds; seed++) {
        const { networks, seconds } = await WAYS[name]!(quick, simulator, seed);
        const scheduler = metisPaperScheduler({
          policies: { networks: () => Promise.resolve(networks) },
        });
        const place = (episodes: number) => async (problem: SchedulingProblem) =>
          (await runScheduler(scheduler, problem, { seed, parameters: { episodes } })).total;
        const add = async (label: string, episodes: number): Promise<void> => {
          const gaps = await gapsBySize(problems, clusters, place(episodes));
          rows.push([`${name}, ${label}, seed ${seed}`, ...gaps, seconds.toFixed(0)]);
          tell(rows.at(-1)!.join(", "));
        };
        await add("even split", HIGH_OPTIONS.defaults.demonstrations);
        await add("high level", quick ? 40 : HIGH_EPISODES);
      }
    }
    return [{
      title: "The hierarchy: gaps to the optimum in percent",
      columns: [
        { title: "sub-schedulers, and above them" },
        ...sizeColumns(clusters),
        { title: "core seconds of training", isNumber: true },
      ],
      rows,
    }];
  },
};
