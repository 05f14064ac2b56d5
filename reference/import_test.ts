import assert from "node:assert/strict";
import { InputError } from "../domain/mod.ts";
import { sha256 } from "../policies/checkpoint/mod.ts";
import { readNpzArrays } from "../profiles/mod.ts";
import { HAS_REFERENCE, needsReference } from "./_needs.ts";
import { bundleOf } from "./_bundle.ts";
import { REFERENCE_FILES } from "./files.ts";
import { readReference } from "./folder.ts";
import { fitReferenceForest } from "./forest.ts";
import { makeReferenceData } from "./import.ts";
import { NumpyGenerator, writeNpz } from "./numpy.ts";
import { SOURCES } from "./sources.ts";
import { readTensorBundle } from "./tensor_bundle.ts";

/** A checkout of the 2020 release, for the test of the whole import. */
const RELEASE = Deno.env.get("METIS_RELEASE");

Deno.test({
  name: "a checkout of the 2020 release gives every file of the data, byte for byte" +
    (RELEASE
      ? ""
      : " (skipped: name a checkout of the release by METIS_RELEASE, see docs/data.md)"),
  ignore: !RELEASE,
  async fn() {
    const made = await makeReferenceData((path) => Deno.readFile(`${RELEASE}/${path}`));
    assert.deepEqual([...made.keys()], REFERENCE_FILES.map(({ name }) => name));
    for (const [name, bytes] of HAS_REFERENCE ? made : []) {
      assert.deepEqual(readReference(name), bytes, name);
    }
  },
});

Deno.test(needsReference({
  name: "every file of the reference data has its checksum",
  async fn() {
    for (const { name, sha256: sum } of REFERENCE_FILES) {
      assert.equal(await sha256(readReference(name)), sum, name);
    }
  },
}));

Deno.test("a checkout that lacks a file, or has another one, is refused by its name", async () => {
  const path = "Experiments/data/batch_set_200.npz";
  const sources = { [path]: SOURCES[path]! };
  const refused = (bytes: Uint8Array | null, message: RegExp) =>
    assert.rejects(
      makeReferenceData(() => Promise.resolve(bytes), sources),
      (error) => error instanceof InputError && message.test(error.message),
    );
  await refused(null, /^Experiments\/data\/batch_set_200\.npz: is missing: name a checkout/);
  await refused(Uint8Array.of(1), /^Experiments\/data\/batch_set_200\.npz: is not the file of/);
});

Deno.test("data that come out otherwise than pinned are refused by their name", async () => {
  const bytes = new TextEncoder().encode("another licence");
  const sources = { LICENSE: await sha256(bytes) };
  await assert.rejects(
    makeReferenceData(() => Promise.resolve(bytes), sources),
    /^InputError: LICENSE-metis: comes out with SHA-256/,
  );
});

Deno.test("the demands of 3000 containers are those of numpy's default_rng(3000)", async () => {
  const draws = new NumpyGenerator(3000);
  const rows = Array.from({ length: 30 }, () => draws.evenMultinomial(3000, 7).join(","));
  const header = "redis,mms,checksum,ycsb-a,ycsb-b,scene-detect,isr";
  const { sha256: sum } = REFERENCE_FILES.find(({ name }) => name === "batch-3000.csv")!;
  assert.equal(await sha256(new TextEncoder().encode([header, ...rows, ""].join("\n"))), sum);
});

Deno.test("random numbers are those of numpy's default_rng", () => {
  const draws = new NumpyGenerator(7);
  // numpy 1.24.2: default_rng(7).random(3), then .binomial(500, 0.8).
  for (const value of [0.625095466604667, 0.8972138009695755, 0.7756856902451935]) {
    assert.equal(draws.uniform(), value);
  }
  assert.equal(draws.binomial(500, 0.8), 398);
  assert.throws(() => draws.binomial(50, 0.5), RangeError);
});

Deno.test("an npz of 32-bit numbers is read back as it was written", async () => {
  const arrays = new Map([
    ["kernel", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 0.1) }],
    ["bias", { shape: [2], data: Float32Array.of(-1, Infinity) }],
  ]);
  const bytes = writeNpz(arrays);
  const read = await readNpzArrays(bytes);
  assert.deepEqual([...read.keys()], ["kernel", "bias"]);
  for (const [name, { shape, data }] of arrays) {
    assert.deepEqual(read.get(name)!.shape, shape);
    assert.deepEqual(read.get(name)!.data, data);
  }
  // numpy 1.24.2: numpy.savez() of the same arrays.
  assert.equal(
    await sha256(bytes),
    "08b26e457a691a936df19506c5714fc44e67c7616e6e2f468f0b5926dd8056e9",
  );
});

Deno.test("a checkpoint of TensorFlow 1 is read by the names of its arrays", () => {
  const arrays = new Map([
    ["fc101/bias", { shape: [2], data: Float32Array.of(1, -1) }],
    ["fc101/kernel", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
    ["step", { shape: [], data: Float32Array.of(7) }],
  ]);
  const { index, data } = bundleOf(arrays);
  assert.deepEqual(readTensorBundle(index, data, "model.ckpt"), arrays);
  for (const broken of [index.subarray(0, 20), index.subarray(1), new Uint8Array(100).fill(255)]) {
    assert.throws(
      () => readTensorBundle(broken, data, "model.ckpt"),
      /^InputError: model\.ckpt: is no/,
    );
  }
  assert.throws(
    () => readTensorBundle(index, data.subarray(0, 10), "model.ckpt"),
    /fc101\/kernel reaches beyond the data/,
  );
});

Deno.test("a checkpoint of TensorFlow 1 with any byte changed is read, or refused by its name", () => {
  const { index, data } = bundleOf(
    new Map([
      ["a", { shape: [2], data: Float32Array.of(1, -1) }],
      ["b", { shape: [1, 2], data: Float32Array.of(1, 2) }],
    ]),
  );
  let refused = 0;
  for (let at = 0; at < index.length; at++) {
    // 8, 16, 18 and 34 turn a number of a message into a message, and the other way round.
    for (const byte of [0, 1, 2, 3, 8, 13, 16, 18, 34, 127, 128, 255]) {
      try {
        readTensorBundle(index.with(at, byte), data, "model.ckpt");
      } catch (error) {
        assert.match(
          String(error),
          /^InputError: model\.ckpt: is no[^\n]*$/,
          `byte ${at}: ${byte}`,
        );
        refused++;
      }
    }
  }
  assert.ok(refused > index.length, `${refused} of ${12 * index.length}`);
});

Deno.test("the forest is scikit-learn's, to the last bit", () => {
  // 60 rows of two counts, made by arithmetic that both sides share.
  const rows = Array.from({ length: 60 }, (_, row) => [row % 7, (row * row) % 5] as const);
  const targets = Float64Array.from(rows, ([a, b], row) => (a * 3 + b * b + row % 4) / 16);
  const predict = fitReferenceForest({ width: 2, counts: rows.flat(), targets });
  // scikit-learn 1.2.1: RandomForestRegressor(100, max_depth=20, random_state=0).fit(rows, targets).predict(...)
  assert.deepEqual([...predict([0, 0, 3, 1, 6, 4, 5, 2])], [
    0.09680729166666667,
    0.7560133928571428,
    2.202366071428572,
    1.136703125,
  ]);
});
