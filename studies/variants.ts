import {
  coverStrategy,
  optimisticStrategy,
  randomStrategy,
  uncertaintyStrategy,
} from "../profiling/strategy.ts";
import {
  ACTIVE_COLUMNS,
  ActiveRuns,
  DEFAULT_VARIANT,
  optimism,
  type Variant,
} from "./common/active.ts";
import { type Axis, casesOf, chosen, type Study } from "./common/study.ts";

const VARIANTS: Readonly<Record<string, Variant>> = {
  default: DEFAULT_VARIANT,
  "no exploration": { strategy: optimisticStrategy({ first: 1, last: 0.5 }) },
  "a quarter random": { strategy: optimism(1, 0.5, 0.25) },
  "10 % cover": { strategy: optimism(1, 0.5, 0.1, coverStrategy) },
  "10 % uncertainty": { strategy: optimism(1, 0.5, 0.1, uncertaintyStrategy) },
  "k 2 to 1": { strategy: optimism(2, 1) },
  "k 0.5 to 0": { strategy: optimism(0.5, 0) },
  "random start": { strategy: optimism(1, 0.5), opening: "random" },
  "20 % trees": { strategy: optimism(1, 0.5), treesWeight: 0.2 },
  "random only": { strategy: randomStrategy },
  "cover only": { strategy: coverStrategy },
  "uncertainty only": { strategy: uncertaintyStrategy },
};

const TRUTH: Axis = { standard: ["pool", "rf20", "synth0", "synth3"], quick: ["synth0"] };
const VARIANT: Axis = { standard: Object.keys(VARIANTS), quick: ["random only"] };
const BUDGET = 150;
const SEEDS = 3;

/** Active profiling with other strategies and options. */
export const study: Study = {
  summary: "regret of active profiling with other strategies and options, 150 measurements",
  takes: { all: "10 minutes", quick: "6 seconds" },
  needsData: { all: true, quick: false },
  cases: casesOf(TRUTH, VARIANT),
  run: async (setting) => {
    const { quick, seeds = quick ? 1 : SEEDS, tell } = setting;
    const rows: string[][] = [];
    for (const name of chosen(TRUTH, setting)) {
      const runs = await ActiveRuns.on(name);
      for (const variant of chosen(VARIANT, setting)) {
        rows.push([name, variant, ...await runs.cells(BUDGET, seeds, VARIANTS[variant]!)]);
        tell(rows.at(-1)!.join(", "));
      }
    }
    return [{
      title: `Variants of active profiling, ${BUDGET} measurements`,
      columns: [{ title: "truth" }, { title: "variant" }, ...ACTIVE_COLUMNS],
      rows,
    }];
  },
};
