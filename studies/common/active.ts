import { multinomialDemands } from "../../domain/mod.ts";
import { fitModel } from "../../models/mod.ts";
import { type ActiveOptions, profileActively } from "../../profiling/active.ts";
import { TableMeasurer } from "../../profiling/measurer.ts";
import {
  mixtureStrategy,
  optimisticStrategy,
  randomStrategy,
  type Strategy,
} from "../../profiling/strategy.ts";
import { drawDemands, errorOnUnseen, NODES, RegretMeter } from "./regret.ts";
import { type Column, mean, percent } from "./study.ts";
import { CAPACITY, truthNamed } from "./truths.ts";

/** Demands that profiling sees. */
export const seenDemands = () => drawDemands(10, 77);

/** What of active profiling a study sets. */
export type Variant = Partial<ActiveOptions> & { readonly strategy: Strategy };

/** Plans as if all were so many deviations better than expected, from first to last; a share is left to another strategy. */
export function optimism(
  first: number,
  last: number,
  share = 0.1,
  other: Strategy = randomStrategy,
): Strategy {
  return mixtureStrategy(optimisticStrategy({ first, last }), other, share);
}

/** What `metis profile --active` does where nobody chooses. */
export const DEFAULT_VARIANT: Variant = { strategy: optimism(1, 0.5) };

/** Columns of {@link ActiveRuns.cells}. */
export const ACTIVE_COLUMNS: readonly Column[] = [
  { title: "regret %", isNumber: true },
  { title: "per seed" },
  { title: "bound %", isNumber: true },
  { title: "error where present", isNumber: true },
  { title: "seconds", isNumber: true },
];

/** Active profiling of a truth: what the model `auto` of its measurements loses on demands that profiling did not see. */
export class ActiveRuns {
  private constructor(
    readonly truth: Awaited<ReturnType<typeof truthNamed>>,
    readonly meter: RegretMeter,
  ) {}

  /** @param name A truth. */
  static async on(name: string): Promise<ActiveRuns> {
    const truth = await truthNamed(name);
    return new ActiveRuns(truth, new RegretMeter(truth, drawDemands(10, 5)));
  }

  /** Figures of runs with the seeds from 1 upwards. */
  async cells(budget: number, seeds: number, variant: Variant): Promise<string[]> {
    const { truth, meter } = this;
    const regrets: number[] = [];
    const bounds: number[] = [];
    const errors: number[] = [];
    let seconds = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const started = performance.now();
      const { profile, rounds } = await profileActively({
        measurer: new TableMeasurer(truth, CAPACITY),
        budget,
        nodes: NODES,
        demands: seenDemands(),
        drawDemand: multinomialDemands(7, 200, 400),
        seed,
        ...variant,
      });
      seconds += (performance.now() - started) / 1000 / seeds;
      const model = fitModel("auto", profile, { seed });
      regrets.push(mean(await meter.measure(model)));
      bounds.push(rounds.at(-1)!.regretBound ?? NaN);
      errors.push(errorOnUnseen(model, profile, truth));
    }
    return [
      percent(mean(regrets)),
      regrets.map(percent).join(" "),
      percent(mean(bounds)),
      mean(errors).toFixed(4),
      seconds.toFixed(1),
    ];
  }
}
