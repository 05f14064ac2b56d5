import type * as tfjs from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { CLASSES, MobileNet } from "./mobilenet.ts";
import { ResidualDenseNetwork } from "./rdn.ts";
import { loadClassifier } from "./saved_model.ts";
import { loadTensorFlow } from "./tensorflow.ts";

const tf = await loadTensorFlow("");
const pixels = (side: number, seed = 1) =>
  Uint8Array.from({ length: 3 * side * side }, (_, at) => (at * 31 * seed + at * at) % 256);

Deno.test("MobileNet has the weights of the paper's network, and gives a probability of each class", () => {
  const network = new MobileNet(tf, { side: 64, width: 1, seed: 1 });
  // Keras's MobileNet has 4,253,864, of which batch normalisation 4 for each of 10,944 channels; we have one bias each.
  assert.equal(network.weights, 4_253_864 - 3 * 10_944);
  const before = tf.memory().numTensors;
  const probabilities = network.classify(pixels(64));
  assert.equal(probabilities.length, CLASSES);
  assert.ok(Math.abs(probabilities.reduce((a, b) => a + b, 0) - 1) < 1e-4);
  assert.deepEqual(network.classify(pixels(64)), probabilities);
  assert.notDeepEqual(network.classify(pixels(64, 2)), probabilities);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("a residual dense network enlarges by its scale, and leaves no tensor behind", () => {
  const options = { convolutions: 2, blocks: 3, growth: 8, scale: 2, seed: 1 };
  const network = new ResidualDenseNetwork(tf, options);
  const conv = (side: number, inputs: number, outputs: number) =>
    side ** 2 * inputs * outputs + outputs;
  // Shallow features; 3 blocks of 2 convolutions and a fusion; global fusion; upscaling to 3 x 2^2; the last.
  const expected = conv(5, 3, 8) + conv(5, 8, 8) +
    3 * (conv(3, 8, 8) + conv(3, 16, 8) + conv(1, 24, 8)) +
    conv(1, 24, 8) + conv(3, 8, 8) +
    conv(5, 8, 8) + conv(3, 8, 4) + conv(3, 4, 12) + conv(3, 3, 3);
  assert.equal(network.weights, expected);
  const image = tf.tensor4d(Float32Array.from(pixels(6), (byte) => byte / 255), [1, 6, 6, 3]);
  const before = tf.memory().numTensors;
  network.enlarge(image).dispose();
  assert.equal(tf.memory().numTensors, before);
  const enlarged = network.enlarge(image);
  assert.deepEqual(enlarged.shape, [1, 12, 12, 3]);
  assert.ok(enlarged.dataSync().every((value) => Number.isFinite(value) && Math.abs(value) < 1e3));
  const again = new ResidualDenseNetwork(tf, options).enlarge(image);
  assert.deepEqual(again.dataSync(), enlarged.dataSync());
  const other = new ResidualDenseNetwork(tf, { ...options, seed: 2 }).enlarge(image);
  assert.notDeepEqual(other.dataSync(), enlarged.dataSync());
});

Deno.test("a classifier with weights of its own is read from a model.json", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [4, 4, 3] }),
      tf.layers.dense({ units: 5, activation: "softmax" }),
    ],
  });
  const folder = await Deno.makeTempDir();
  try {
    await model.save(tf.io.withSaveHandler(async (saved) => {
      const { modelTopology, weightSpecs, weightData } = saved;
      await Deno.writeFile(`${folder}/weights.bin`, new Uint8Array(weightData as ArrayBuffer));
      const weightsManifest = [{ paths: ["weights.bin"], weights: weightSpecs }];
      const file = JSON.stringify({ format: "layers-model", modelTopology, weightsManifest });
      await Deno.writeTextFile(`${folder}/model.json`, file);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }));
    const classifier = await loadClassifier(tf, `${folder}/model.json`);
    assert.equal(classifier.side, 4);
    assert.equal(classifier.weights, 48 * 5 + 5);
    const values = Float32Array.from(pixels(4), (byte) => byte / 127.5 - 1);
    const expected = model.predict(tf.tensor4d(values, [1, 4, 4, 3])) as tfjs.Tensor;
    assert.deepEqual(classifier.classify(pixels(4)), expected.dataSync());
    await Deno.writeTextFile(`${folder}/other.json`, "{}");
    await assert.rejects(loadClassifier(tf, `${folder}/other.json`), /not a model\.json/);
    await assert.rejects(loadClassifier(tf, `${folder}/none.json`), /cannot be read/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
