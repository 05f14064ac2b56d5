import { multinomialDemands } from "../domain/mod.ts";
import { fitGaussian, TableModel } from "../models/mod.ts";
import { profileActively } from "../profiling/active.ts";
import { TableMeasurer } from "../profiling/measurer.ts";
import { LEAST_BOUND } from "../profiling/regret_bound.ts";
import { strategyNamed } from "../profiling/strategy.ts";
import { seenDemands } from "./common/active.ts";
import { drawDemands, NODES, RegretMeter } from "./common/regret.ts";
import { type Axis, casesOf, chosen, mean, percent, type Study } from "./common/study.ts";
import { CAPACITY, truthNamed, TRUTHS } from "./common/truths.ts";

const TRUTH: Axis = { standard: TRUTHS.filter((name) => name !== "pool"), quick: ["synth0"] };
const BUDGET: Axis = { standard: ["125"], quick: ["80"], more: ["220"] };
const SEEDS = 3;
/** Seeds that the bound was chosen on: a study takes those above. */
const SEEDS_BEFORE = 10;
/** A bound that a user may ask for. */
const TARGET = LEAST_BOUND;

/** A bound that was printed, and the regret at that moment. */
interface PrintedBound {
  readonly measurements: number;
  readonly bound: number;
  readonly regret: number;
}

/**
 * How often the bound on the regret that active profiling prints holds. Every bound that is printed is compared with the
 * regret, the mean over six demands that profiling did not see, of planning by the mean that the bound is about: a Gaussian
 * process that answers measured configurations with their measurements.
 * - holds: share of the printed bounds that the regret is below; always: runs in which all of them hold
 * - at 3 %: runs whose bound came to 3 %, the least that is told, after how many measurements, and in how many of them the regret was below then
 */
export const study: Study = {
  summary: "how often the bound on the regret that active profiling prints holds",
  takes: { all: "5 minutes", quick: "4 seconds" },
  needsData: { all: true, quick: false },
  cases: casesOf(TRUTH, BUDGET),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : SEEDS, tell } = setting;
    const rows: string[][] = [];
    for (const name of chosen(TRUTH, setting)) {
      const truth = await truthNamed(name);
      const meter = new RegretMeter(truth, drawDemands(6, 5));
      const measurer = () => new TableMeasurer(truth, CAPACITY);
      for (const budget of chosen(BUDGET, setting)) {
        const runs: PrintedBound[][] = [];
        for (let seed = SEEDS_BEFORE + 1; seed <= SEEDS_BEFORE + seeds; seed++) {
          runs.push(await boundsOf(measurer(), meter, Number(budget), seed));
        }
        rows.push([name, budget, ...cellsOf(runs)]);
        tell(rows.at(-1)!.join(", "));
      }
    }
    return [{
      title: "Bounds on the regret",
      columns: [
        { title: "truth" },
        { title: "measurements", isNumber: true },
        { title: "runs", isNumber: true },
        { title: "bounds", isNumber: true },
        { title: "holds %", isNumber: true },
        { title: "always", isNumber: true },
        { title: "last bound %", isNumber: true },
        { title: "last regret %", isNumber: true },
        { title: "at 3 %: runs, measurements, below" },
      ],
      rows,
    }];
  },
};

/** The bounds that a run prints. */
async function boundsOf(
  measurer: TableMeasurer,
  meter: RegretMeter,
  budget: number,
  seed: number,
): Promise<PrintedBound[]> {
  const bounds: PrintedBound[] = [];
  await profileActively({
    measurer,
    strategy: strategyNamed("mixture"),
    budget,
    batch: 5,
    nodes: NODES,
    demands: seenDemands(),
    drawDemand: multinomialDemands(7, 200, 400),
    seed,
    onRound: async ({ measurements, profile, regretBound }) => {
      if (regretBound === null) return;
      const gaussian = fitGaussian(profile, { seed, steps: 10, searchRows: 120 });
      const regret = mean(await meter.measure(new TableModel(profile, gaussian)));
      bounds.push({ measurements, bound: regretBound, regret });
    },
  });
  return bounds;
}

/** The columns of figures. */
function cellsOf(runs: readonly PrintedBound[][]): string[] {
  const all = runs.flat();
  const holds = ({ bound, regret }: PrintedBound) => regret <= bound;
  const reached = runs.flatMap((run) => run.find(({ bound }) => bound <= TARGET) ?? []);
  const ends = runs.flatMap((run) => run.at(-1) ?? []);
  const when = reached.map(({ measurements }) => measurements).join(" ") || "-";
  return [
    `${runs.length}`,
    `${all.length}`,
    `${Math.round(100 * all.filter(holds).length / all.length)}`,
    `${runs.filter((run) => run.every(holds)).length} of ${runs.length}`,
    ends.map(({ bound }) => percent(bound)).join(" "),
    ends.map(({ regret }) => percent(regret)).join(" "),
    `${reached.length}, ${when}, ${reached.filter(({ regret }) => regret <= TARGET).length}`,
  ];
}
