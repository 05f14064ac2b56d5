import type { Profile } from "../domain/mod.ts";
import { fitModel } from "../models/mod.ts";
import { drawDemands, errorOnUnseen, RegretMeter } from "./common/regret.ts";
import { type Axis, casesOf, chosen, mean, percent, type Study } from "./common/study.ts";
import { distinct, load, sample, truthNamed, TRUTHS } from "./common/truths.ts";

const TRUTH: Axis = { standard: TRUTHS, quick: ["synth0"] };
const MODEL: Axis = {
  standard: ["forest", "extra-trees", "boosting", "gaussian", "auto", "pooled"],
  quick: ["extra-trees", "pooled"],
};
/** Random samples of each truth. */
const SEEDS = 2;

/**
 * What is lost by placing by each kind of model. Regret: mean over ten demands of 200, 300 or 400 containers on 81 nodes,
 * by the linear relaxation. "322 given" and "2008 given" are the reference data's own files.
 */
export const study: Study = {
  summary: "regret and error of each kind of model, from rows that were given or drawn",
  takes: { all: "5 minutes", quick: "8 seconds" },
  needsData: { all: true, quick: false },
  cases: casesOf(TRUTH, MODEL),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : SEEDS, tell } = setting;
    const rows: string[][] = [];
    for (const name of chosen(TRUTH, setting)) {
      const truth = await truthNamed(name);
      const meter = new RegretMeter(truth, drawDemands(10, 5));
      for (const [label, trains] of await trainingRows(name, truth, seeds)) {
        for (const kind of chosen(MODEL, setting)) {
          const regrets: number[] = [];
          const errors: number[] = [];
          let seconds = 0;
          for (const train of trains) {
            const started = performance.now();
            const model = fitModel(kind, train, { seed: 1, trustMeasured: true });
            seconds += (performance.now() - started) / 1000 / trains.length;
            regrets.push(mean(await meter.measure(model)));
            errors.push(errorOnUnseen(model, train, truth));
          }
          const samples = regrets.map(percent).join(" ");
          const cells = [percent(mean(regrets)), samples, mean(errors).toFixed(4)];
          rows.push([name, label, kind, ...cells, seconds.toFixed(2)]);
          tell(rows.at(-1)!.join(", "));
        }
      }
    }
    return [{
      title: "Models",
      columns: [
        { title: "truth" },
        { title: "rows", isNumber: true },
        { title: "model" },
        { title: "regret %", isNumber: true },
        { title: "per sample" },
        { title: "error where present", isNumber: true },
        { title: "seconds to fit", isNumber: true },
      ],
      rows,
    }];
  },
};

/** What models learn a truth from: the rows of the reference data as far as they are not the truth itself, and samples. */
async function trainingRows(
  name: string,
  truth: Profile,
  seeds: number,
): Promise<[label: string, trains: Profile[]][]> {
  const samples = Array.from({ length: seeds }, (_, seed) => sample(truth, 322, seed + 1));
  const given: [string, Profile[]][] = [];
  const isMeasured = !name.startsWith("synth");
  if (isMeasured) given.push(["322 given", [distinct(await load("metis-322.npz"))]]);
  if (isMeasured && name !== "pool") {
    given.push(["2008 given", [distinct(await load("metis-2008.npz"))]]);
  }
  return [...given, ["322 random", samples]];
}
