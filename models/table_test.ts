import assert from "node:assert/strict";
import { InputError, type InterferenceModel, MissingConfigurationError } from "../domain/mod.ts";
import { describeConfiguration, TableModel } from "./table.ts";

const PROFILE = {
  apps: ["redis", "mms", "isr"],
  rows: 3,
  counts: Uint8Array.of(1, 0, 0, 2, 0, 1, 1, 0, 0),
  rps: Float64Array.of(1, NaN, NaN, 0.75, NaN, 0.5, 0.5, NaN, NaN),
};

Deno.test("a table gives what was measured, the mean of repeats, and 0 for absent apps", () => {
  const table = new TableModel(PROFILE);
  assert.equal(table.rows, 2);
  assert.deepEqual(
    table.predict(Uint8Array.of(2, 0, 1, 1, 0, 0), 2),
    Float64Array.of(0.75, 0, 0.5, 0.75, 0, 0),
  );
});

Deno.test("the empty configuration is never missing from a table", () => {
  const predicted = new TableModel(PROFILE).predict(new Uint8Array(3), 1);
  assert.deepEqual(predicted, new Float64Array(3));
});

Deno.test("a missing configuration is named in words, with how many others are missing", () => {
  const table = new TableModel(PROFILE);
  assert.throws(() => table.predict(Uint8Array.of(2, 0, 2), 1), {
    name: "MissingConfigurationError",
    message:
      "Configuration 2 x redis, 2 x isr is not in the table: measure it, or name a fallback model",
  });
  const three = Uint8Array.of(0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 3, 0);
  assert.throws(
    () => table.predict(three, 4),
    (error) =>
      error instanceof MissingConfigurationError && /\(nor are 2 others\)/.test(error.message),
  );
});

Deno.test("a fallback model answers for what a table lacks, and for nothing else", () => {
  const asked: number[][] = [];
  const fallback: InterferenceModel = {
    kind: "half",
    apps: PROFILE.apps,
    predict: (counts) => {
      asked.push([...counts]);
      return Float64Array.from(counts, (count) => (count > 0 ? 0.5 : 0));
    },
  };
  const predicted = new TableModel(PROFILE, fallback)
    .predict(Uint8Array.of(0, 1, 0, 2, 0, 1, 0, 0, 0, 0, 0, 4), 4);
  assert.deepEqual([...predicted], [0, 0.5, 0, 0.75, 0, 0.5, 0, 0, 0, 0, 0, 0.5]);
  assert.deepEqual(asked, [[0, 1, 0, 0, 0, 4]]);
  assert.throws(
    () => new TableModel(PROFILE, { ...fallback, apps: ["a", "b", "c"] }),
    /differ from those of the table/,
  );
});

Deno.test("a table refuses a present app without RPS, and counts of another length", () => {
  const rps = PROFILE.rps.with(5, NaN);
  assert.throws(() => new TableModel({ ...PROFILE, rps }), InputError);
  assert.throws(() => new TableModel({ ...PROFILE, rows: 0 }), /without rows/);
  assert.throws(() => new TableModel(PROFILE).predict(Uint8Array.of(1, 0), 1), /Wrong length/);
});

Deno.test("configurations are described by count and app", () => {
  assert.equal(describeConfiguration(["a", "b", "c"], [9, 2, 0, 1], 1), "2 x a, 1 x c");
  assert.equal(describeConfiguration(["a"], [0]), "empty");
});
