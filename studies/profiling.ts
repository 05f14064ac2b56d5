/**
 * The tables of docs/design/profiling.md:
 *   deno run --allow-read --allow-env --allow-sys studies/profiling.ts models  pool,rf20,synth0,synth3 SEEDS
 *   deno run --allow-read --allow-env --allow-sys studies/profiling.ts active  pool,rf20,synth0,synth3 SEEDS BUDGET [VARIANT,...]
 * Truths: see truths.ts.
 * Regret: means over ten demands of 200, 300 or 400 containers on 81 nodes that profiling did not see, by the
 * linear relaxation. Lines of Markdown on standard output.
 */
import { multinomialDemands } from "../domain/mod.ts";
import { fitModel } from "../models/mod.ts";
import { type ActiveOptions, profileActively } from "../profiling/active.ts";
import { TableMeasurer } from "../profiling/measurer.ts";
import {
  coverStrategy,
  mixtureStrategy,
  optimisticStrategy,
  randomStrategy,
  type Strategy,
  uncertaintyStrategy,
} from "../profiling/strategy.ts";
import {
  CAPACITY,
  distinct,
  draw,
  errorOnUnseen,
  load,
  mean,
  Meter,
  NODES,
  percent,
  sample,
  truthNamed,
} from "./truths.ts";

const optimism = (first: number, last: number, share = 0.1, other: Strategy = randomStrategy) =>
  mixtureStrategy(optimisticStrategy({ first, last }), other, share);

const VARIANTS: Readonly<Record<string, Partial<ActiveOptions> & { strategy: Strategy }>> = {
  default: { strategy: optimism(1, 0.5) },
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

async function tableOfModels(truths: string[], seeds: number): Promise<void> {
  console.log(
    "| truth | rows | model | regret % | per sample | error where present | seconds to fit |",
  );
  console.log("| --- | ---: | --- | ---: | --- | ---: | ---: |");
  for (const name of truths) {
    const truth = await truthNamed(name);
    const meter = new Meter(truth, draw(10, 5));
    const real = !name.startsWith("synth");
    const given = [
      ...(real ? [["322 given", distinct(await load("metis-322.npz"))] as const] : []),
      ...(real && name !== "pool"
        ? [["2008 given", distinct(await load("metis-2008.npz"))] as const]
        : []),
    ];
    const samples = Array.from({ length: seeds }, (_, seed) => sample(truth, 322, seed + 1));
    for (
      const [label, trains] of [
        ...given.map(([label, rows]) => [label, [rows]] as const),
        ["322 random", samples] as const,
      ]
    ) {
      for (const kind of ["forest", "extra-trees", "boosting", "gaussian", "auto", "pooled"]) {
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
        console.log(
          `| ${name} | ${label} | ${kind} | ${percent(mean(regrets))} | ${
            regrets.map(percent).join(" ")
          } | ${mean(errors).toFixed(4)} | ${seconds.toFixed(2)} |`,
        );
      }
    }
  }
}

async function tableOfStrategies(
  truths: string[],
  seeds: number,
  budget: number,
  variants: string[],
): Promise<void> {
  console.log(
    "| truth | measurements | variant | regret % | per seed | bound % | error where present | seconds |",
  );
  console.log("| --- | ---: | --- | ---: | --- | ---: | ---: | ---: |");
  for (const name of truths) {
    const truth = await truthNamed(name);
    const meter = new Meter(truth, draw(10, 5));
    const demands = draw(10, 77);
    for (const label of variants) {
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
          demands,
          drawDemand: multinomialDemands(7, 200, 400),
          seed,
          ...VARIANTS[label]!,
        });
        seconds += (performance.now() - started) / 1000 / seeds;
        const model = fitModel("auto", profile, { seed });
        regrets.push(mean(await meter.measure(model)));
        bounds.push(rounds.at(-1)!.regretBound ?? NaN);
        errors.push(errorOnUnseen(model, profile, truth));
      }
      console.log(
        `| ${name} | ${budget} | ${label} | ${percent(mean(regrets))} | ${
          regrets.map(percent).join(" ")
        } | ${percent(mean(bounds))} | ${mean(errors).toFixed(4)} | ${seconds.toFixed(1)} |`,
      );
    }
  }
}

const [what, truths = "pool", seeds = "2", budget = "150", variants] = Deno.args;
if (what === "models") await tableOfModels(truths.split(","), Number(seeds));
else {
  const names = variants?.split(",") ?? Object.keys(VARIANTS);
  await tableOfStrategies(truths.split(","), Number(seeds), Number(budget), names);
}
