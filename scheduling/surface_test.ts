import assert from "node:assert/strict";
import {
  InputError,
  MissingConfigurationError,
  NO_RULES,
  type Profile,
  uniformCluster,
  UnsupportedError,
} from "../domain/mod.ts";
import { fitModel, loadModel, saveModel } from "../models/mod.ts";
import {
  problemOn,
  type Surface,
  surfaceFromModel,
  surfaceFromProfile,
  surfaceFromTable,
} from "./surface.ts";

/** Two apps on two slots, each configuration measured; beside a, b has a tail latency of 30 ms. */
const PROFILE: Profile = {
  apps: ["a", "b"],
  rows: 5,
  counts: Uint8Array.from([1, 0, 0, 1, 2, 0, 0, 2, 1, 1]),
  rps: Float64Array.from([1, NaN, NaN, 1, 0.8, NaN, NaN, 0.8, 1.9, 0.6]),
  p99: Float64Array.from([4, NaN, NaN, 10, 4, NaN, NaN, 10, 5, 30]),
};
const { p99: _, ...WITHOUT_LATENCIES } = PROFILE;
const WITH_GAP: Profile = {
  ...WITHOUT_LATENCIES,
  rows: 4,
  counts: PROFILE.counts.slice(0, 8),
  rps: PROFILE.rps.slice(0, 8),
};

Deno.test("The surface of a table holds the throughput of each of its rows", () => {
  const simulator = surfaceFromTable(PROFILE, { source: "t.csv" }).simulator(2);
  assert.equal(simulator.throughput(Uint8Array.of(2, 0)), 1.6);
  assert.equal(simulator.throughput(Uint8Array.of(1, 1)), 2.5);
});

Deno.test("The surface of a profile predicts what the named kind of model does with the same seed", () => {
  const surface = surfaceFromProfile(PROFILE, { source: "p.csv", fit: "forest", seed: 7 });
  const model = fitModel("forest", PROFILE, { seed: 7 });
  assert.deepEqual([surface.kind, surface.source, surface.profile], ["forest", "p.csv", PROFILE]);
  assert.deepEqual(surface.model.predict(PROFILE.counts, 5), model.predict(PROFILE.counts, 5));
});

Deno.test("A surface says what answers: the model that was chosen, the table, and what fills its gaps", () => {
  const kindOf = ({ kind, fallback }: Surface) => [kind, fallback];
  const fit = (name: string) => surfaceFromProfile(PROFILE, { source: "p.csv", fit: name });
  const table = (fallback?: string) => surfaceFromTable(PROFILE, { source: "t.csv", fallback });
  const saved = (name: string) =>
    surfaceFromModel(loadModel(saveModel(fitModel(name, PROFILE, { seed: 1 })), "m"), {
      source: "m",
    });
  for (const name of ["pooled", "extra-trees", "forest", "gaussian"]) {
    assert.deepEqual(kindOf(fit(name)), [name, null]);
    assert.deepEqual(kindOf(saved(name)), [name, null]);
  }
  // Few rows say nothing about weights: auto has fixed ones.
  assert.deepEqual(kindOf(fit("auto")), ["auto (0.8 gaussian, 0.2 extra-trees)", null]);
  assert.deepEqual(kindOf(saved("auto")), kindOf(fit("auto")));
  assert.deepEqual(kindOf(table()), ["table", null]);
  assert.deepEqual(kindOf(table("forest")), ["table", "forest"]);
  assert.deepEqual(kindOf(saved("table")), ["table", null]);
});

Deno.test("The surface of a saved model knows no rows and no latencies", () => {
  const saved = saveModel(fitModel("extra-trees", PROFILE, { seed: 1 }));
  const surface = surfaceFromModel(loadModel(saved, "m.json"), { source: "m.json" });
  assert.equal(surface.profile, undefined);
  assert.equal(surface.latencies(), null);
  assert.throws(
    () => surface.simulator(2, { limits: [null, 12] }),
    (error) => error instanceof UnsupportedError && error.message.startsWith("m.json: "),
  );
});

Deno.test("Limits forbid the configurations in which a latency is above them, and no others", () => {
  const surface = surfaceFromTable(PROFILE, { source: "t.csv" });
  const limited = surface.simulator(2, { limits: [null, 12] });
  assert.ok(limited.forbids);
  assert.ok(limited.throughput(Uint8Array.of(1, 1)) < 0);
  assert.equal(limited.throughput(Uint8Array.of(0, 2)), 1.6);
  assert.ok(!surface.simulator(2, { limits: [null, null] }).forbids);
});

Deno.test("A missing configuration is told with its source and the user's remedy, wherever it is asked for", () => {
  const surface = surfaceFromTable(WITH_GAP, { source: "t.csv", remedy: "--fallback forest" });
  const told = (error: unknown) =>
    error instanceof MissingConfigurationError &&
    /^t\.csv: Configuration 1 x a, 1 x b is not in .* \(--fallback forest\)$/.test(error.message);
  assert.throws(() => surface.simulator(2), told);
  assert.throws(() => surface.model.predict(Uint8Array.of(1, 1), 1), told);
  const filled = surfaceFromTable(WITH_GAP, { source: "t.csv", fallback: "forest" });
  assert.ok(filled.simulator(2).throughput(Uint8Array.of(1, 1)) > 0);
});

Deno.test("Rows that no model can learn from are refused with the name of their source", () => {
  const empty: Profile = {
    ...WITHOUT_LATENCIES,
    rows: 0,
    counts: new Uint8Array(),
    rps: new Float64Array(),
  };
  assert.throws(
    () => surfaceFromTable(empty, { source: "t.csv" }),
    (error) => error instanceof InputError && error.message.startsWith("t.csv: "),
  );
});

Deno.test("A problem has the apps of its simulator, and no rules where none are given", () => {
  const simulator = surfaceFromTable(PROFILE, { source: "t.csv" }).simulator(2);
  const cluster = uniformCluster(3, 2);
  const problem = problemOn(simulator, { cluster, demand: [1, 2], constraints: undefined });
  assert.deepEqual(problem, {
    apps: ["a", "b"],
    cluster,
    demand: [1, 2],
    rules: NO_RULES,
    simulator,
  });
});
