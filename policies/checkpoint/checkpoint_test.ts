import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError, Random } from "../../domain/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { forward } from "../learning/_forward.ts";
import { createPaperNetwork, networkArrays } from "../learning/network.ts";
import {
  type Checkpoint,
  checkPolicyFits,
  decodeCheckpoint,
  encodeCheckpoint,
  MANIFEST_FILE,
  type PolicyInfo,
  readLayersModel,
  readManifest,
  readPublishedNetworks,
  readState,
  surfaceFingerprint,
  writeLayersModel,
  writeManifest,
  writeState,
} from "./mod.ts";

const INFO: PolicyInfo = {
  kind: "sub",
  algorithm: "paper",
  apps: ["redis", "isr"],
  capacity: 4,
  nodes: 27,
  preset: "27",
  surface: "a".repeat(64),
  data: null,
  seed: 7,
  updates: 12,
  episodes: 2400,
  options: { "learning-rate": 0.01, hidden: 8, name: "é" },
  metrics: { "eval/gap": 0.0125, "rollout/ep_rew_mean": null },
  versions: { metis: "0.1.0" },
  created: "2026-11-23T00:00:00Z",
};

function checkpoint(hidden = 4): Checkpoint {
  const draws = new Random(3);
  return {
    info: INFO,
    networks: [1, 2].map((level) =>
      createPaperNetwork(`class0/level${level}`, 5, 3, draws, hidden)
    ),
    trainer: {
      values: { updates: 12, schedule: { entropy: 0.005, names: ["a", null, true] } },
      arrays: {
        means: Float32Array.of(1.5, -0, 3e-41),
        rewards: Float64Array.of(Math.PI, -1e-308),
        replay: Uint8Array.of(0, 255, 7),
        random: Uint32Array.of(4294967295, 1),
        at: Int32Array.of(-1),
        none: new Float32Array(0),
      },
    },
  };
}

function reader(files: ReadonlyMap<string, Uint8Array>) {
  return (path: string): Promise<Uint8Array> => {
    const bytes = files.get(path);
    return bytes === undefined
      ? Promise.reject(new InputError(`Cannot read ${path}: no such file`))
      : Promise.resolve(bytes);
  };
}

async function assertRefused(files: ReadonlyMap<string, Uint8Array>, what: string): Promise<void> {
  await assert.rejects(
    decodeCheckpoint(reader(files), "dir"),
    (error) => error instanceof InputError && !error.message.includes("\n"),
    what,
  );
}

Deno.test("A checkpoint comes back bit for bit", async () => {
  const before = checkpoint();
  const files = await encodeCheckpoint(before);
  assert.equal([...files.keys()].at(-1), MANIFEST_FILE);
  assert.deepEqual(await decodeCheckpoint(reader(files), "dir"), before);
});

Deno.test("A checkpoint truncated at any 64th byte of any file is refused", async () => {
  const files = await encodeCheckpoint(checkpoint());
  for (const [path, bytes] of files) {
    for (let length = 0; length < bytes.length; length += 64) {
      await assertRefused(new Map(files).set(path, bytes.subarray(0, length)), `${path} ${length}`);
    }
    await assertRefused(new Map(files).set(path, bytes.subarray(0, -1)), `${path} one byte short`);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    await assertRefused(new Map(files).set(path, longer), `${path} one byte more`);
    const without = new Map(files);
    without.delete(path);
    await assertRefused(without, `${path} missing`);
  }
});

Deno.test("A checkpoint with a flipped bit is refused, whichever of 2000 it is, and at every bit of the seal", async () => {
  const files = await encodeCheckpoint(checkpoint());
  const paths = [...files.keys()];
  const sizes = paths.map((path) => files.get(path)!.length);
  const all = sizes.reduce((a, b) => a + b, 0);
  const flip = async (path: string, bit: number) => {
    const bytes = files.get(path)!.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    await assertRefused(new Map(files).set(path, bytes), `${path} bit ${bit}`);
  };
  const draws = new Random(11);
  for (let time = 0; time < 2000; time++) {
    let at = draws.below(all);
    let file = 0;
    while (at >= sizes[file]!) at -= sizes[file++]!;
    await flip(paths[file]!, at * 8 + draws.below(8));
  }
  const manifest = files.get(MANIFEST_FILE)!;
  for (let bit = (manifest.length - 90) * 8; bit < manifest.length * 8; bit++) {
    await flip(MANIFEST_FILE, bit);
  }
});

Deno.test("A part that another checkpoint wrote is refused", async () => {
  const files = await encodeCheckpoint(checkpoint());
  const other = await encodeCheckpoint(checkpoint(5));
  const mixed = new Map(files).set(
    "networks/class0-level1/weights.bin",
    other.get("networks/class0-level1/weights.bin")!,
  );
  await assertRefused(mixed, "mixed");
});

Deno.test("Weights that are not finite are neither written nor read", async () => {
  const broken = checkpoint();
  broken.networks[1]!.layers[0]!.kernel[3] = NaN;
  await assert.rejects(
    encodeCheckpoint(broken),
    /layer 0 of network class0\/level2 must be finite/,
  );
  const { model, weights } = writeLayersModel(checkpoint().networks[0]!);
  new DataView(weights.buffer).setFloat32(8, Infinity, true);
  assert.throws(() => readLayersModel(model, weights, "dir"), /dir: .* must be finite/);
});

Deno.test("Two networks of one folder are refused instead of overwriting each other", async () => {
  const { info, networks } = checkpoint();
  const twice = [{ ...networks[0]!, name: "a/b" }, { ...networks[1]!, name: "a-b" }];
  await assert.rejects(encodeCheckpoint({ info, networks: twice, trainer: null }), InputError);
});

Deno.test("A manifest of a newer version says so, and one that leaves its directory is refused", async () => {
  const manifest = {
    format: "metis-policy" as const,
    version: 2,
    ...INFO,
    networks: [],
    parts: [],
  };
  await assert.rejects(readManifest(await writeManifest(manifest), "p"), /version 2 .* is newer/);
  for (const path of ["../secret", "/etc/passwd", "a/../b", ".hidden", "a//b"]) {
    const parts = [{ path, bytes: 1, sha256: "0".repeat(64) }];
    await assert.rejects(writeManifest({ ...manifest, version: 1, parts }), path);
  }
});

Deno.test("A network, state or manifest that says more than is known is refused", () => {
  const utf8 = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const { json, bytes } = writeState({ values: { a: 1 }, arrays: { x: Float64Array.of(1) } });
  const state = JSON.parse(new TextDecoder().decode(json));
  const [array] = state.arrays;
  for (
    const wrong of [
      { ...state, extra: 1 },
      { ...state, values: [1] },
      { ...state, arrays: [{ ...array, extra: 1 }] },
      { ...state, arrays: [{ ...array, name: "0" }] },
      { ...state, arrays: [{ ...array, length: 0 }, array, { ...array, length: 0 }] },
    ]
  ) {
    assert.throws(
      () => readState(utf8(wrong), bytes, "p"),
      /^InputError: p/,
      JSON.stringify(wrong),
    );
  }
});

Deno.test("A model that was saved loads by the loader of TF.js itself and answers the same", async () => {
  const tf = await import("@tensorflow/tfjs");
  await tf.setBackend("cpu");
  const network = createPaperNetwork("level1", 29, 3, new Random(5), 16);
  const { model, weights } = writeLayersModel(network);
  const fetchFunc = (address: string | URL | Request): Promise<Response> => {
    const found = String(address).endsWith("/model.json") ? model : weights;
    return Promise.resolve(new Response(found as Uint8Array<ArrayBuffer>));
  };
  const loaded = await tf.loadLayersModel(
    tf.io.http("http://localhost/networks/level1/model.json", { fetchFunc }),
  );
  const inputs = Float32Array.from({ length: 58 }, (_, at) => Math.sin(at));
  const answer = loaded.predict(tf.tensor2d(inputs, [2, 29])) as { dataSync(): Float32Array };
  const wanted = forward(network, inputs, 2);
  answer.dataSync().forEach((value, at) => assert.ok(Math.abs(value - wanted[at]!) < 1e-5));
  tf.disposeVariables();
});

Deno.test("A trainer's state keeps every bit of its arrays and every number of its values", () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        // Readers of untrusted JSON drop this one name, and no trainer uses it.
        fc.string().filter((name) => name !== "__proto__"),
        fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true })),
      ),
      fc.array(fc.oneof(fc.float32Array(), fc.float64Array(), fc.uint8Array(), fc.uint32Array())),
      (values, arrays) => {
        const normal = Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, Object.is(value, -0) ? 0 : value]),
        );
        const state = {
          values: normal,
          arrays: Object.fromEntries(arrays.map((array, at) => [`array${at}`, array])),
        };
        const { json, bytes } = writeState(state as Parameters<typeof writeState>[0]);
        const back = readState(json, bytes, "dir");
        assert.deepEqual({ ...back.values }, { ...normal });
        arrays.forEach((array, at) =>
          assert.deepEqual(
            new Uint8Array(back.arrays[`array${at}`]!.buffer),
            new Uint8Array(array.slice().buffer),
          )
        );
      },
    ),
    { numRuns: 100 },
  );
  assert.throws(
    () => writeState({ values: { rate: NaN }, arrays: {} }),
    /cannot be saved: values\.rate is NaN/,
  );
});

Deno.test("A policy of a universal kind fits every surface", () => {
  const use = { apps: ["x"], capacity: 9, surface: "b".repeat(64), kinds: ["metis"] };
  checkPolicyFits({ ...INFO, kind: "metis" }, use, "dir");
});

Deno.test("A policy for other apps, slots, data or of another kind is refused with the reason", () => {
  const use = { apps: INFO.apps, capacity: 4, surface: "a".repeat(64), kinds: ["sub"] };
  checkPolicyFits(INFO, use, "dir");
  checkPolicyFits({ ...INFO, surface: null }, { ...use, surface: "b".repeat(64) }, "dir");
  const cases: [Partial<typeof use>, RegExp][] = [
    [{ apps: ["isr", "redis"] }, /^dir: trained for the apps redis, isr, but these are isr, redis/],
    [{ capacity: 8 }, /^dir: trained for nodes of 4 slots, but these have 8/],
    [{ surface: "b".repeat(64) }, /^dir: trained on other data/],
    [{ kinds: ["metis"] }, /^dir: a policy of kind sub cannot be used here: needed is metis/],
  ];
  for (const [change, message] of cases) {
    assert.throws(
      () => checkPolicyFits(INFO, { ...use, ...change }, "dir"),
      (error) => error instanceof InputError && message.test(error.message),
    );
  }
});

Deno.test("Surfaces have one fingerprint for one set of throughputs, dense or not", async () => {
  const model = (scale: number, apps = ["a", "b"]) => ({
    kind: "test",
    apps,
    predict: (counts: Uint8Array) => Float64Array.from(counts, (count) => count > 0 ? scale : 0),
  });
  const fingerprint = (scale: number, capacity = 3, apps?: string[], denseLimit?: number) =>
    surfaceFingerprint(
      Simulator.create({
        model: model(scale, apps),
        capacity,
        ...(denseLimit === undefined ? {} : { denseLimit }),
      }),
    );
  const first = await fingerprint(0.5);
  assert.equal(first, await fingerprint(0.5));
  for (
    const other of [fingerprint(0.5000001), fingerprint(0.5, 4), fingerprint(0.5, 3, ["a", "c"])]
  ) {
    assert.notEqual(first, await other);
  }
  assert.equal(await fingerprint(0.5, 3, ["a", "b"], 2), await fingerprint(0.5, 3, ["a", "b"], 2));
  assert.notEqual(
    await fingerprint(0.5, 3, ["a", "b"], 2),
    await fingerprint(0.6, 3, ["a", "b"], 2),
  );
});

Deno.test("Published weights become networks by class and level; a missing array is named", () => {
  const array = (...shape: number[]) => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => at / 8),
  });
  const arrays: Record<string, ReturnType<typeof array>> = {};
  for (const size of [10, 0]) {
    for (const level of [1, 2]) {
      arrays[`class${size}_level${level}_fc1_kernel`] = array(5, 4);
      arrays[`class${size}_level${level}_fc1_bias`] = array(4);
      arrays[`class${size}_level${level}_fc2_kernel`] = array(4, 3);
      arrays[`class${size}_level${level}_fc2_bias`] = array(3);
    }
  }
  const networks = readPublishedNetworks(arrays, "w.npz");
  assert.deepEqual(
    networks.map(({ name }) => name),
    ["class0/level1", "class0/level2", "class10/level1", "class10/level2"],
  );
  assert.deepEqual(networkArrays(networks[0]!).map((one) => one.length), [20, 4, 12, 3]);
  assert.equal(networks[0]!.layers[0]!.kernel[5], 0.625);
  delete arrays["class10_level2_fc2_bias"];
  assert.throws(
    () => readPublishedNetworks(arrays, "w.npz"),
    /w\.npz: there is no array class10_level2_fc2_bias/,
  );
  assert.throws(() => readPublishedNetworks({}, "w.npz"), /w\.npz: not weights of sub-schedulers/);
  arrays["class10_level2_fc2_bias"] = array(4);
  assert.throws(() => readPublishedNetworks(arrays, "w.npz"), InputError);
});
