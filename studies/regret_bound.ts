/**
 * How often the bound on the regret that active profiling prints holds; the table of docs/design/profiling.md:
 *   deno run --allow-read --allow-env studies/regret_bound.ts rf20,rough-trees,rough-gaussian,synth0,synth3 SEEDS BUDGET
 * Every bound that is printed is compared with the regret, the mean over six demands that profiling did not see, of planning
 * by the mean that the bound is about: a Gaussian process that answers measured configurations with their measurements.
 * - holds: share of the printed bounds that the regret is below; always: runs in which all of them hold
 * - at 2 %: runs whose bound came to 2 %, after how many measurements, and in how many of them the regret was below then
 * Lines of Markdown on standard output. Quick: one truth, one seed, a budget of 80: half a minute.
 */
import { multinomialDemands } from "../domain/mod.ts";
import { fitGaussian, TableModel } from "../models/mod.ts";
import { profileActively } from "../profiling/active.ts";
import { TableMeasurer } from "../profiling/measurer.ts";
import { strategyNamed } from "../profiling/strategy.ts";
import { CAPACITY, draw, mean, Meter, NODES, percent, truthNamed } from "./truths.ts";

/** A bound that a user may ask for. */
const TARGET = 0.02;

const [truths = "rf20", seeds = "1", budget = "80", first = "1"] = Deno.args;
console.log(
  "| truth | runs | bounds | holds % | always | last bound % | last regret % | at 2 %: runs, measurements, below |",
);
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
for (const name of truths.split(",")) {
  const truth = await truthNamed(name);
  const meter = new Meter(truth, draw(6, 5));
  const runs: { measurements: number; bound: number; regret: number }[][] = [];
  for (let seed = Number(first); seed < Number(first) + Number(seeds); seed++) {
    const run: typeof runs[number] = [];
    await profileActively({
      measurer: new TableMeasurer(truth, CAPACITY),
      strategy: strategyNamed("mixture"),
      budget: Number(budget),
      batch: 5,
      nodes: NODES,
      demands: draw(10, 77),
      drawDemand: multinomialDemands(7, 200, 400),
      seed,
      onRound: async ({ measurements, profile, regretBound }) => {
        if (regretBound === null) return;
        const model = new TableModel(
          profile,
          fitGaussian(profile, { seed, steps: 10, searchRows: 120 }),
        );
        run.push({ measurements, bound: regretBound, regret: mean(await meter.measure(model)) });
      },
    });
    runs.push(run);
  }
  const all = runs.flat();
  const holds = ({ bound, regret }: { bound: number; regret: number }) => regret <= bound;
  const reached = runs.flatMap((run) => run.find(({ bound }) => bound <= TARGET) ?? []);
  const ends = runs.flatMap((run) => run.at(-1) ?? []);
  console.log(
    `| ${name} | ${runs.length} | ${all.length} | ${
      Math.round(100 * all.filter(holds).length / all.length)
    } | ${runs.filter((run) => run.every(holds)).length} of ${runs.length} | ${
      ends.map(({ bound }) => percent(bound)).join(" ")
    } | ${ends.map(({ regret }) => percent(regret)).join(" ")} | ${reached.length}, ${
      reached.map(({ measurements }) => measurements).join(" ") || "-"
    }, ${reached.filter(({ regret }) => regret <= TARGET).length} |`,
  );
}
