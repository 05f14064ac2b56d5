import {
  configurationKey,
  inAppOrder,
  multinomialDemands,
  type Profile,
  Random,
} from "../domain/mod.ts";
import { fitModel } from "../models/mod.ts";
import { RegretMeter } from "../profiling/mod.ts";
import { type Axis, casesOf, chosen, mean, percent, type Study } from "./common/study.ts";
import { CAPACITY, serveAndProfile } from "./observed/lab.ts";

const WHERE: Axis = { standard: ["lab"], quick: ["lab"] };
/** Seconds that the lab serves. */
const SERVES = { all: 1200, quick: 60 };
const NODES = 9;
const DEMANDS = 30;

/** Placing by what was learned in production, against placing by a profile of the same configurations. */
export const study: Study = {
  summary:
    "regret of placing by what `metis observe` learned on a lab; needs root, Docker and Prometheus",
  takes: { all: "50 minutes", quick: "25 minutes" },
  needsData: { all: false, quick: false },
  cases: casesOf(WHERE),
  run: async (setting) => {
    chosen(WHERE, setting);
    const seconds = setting.quick ? SERVES.quick : SERVES.all;
    const { observed: found, profiled, truth, said } = await serveAndProfile(seconds, setting.tell);
    const observed = inAppOrder(found, truth.apps, "observed");
    setting.tell(said);
    const random = new Random(7);
    const least = Math.ceil(NODES * CAPACITY / 2);
    const draw = multinomialDemands(truth.apps.length, least, NODES * CAPACITY - 2);
    const demands = Array.from({ length: DEMANDS }, () => draw(random));
    const meter = new RegretMeter(truth, { demands, nodes: NODES, capacity: CAPACITY });
    const rows: string[][] = [];
    for (const [name, profile] of Object.entries({ observed, profiled })) {
      const model = fitModel("auto", profile, { seed: 1 });
      const { regret, regretMax } = await meter.measure(model);
      rows.push([
        name,
        `${profile.rows}`,
        percent(regret),
        percent(regretMax),
        percent(differenceOf(profile, truth)),
      ]);
    }
    return [{
      title: `Placing ${DEMANDS} demands on ${NODES} nodes by what was learned`,
      columns: [
        { title: "profile" },
        { title: "rows", isNumber: true },
        { title: "regret %", isNumber: true },
        { title: "worst %", isNumber: true },
        { title: "mean difference of a row from the truth %", isNumber: true },
      ],
      rows,
    }];
  },
};

/** Mean absolute difference of normalised RPS, over the values of configurations that both have. */
function differenceOf(profile: Profile, truth: Profile): number {
  const width = truth.apps.length;
  const rowsOf = ({ rows, counts }: Profile) =>
    Array.from({ length: rows }, (_, row) => configurationKey(counts, row * width, width));
  const known = rowsOf(profile);
  const differences = rowsOf(truth).flatMap((key, row) => {
    const other = known.indexOf(key);
    return truth.apps.map((_, app) =>
      Math.abs(profile.rps[other * width + app]! - truth.rps[row * width + app]!)
    );
  }).filter((difference) => !Number.isNaN(difference));
  return mean(differences);
}
