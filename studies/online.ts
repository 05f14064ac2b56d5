import { Random } from "../domain/mod.ts";
import type { Network } from "../policies/learning/network.ts";
import { drawEvents } from "../policies/online/events.ts";
import { OnlinePlayer } from "../policies/online/player.ts";
import { onlineNetwork } from "../policies/online/policy.ts";
import { playByRule, RULES_OF_THUMB } from "../policies/online/rules_of_thumb.ts";
import { playByPolicy } from "../policies/online/scheduler.ts";
import { onlineLearner } from "../policies/online/trainer.ts";
import type { SchedulingProblem } from "../scheduling/mod.ts";
import type { Simulator } from "../sim-wasm/mod.ts";
import {
  type BoundedProblem,
  boundedProblems,
  gapsBySize,
  sizeColumns,
  train,
} from "./common/policies.ts";
import type { Study, StudyTable } from "./common/study.ts";

const NODES = 81;
const SEEDS = 3;
const DEMANDS = 12;
/** Orders of arrival of each demand, and their seed. */
const ORDERS = 3;
const ORDER_SEED = 81;
/** Share of further containers that come and leave at random moments, in each of the two tables. */
const DEPARTURES = [0, 0.3];

/** What the policies of `metis-online` reach. */
export const study: Study = {
  summary: "gaps of the policies metis-online where containers come one by one, three seeds",
  takes: { all: "15 minutes", quick: "30 seconds" },
  needsData: { all: true, quick: true },
  cases: [],
  run: async ({ quick, seeds = quick ? 1 : SEEDS, tell }) => {
    const { simulator, problems } = await boundedProblems([NODES], quick ? 1 : DEMANDS, tell);
    const trained: Network[][] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const short = { imitationUpdates: 3, gradientUpdates: 3, annealing: 1000 };
      const config = { ...onlineLearner.defaults, ...(quick ? short : {}) };
      const { networks, seconds } = await train(onlineLearner, simulator, config, seed);
      tell(`seed ${seed}: the training took ${seconds.toFixed(0)} s`);
      trained.push(networks);
    }
    const tables: StudyTable[] = [];
    for (const departures of DEPARTURES) {
      const orders = quick ? 1 : ORDERS;
      tables.push(await tableOfArrivals(simulator, problems, trained, departures, orders));
    }
    return tables;
  },
};

/** Every policy and rule on the same orders of arrival. */
async function tableOfArrivals(
  simulator: Simulator,
  problems: readonly BoundedProblem[],
  trained: readonly (readonly Network[])[],
  departures: number,
  orders: number,
): Promise<StudyTable> {
  const gaps = async (
    play: (problem: SchedulingProblem, draws: Random) => number | Promise<number>,
  ) => {
    const draws = new Random(ORDER_SEED);
    const [cell] = await gapsBySize(problems, [NODES], async (problem) => {
      let sum = 0;
      for (let order = 0; order < orders; order++) sum += await play(problem, draws);
      return sum / orders;
    });
    return cell!;
  };
  const eventsOf = (problem: SchedulingProblem, draws: Random) =>
    drawEvents(problem, simulator.capacity * NODES, departures, draws);
  const rows: string[][] = [];
  for (const [at, networks] of trained.entries()) {
    for (const rest of ["unknown", "known"] as const) {
      const cell = await gaps(async (problem, draws) => {
        using player = new OnlinePlayer(simulator, problem, rest);
        player.planner.setNetwork(onlineNetwork(networks, rest).layers);
        player.tell(problem.demand);
        return simulator.evaluate(await playByPolicy(player, eventsOf(problem, draws)));
      });
      rows.push([`rest ${rest}, seed ${at + 1}`, cell]);
    }
  }
  for (const rule of RULES_OF_THUMB) {
    const cell = await gaps((problem, draws) => {
      using state = simulator.clusterState(problem);
      playByRule(state, eventsOf(problem, draws), rule);
      return state.total;
    });
    rows.push([rule, cell]);
  }
  return {
    title: departures === 0
      ? "Containers that come one by one: gaps to the optimum in percent"
      : `The same, where ${100 * departures} % more containers come and leave`,
    columns: [{ title: "" }, ...sizeColumns([NODES])],
    rows,
  };
}
