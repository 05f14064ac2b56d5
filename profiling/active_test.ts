import assert from "node:assert/strict";
import { contentionModel, randomApps } from "../datasets/mod.ts";
import {
  configurationKey,
  measurementTotal,
  multinomialDemands,
  type Profile,
  selectRows,
} from "../domain/mod.ts";
import { fitModel, TableModel } from "../models/mod.ts";
import { readProfile, writeProfileCsv } from "../profiles/mod.ts";
import { type ActiveOptions, allConfigurations, profileActively } from "./active.ts";
import {
  type Measurement,
  type Measurer,
  profileOf,
  ScatteringMeasurer,
  TableMeasurer,
} from "./measurer.ts";
import { RegretMeter } from "./regret.ts";
import { averageRepeats } from "./repeats.ts";
import { LEAST_BOUND } from "./regret_bound.ts";
import { strategies, strategyNamed } from "./strategy.ts";

const APPS = 4;
const CAPACITY = 5;
const NODES = 12;

/** All configurations of a synthetic node of four apps and five slots. */
function truth(): Profile {
  const model = contentionModel(randomApps(APPS, 8));
  const counts = allConfigurations(APPS, CAPACITY).slice(APPS);
  const rows = counts.length / APPS;
  const rps = model.predict(counts, rows).map((value, at) => counts[at] === 0 ? NaN : value);
  return { apps: [...model.apps], rows, counts, rps };
}

const DEMANDS = [[9, 8, 10, 7], [12, 6, 9, 15]];

function options(more: Partial<ActiveOptions> = {}): ActiveOptions {
  return {
    measurer: new TableMeasurer(truth(), CAPACITY),
    strategy: strategyNamed("mixture"),
    budget: 40,
    nodes: NODES,
    demands: DEMANDS,
    drawDemand: multinomialDemands(APPS, 20, 45),
    seed: 3,
    ...more,
  };
}

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));

const measurementsIn = ({ rows, counts, rps, apps }: Profile): Measurement[] =>
  Array.from({ length: rows }, (_, row) => ({
    counts: counts.slice(row * apps.length, (row + 1) * apps.length),
    rps: rps.slice(row * apps.length, (row + 1) * apps.length),
  }));

const keys = ({ rows, counts, apps }: Profile) =>
  Array.from(
    { length: rows },
    (_, row) => configurationKey(counts, row * apps.length, apps.length),
  );

Deno.test("every strategy spends the budget exactly, on different configurations, deterministically", async () => {
  for (const strategy of strategies()) {
    const { profile, notes, ended } = await profileActively(options({ strategy }));
    assert.equal(profile.rows, 40, strategy.name);
    assert.equal(new Set(keys(profile)).size, 40, strategy.name);
    assert.equal(notes.length, 40);
    assert.equal(ended, "budget");
    const again = await profileActively(options({ strategy }));
    assert.deepEqual(again.profile, profile, strategy.name);
  }
});

Deno.test("what plans use is worth more than what chance brings: a third of the space gives almost no regret", async () => {
  const meter = new RegretMeter(truth(), { demands: DEMANDS, nodes: NODES });
  const regretOf = async (name: string): Promise<number> => {
    const { profile } = await profileActively(options({ strategy: strategyNamed(name) }));
    return (await meter.measure(fitModel("auto", profile, { seed: 1 }))).regret;
  };
  const planned = await regretOf("mixture");
  assert.ok(planned < 0.003, `${planned}`);
  assert.ok(planned <= await regretOf("random"));
});

Deno.test("an interrupted profile continues where it stopped, and measures nothing twice", async () => {
  const interrupted = new AbortController();
  const first = await profileActively(options({
    signal: interrupted.signal,
    onRound: ({ measurements }) => {
      if (measurements >= 20) interrupted.abort();
    },
  }));
  assert.equal(first.ended, "interrupted");
  assert.ok(first.profile.rows >= 20 && first.profile.rows < 40);
  const whole = await profileActively(options({ start: first.profile }));
  assert.equal(whole.profile.rows, 40);
  assert.equal(new Set(keys(whole.profile)).size, 40);
  assert.deepEqual(keys(whole.profile).slice(0, first.profile.rows), keys(first.profile));
});

Deno.test("it stops once the bound on the regret is at most the target", async () => {
  const { profile, ended, rounds } = await profileActively(
    options({ budget: 100, batch: 5, targetRegret: 0.2 }),
  );
  assert.equal(ended, "target");
  assert.ok(profile.rows < 100);
  assert.ok(rounds.at(-1)!.regretBound! <= 0.2);
  // What was measured before there was a model put no prediction to the test.
  const opening = rounds[0]!.measurements;
  for (const { measurements, regretBound } of rounds) {
    assert.equal(regretBound === null, measurements - opening < 30);
  }
});

Deno.test("it ends by itself where nothing is left to measure", async () => {
  const { profile, ended, rounds } = await profileActively(
    options({ budget: 1000, strategy: strategyNamed("random"), batch: 30 }),
  );
  // All but the four lone containers, which are known.
  assert.equal(profile.rows, truth().rows - APPS);
  assert.equal(ended, "exhausted");
  // A bound is not told finer than it holds, until everything is known.
  const bounds = rounds.flatMap(({ regretBound }) => regretBound ?? []);
  assert.equal(bounds.pop(), 0);
  assert.ok(bounds.length > 0 && bounds.every((bound) => bound >= LEAST_BOUND), `${bounds}`);
});

Deno.test("a measurer with gaps is only asked for what it has", async () => {
  const whole = truth();
  const kept = 90;
  const part = {
    ...whole,
    rows: kept,
    counts: whole.counts.slice(0, kept * APPS),
    rps: whole.rps.slice(0, kept * APPS),
  };
  // Small demands, since only configurations of few containers are there.
  const { profile } = await profileActively(options({
    measurer: new TableMeasurer(part, CAPACITY),
    demands: [[5, 4, 5, 4]],
    drawDemand: null,
    budget: 30,
  }));
  const available = new Set(keys(part));
  assert.ok(keys(profile).every((key) => available.has(key)));
});

Deno.test("where measurements scatter, what plans lean on is measured again", async () => {
  const scattering = new ScatteringMeasurer(new TableMeasurer(truth(), CAPACITY), 0.1, 9);
  const { profile, notes } = await profileActively(
    options({ measurer: scattering, budget: 90, batch: 6 }),
  );
  assert.equal(profile.rows, 90);
  assert.ok(new Set(keys(profile)).size < 90);
  assert.ok(notes.some(({ reason }) => reason.startsWith("repeat")));
  // Files hold one row per configuration: the mean of what was measured.
  const averaged = averageRepeats(profile);
  assert.equal(new Set(keys(averaged)).size, averaged.rows);
  const repeated = keys(profile).findIndex((key, row, all) => all.indexOf(key) < row);
  const key = keys(profile)[repeated];
  const rows = keys(profile).flatMap((other, row) => other === key ? [row] : []);
  const app = profile.counts.subarray(repeated * APPS).findIndex((count) => count > 0);
  const values = rows.map((row) => profile.rps[row * APPS + app]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(averaged.rps[keys(averaged).indexOf(key!) * APPS + app]! - mean) < 1e-12);
});

Deno.test("a profile of repeats goes on from its file as from memory: nothing that was measured is lost", async () => {
  const measurer = () => new ScatteringMeasurer(new TableMeasurer(truth(), CAPACITY), 0.1, 9);
  const { profile } = await profileActively(
    options({ measurer: measurer(), budget: 60, batch: 6 }),
  );
  const text = writeProfileCsv(averageRepeats(profile));
  const { profile: start } = await readProfile(new TextEncoder().encode(text), "file.csv");
  assert.equal(measurementTotal(start), 60);
  const on = await profileActively(options({ measurer: measurer(), budget: 60, start }));
  assert.equal(on.profile.rows, start.rows, "the budget was spent already");
  const more = await profileActively(
    options({ measurer: measurer(), budget: 90, start, batch: 6 }),
  );
  assert.equal(measurementTotal(more.profile), 90);
  // Folding in two parts gives what folding at once does.
  const half = 30;
  const part = (first: number, last: number) =>
    selectRows(profile, Array.from({ length: last - first }, (_, at) => first + at));
  const folded = averageRepeats(part(0, half));
  const rest = part(half, profile.rows);
  const apart = averageRepeats(profileOf(profile.apps, measurementsIn(rest), folded));
  const whole = averageRepeats(profile);
  assert.deepEqual(keys(apart), keys(whole));
  assert.deepEqual(apart.measurements, whole.measurements);
  for (const kind of ["rps", "deviations"] as const) {
    whole[kind]!.forEach((value, at) => {
      assert.ok(
        Number.isNaN(value) ? Number.isNaN(apart[kind]![at]!) : near(value, apart[kind]![at]!),
      );
    });
  }
});

Deno.test("latencies that a measurer knows are kept, and averaged with the rest", async () => {
  const table = truth();
  const p99 = table.rps.map((value) => 10 / value);
  const { profile } = await profileActively(
    options({ measurer: new TableMeasurer({ ...table, p99 }, CAPACITY) }),
  );
  profile.rps.forEach((value, at) =>
    assert.ok(
      Number.isNaN(value) ? Number.isNaN(profile.p99![at]!) : near(profile.p99![at]!, 10 / value),
    )
  );
  const twice = profileOf(
    ["a"],
    [1, 3].map((value) => ({
      counts: Uint8Array.of(1),
      rps: Float64Array.of(value),
      p99: Float64Array.of(10 * value),
    })),
  );
  const { rps, p99: latency, measurements, deviations } = averageRepeats(twice);
  assert.deepEqual([...rps, ...latency!, ...measurements!], [2, 20, 2]);
  // Values 1 and 3: squares 1 + 1 over one degree of freedom.
  assert.ok(near(deviations![0]!, Math.SQRT2));
});

Deno.test("too many configurations, other apps and demands that do not fit are refused", async () => {
  const measurer: Measurer = {
    apps: Array.from({ length: 30 }, (_, app) => `app-${app}`),
    capacity: 20,
    parallel: 1,
    scatters: false,
    available: null,
    measure: () => Promise.reject(new Error("not asked")),
  };
  await assert.rejects(profileActively(options({ measurer, demands: [] })), {
    name: "UnsupportedError",
  });
  await assert.rejects(profileActively(options({ demands: [[100, 0, 0, 0]] })), {
    name: "InputError",
  });
  const start = { ...truth(), apps: ["a", "b", "c", "d"] };
  await assert.rejects(profileActively(options({ start })), { name: "InputError" });
  await assert.rejects(profileActively(options({ demands: [], drawDemand: null })), {
    name: "InputError",
  });
});

Deno.test("configurations come in the order of the simulator's ranks", async () => {
  const { Simulator } = await import("../sim-wasm/mod.ts");
  const simulator = Simulator.create({ model: new TableModel(truth()), capacity: CAPACITY });
  assert.deepEqual(
    allConfigurations(APPS, CAPACITY),
    simulator.configurationCounts(0, simulator.configurations),
  );
});

Deno.test("a configuration that cannot be measured is not asked for again, and costs nothing of the budget", async () => {
  const table = new TableMeasurer(truth(), CAPACITY);
  const failed: string[] = [];
  const measurer: Measurer = {
    apps: table.apps,
    capacity: CAPACITY,
    parallel: 1,
    scatters: false,
    available: table.available,
    // Whatever holds two or more of the first app fails.
    measure: async (configurations) =>
      (await table.measure(configurations)).map((measurement) => {
        if (measurement.counts[0]! < 2) return measurement;
        failed.push(measurement.counts.join());
        return null;
      }),
  };
  const { profile, notes, ended } = await profileActively(options({ measurer }));
  assert.equal(ended, "budget");
  assert.equal(profile.rows, 40);
  assert.equal(notes.length, 40);
  assert.ok(failed.length > 0);
  assert.equal(new Set(failed).size, failed.length);
  assert.ok(keys(profile).every((key) => Number(key.split(",")[0]) < 2));
});
