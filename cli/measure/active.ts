import {
  countOf,
  InterruptedError,
  measurementTotal,
  type Profile,
  selectRows,
} from "../../domain/mod.ts";
import { fitModel } from "../../models/mod.ts";
import {
  type ActiveResult,
  describePairs,
  profileActively,
  renderHeatMap,
  renderReport,
  strategyNamed,
} from "../../profiling/mod.ts";
import { type CliContext, printJson } from "../context.ts";
import { durationText } from "./load.ts";
import { regretLine, regretPlot } from "../output/plots/regret.ts";
import type { Talk } from "../output/progress.ts";
import { renderPairs } from "../output/table.ts";
import { loadDemandSource, planNodes, type ProfileArguments } from "./arguments.ts";
import { type Measuring, tellTime } from "./measuring.ts";

/** Kind of model that the report speaks of. */
const REPORT_FIT = "auto";

/** Chooses what to measure from what was measured. @throws {InterruptedError} with what there is saved. */
export async function runActive(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
  measuring: Measuring,
): Promise<void> {
  const { demands, drawDemand } = await loadDemandSource(context, given, measuring.measurer);
  const { budget, seed, targetRegret, batch } = given;
  const began = context.seconds();
  const start = given.oracle === undefined && measuring.start
    ? withoutSingles(measuring.start)
    : measuring.start;
  const before = start === undefined ? 0 : measurementTotal(start);
  tellTime(talk, measuring, Math.max(0, budget - before));
  const result = await profileActively({
    measurer: measuring.measurer,
    strategy: strategyNamed(given.strategy),
    budget,
    nodes: planNodes(given),
    seed,
    demands,
    drawDemand,
    signal: context.signal,
    ...(targetRegret === undefined ? {} : { targetRegret }),
    ...(batch === undefined ? {} : { batch }),
    ...(start ? { start } : {}),
    onRound: async ({ measurements, profile, regretBound }) => {
      await measuring.save(profile);
      const done = measurements - before;
      const spent = context.seconds() - began;
      const left = done > 0 ? spent / done * (budget - measurements) : 0;
      const text = `${measurements} of ${budget} measured, ${
        regretBound === null
          ? "no bound on the regret yet"
          : `regret at most ${boundText(regretBound)}`
      }, ${durationText(left)} left`;
      talk.notice(text);
      talk.step({ fraction: measurements / budget, text });
      // Lets a Ctrl-C through.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  });
  talk.clear();
  if (result.ended === "interrupted") {
    throw new InterruptedError(
      `Interrupted after ${
        countOf(measurementTotal(result.profile), "measurement")
      }, kept in ${given.out}: resume with --resume`,
    );
  }
  await tell(context, talk, given, measuring, result);
}

/** A bound on the regret for people: it holds in nine of ten runs. */
function boundText(bound: number): string {
  return `${(100 * bound).toFixed(2)} % (90 %)`;
}

/** Containers alone are what a cluster is normalised by: they were not chosen, and do not count in the budget. */
function withoutSingles(profile: Profile): Profile {
  const width = profile.apps.length;
  const rows = Array.from({ length: profile.rows }, (_, row) => row).filter((row) =>
    profile.counts.subarray(row * width, (row + 1) * width).reduce((sum, one) => sum + one, 0) > 1
  );
  return selectRows(profile, rows);
}

async function tell(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
  measuring: Measuring,
  result: ActiveResult,
): Promise<void> {
  const { profile, notes, rounds, ended } = result;
  const { capacity, scatters } = measuring.measurer;
  const model = fitModel(REPORT_FIT, profile, { seed: given.seed, trustMeasured: !scatters });
  const pairs = describePairs(model, Math.max(1, capacity - 1));
  const bounded = rounds.flatMap(({ measurements, regretBound }) =>
    regretBound === null ? [] : [{ measurements, regretBound }]
  );
  const regretBound = rounds.at(-1)?.regretBound ?? null;
  const bound = regretBound === null ? "unknown" : boundText(regretBound);
  const reason = {
    budget: "the budget is spent",
    target: "the bound on the regret is at most the target",
    exhausted: "nothing is left to measure",
    interrupted: "interrupted",
  }[ended];
  if (given.heatMap !== undefined) {
    await context.writeFile(given.heatMap, renderHeatMap(model, capacity));
  }
  if (given.plot !== undefined) {
    const title = `Strategy ${given.strategy}, ${measurementTotal(profile)} measurements`;
    await context.writeFile(given.plot, regretPlot(title, bounded, given.targetRegret ?? null));
  }
  if (given.report !== undefined) {
    const summary = [
      `${measurementTotal(profile)} measurements; ended because ${reason}`,
      `strategy ${given.strategy}, seed ${given.seed}, ${
        planNodes(given)
      } nodes of ${capacity} slots`,
      `bound on the expected regret: ${bound}`,
      ...measuring.summary().map(([name, text]) => `${name}: ${text}`),
      ...(given.heatMap === undefined ? [] : [`heat map: ${given.heatMap}`]),
    ];
    const title = "Active profile";
    const text = renderReport({ title, model, capacity, notes, summary });
    await context.writeFile(given.report, text);
  }
  if (given.json) {
    return printJson(context, {
      profile: given.out,
      apps: profile.apps,
      measurements: measurementTotal(profile),
      strategy: given.strategy,
      ended,
      regretBound,
      rounds,
      pairs,
      seed: given.seed,
      ...measuring.facts(),
    });
  }
  context.stdout.write(renderPairs([
    ["profile", given.out],
    ["measurements", `${measurementTotal(profile)}`],
    ["ended", reason],
    ["regret at most", bound],
    ["how it fell", regretLine(bounded)],
    ...measuring.summary(),
    ...pairs.slice(0, 10).map((text, at) => [at === 0 ? "learned" : "", text] as const),
  ]));
  for (const file of [given.report, given.heatMap, given.plot]) {
    if (file !== undefined) talk.notice(`Wrote ${file}`);
  }
}
