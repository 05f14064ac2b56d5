import { ACTIVE_COLUMNS, ActiveRuns, DEFAULT_VARIANT } from "./common/active.ts";
import { type Axis, casesOf, chosen, type Study } from "./common/study.ts";
import { TRUTHS } from "./common/truths.ts";

const TRUTH: Axis = { standard: TRUTHS, quick: ["synth0"] };
const BUDGET: Axis = { standard: ["150", "322"], quick: ["100"] };
const SEEDS = 5;

/** What active profiling leaves of the regret, by its budget. */
export const study: Study = {
  summary: "regret of placing by what active profiling measured, by its budget",
  takes: { all: "10 minutes", quick: "6 seconds" },
  needsData: { all: true, quick: false },
  cases: casesOf(TRUTH, BUDGET),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : SEEDS, tell } = setting;
    const rows: string[][] = [];
    for (const name of chosen(TRUTH, setting)) {
      const runs = await ActiveRuns.on(name);
      for (const budget of chosen(BUDGET, setting)) {
        rows.push([name, budget, ...await runs.cells(Number(budget), seeds, DEFAULT_VARIANT)]);
        tell(rows.at(-1)!.join(", "));
      }
    }
    return [{
      title: "Active profiling",
      columns: [{ title: "truth" }, { title: "measurements", isNumber: true }, ...ACTIVE_COLUMNS],
      rows,
    }];
  },
};
