import { contentionModel, PAPER_WORKLOADS, type SyntheticApp } from "../datasets/mod.ts";
import { type InterferenceModel, type Profile, Random, selectRows } from "../domain/mod.ts";
import { fitFrom, fitModel } from "../models/mod.ts";
import { allConfigurations } from "../profiling/active.ts";
import { errorOnUnseen } from "./common/regret.ts";
import { type Axis, casesOf, chosen, mean, type Study } from "./common/study.ts";
import { CAPACITY, load } from "./common/truths.ts";

/** Node classes that are learned, and those that they are learned from: GPUs that ran the same jobs, and two synthetic nodes. */
const CLASS: Axis = { standard: ["k80", "p100", "v100", "half"], quick: ["half"] };
const ROWS: Axis = { standard: ["10", "20", "40", "80"], quick: ["20"] };
/** Random choices of rows. */
const SEEDS = 8;
const GPUS = ["k80", "p100", "v100"];

/**
 * What rows of other node classes save. k80, p100 and v100: 26 jobs alone and in all 351 pairs on GPUs of three kinds, from the
 * Gavel release (Narayanan et al., OSDI'20): gavel-*.csv in the folder pairs/ of the data folder, which `metis datasets import` does
 * not make. half: the bundled workloads on a synthetic node that they load half as much.
 */
export const study: Study = {
  summary: "error of a node class of which few rows were measured, alone and from other classes",
  takes: { all: "4 minutes", quick: "5 seconds" },
  needsData: { all: true, quick: false },
  cases: casesOf(CLASS, ROWS),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : SEEDS, tell } = setting;
    const rows: string[][] = [];
    for (const name of chosen(CLASS, setting)) {
      const { truth, others } = await classNamed(name);
      const sources = others.map((profile) => fitModel("pooled", profile, { seed: 1 }));
      for (const count of chosen(ROWS, setting)) {
        const errors: Record<string, number[]> = { others: [], alone: [], transfer: [] };
        for (let seed = 1; seed <= seeds; seed++) {
          const train = someRows(truth, Number(count), seed);
          const tell = (name: string, model: InterferenceModel) =>
            errors[name]!.push(errorOnUnseen(model, train, truth));
          tell("others", average(sources));
          tell("alone", fitModel("pooled", train, { seed: 1 }));
          tell("transfer", fitFrom(train, sources, { seed: 1 }));
        }
        const { alone, transfer } = errors;
        const wins = transfer!.filter((error, at) => error < alone![at]!).length;
        const cells = ["others", "alone", "transfer"].map((one) => mean(errors[one]!).toFixed(4));
        rows.push([name, count, ...cells, `${wins} of ${seeds}`]);
        tell(rows.at(-1)!.join(", "));
      }
    }
    return [{
      title: "Transfer",
      columns: [
        { title: "class" },
        { title: "rows of it", isNumber: true },
        { title: "error of the other classes' mean", isNumber: true },
        { title: "error of its rows alone", isNumber: true },
        { title: "error of both", isNumber: true },
        { title: "better than alone" },
      ],
      rows,
    }];
  },
};

/** All that was measured of a class, and of the others. */
async function classNamed(name: string): Promise<{ truth: Profile; others: Profile[] }> {
  if (name === "half") {
    const half = PAPER_WORKLOADS.map((app) => ({ ...app, load: halved(app.load) }));
    return { truth: whole(half), others: [whole(PAPER_WORKLOADS)] };
  }
  const pairs = (gpu: string) => load(`pairs/gavel-${gpu}.csv`);
  const others = GPUS.filter((gpu) => gpu !== name);
  return { truth: await pairs(name), others: await Promise.all(others.map(pairs)) };
}

function halved(load: SyntheticApp["load"]): SyntheticApp["load"] {
  const { cpu, cache, bandwidth, network } = load;
  return { cpu: cpu / 2, cache: cache / 2, bandwidth: bandwidth / 2, network: network / 2 };
}

/** All configurations of a synthetic node. */
function whole(apps: readonly SyntheticApp[]): Profile {
  const model = contentionModel(apps);
  const counts = allConfigurations(model.apps.length, CAPACITY).slice(model.apps.length);
  const rows = counts.length / model.apps.length;
  return { apps: [...model.apps], rows, counts, rps: model.predict(counts, rows) };
}

/** The lone containers, which are known, and so many other rows. */
function someRows(truth: Profile, count: number, seed: number): Profile {
  const width = truth.apps.length;
  const all = Array.from({ length: truth.rows }, (_, row) => row);
  const total = (row: number) =>
    truth.counts.subarray(row * width, (row + 1) * width).reduce((sum, held) => sum + held, 0);
  const lone = all.filter((row) => total(row) === 1);
  const others = new Random(seed).shuffle(all.filter((row) => total(row) > 1));
  return selectRows(truth, [...lone, ...others.slice(0, count)]);
}

function average(models: readonly InterferenceModel[]): InterferenceModel {
  return {
    kind: "average",
    apps: models[0]!.apps,
    predict(counts, rows) {
      const all = models.map((model) => model.predict(counts, rows));
      return all[0]!.map((_, at) => mean(all.map((one) => one[at]!)));
    },
  };
}
