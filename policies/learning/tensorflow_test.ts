import assert from "node:assert/strict";
import type * as tfjs from "@tensorflow/tfjs";
import { Random } from "../../domain/mod.ts";
import { CoreNetwork } from "../../sim-wasm/mod.ts";
import { forward } from "./_forward.ts";
import { type Activation, createNetwork, createPaperNetwork } from "./network.ts";
import { Adam } from "./adam.ts";
import { DivergenceError } from "./divergence.ts";
import { gradientsOf } from "./gradients.ts";
import { loadTensorFlow } from "./tensorflow.ts";
import { TrainableNetwork } from "./trainable_network.ts";

const tensorflow = await loadTensorFlow();
const { tf } = tensorflow;

function smallNetwork(last: Activation = "linear") {
  const layers = [
    { outputs: 6, activation: "tanh" as const },
    { outputs: 5, activation: "relu" as const },
    { outputs: 3, activation: last },
  ];
  return createNetwork({ name: "small", inputs: 4, layers, start: "glorot" }, new Random(3));
}

const ROWS = 7;
const draws = new Random(11);
const INPUTS = Float32Array.from({ length: ROWS * 4 }, () => draws.normal());

/** Sum of squares of the answers: its gradient is easy to check by differences. */
function squares(network: TrainableNetwork): tfjs.Scalar {
  return tf.sum(tf.square(network.apply(tf.tensor2d(INPUTS, [ROWS, 4])))) as tfjs.Scalar;
}

Deno.test("loadTensorFlow() starts the WebAssembly backend", () => {
  assert.equal(tensorflow.backend, "wasm");
  assert.equal(tensorflow.notice, null);
});

Deno.test("TrainableNetwork.apply() and the core agree to 1e-5", () => {
  const network = createPaperNetwork("a", 29, 3, new Random(2));
  const rows = 50;
  const values = Float32Array.from({ length: rows * 29 }, () => draws.below(20));
  const trainable = new TrainableNetwork(tensorflow, network);
  const answers = tf.tidy(() =>
    trainable.apply(tf.tensor2d(values, [rows, 29])).dataSync().slice()
  );
  trainable.dispose();
  const inCore = new CoreNetwork(network).run(values, rows);
  answers.forEach((answer, at) => assert.ok(Math.abs(answer - inCore[at]!) <= 1e-5));
});

Deno.test("gradientsOf() agrees with differences of the naive forward", () => {
  const network = smallNetwork("tanh");
  const trainable = new TrainableNetwork(tensorflow, network);
  const { loss, arrays } = gradientsOf(tensorflow, [trainable], () => squares(trainable));
  trainable.dispose();
  const value = () => forward(network, INPUTS, ROWS).reduce((sum, answer) => sum + answer ** 2, 0);
  assert.ok(Math.abs(loss - value()) < 1e-4);
  network.layers.flatMap(({ kernel, bias }) => [kernel, bias]).forEach((weights, which) => {
    weights.forEach((weight, at) => {
      weights[at] = weight + 1e-3;
      const high = { at: weights[at]!, value: value() };
      weights[at] = weight - 1e-3;
      const slope = (high.value - value()) / (high.at - weights[at]!);
      weights[at] = weight;
      assert.ok(Math.abs(slope - arrays[which]![at]!) < 2e-3, `${slope} for ${arrays[which]![at]}`);
    });
  });
});

Deno.test("Adam takes the first step of its definition: learning rate x sign of the gradient", () => {
  const trainable = new TrainableNetwork(tensorflow, smallNetwork());
  const before = trainable.read();
  const gradients = gradientsOf(tensorflow, [trainable], () => squares(trainable));
  new Adam([trainable], { learningRate: 0.01 }).step(gradients, 1);
  const after = trainable.read();
  trainable.dispose();
  before.layers[0]!.kernel.forEach((weight, at) => {
    const slope = gradients.arrays[0]![at]!;
    if (Math.abs(slope) < 1e-3) return;
    const moved = after.layers[0]!.kernel[at]! - weight;
    assert.ok(Math.abs(moved + 0.01 * Math.sign(slope)) < 1e-5);
  });
});

Deno.test("Adam reports the norm before clipping, and clips the step's gradient", () => {
  const run = (clipNorm: number, scale: number) => {
    const trainable = new TrainableNetwork(tensorflow, smallNetwork());
    const { loss, arrays } = gradientsOf(tensorflow, [trainable], () => squares(trainable));
    const scaled = arrays.map((array) => array.map((value) => value * scale));
    // A large epsilon keeps the step proportional to the gradient, so that clipping shows.
    const adam = new Adam([trainable], { learningRate: 0.01, epsilon: 1, clipNorm });
    const norm = adam.step({ loss, arrays: scaled }, 1);
    const network = trainable.read();
    trainable.dispose();
    return { norm, kernel: network.layers[0]!.kernel };
  };
  const free = run(Infinity, 1);
  const clipped = run(free.norm, 8);
  assert.ok(Math.abs(clipped.norm - 8 * free.norm) < 1e-3);
  free.kernel.forEach((weight, at) => assert.ok(Math.abs(weight - clipped.kernel[at]!) < 1e-6));
});

Deno.test("Adam stops at a number that is not finite, names it, and keeps the weights", () => {
  const trainable = new TrainableNetwork(tensorflow, smallNetwork());
  const adam = new Adam([trainable], { learningRate: 0.01 });
  const gradients = gradientsOf(tensorflow, [trainable], () => squares(trainable));
  adam.step(gradients, 1);
  const weights = trainable.read();
  const state = adam.state();
  const broken = gradients.arrays.map((array) => array.slice());
  broken[3]![1] = NaN;
  assert.throws(() => adam.step({ loss: 1, arrays: broken }, 2), (error: Error) => {
    assert.ok(error instanceof DivergenceError);
    assert.match(error.message, /update 2: gradient of small\/layer1\/bias is not finite/);
    return true;
  });
  assert.throws(() => adam.step({ loss: Infinity, arrays: gradients.arrays }, 3), /loss is not/);
  assert.deepEqual(trainable.read(), weights);
  assert.deepEqual(adam.state(), state);
  trainable.dispose();
});

Deno.test("training goes on bit for bit from saved weights and moments, and leaves no tensor behind", () => {
  const before = tf.memory().numTensors;
  const whole = new TrainableNetwork(tensorflow, smallNetwork());
  const adam = new Adam([whole], { learningRate: 0.01 });
  const step = (network: TrainableNetwork, own: Adam, update: number) =>
    own.step(gradientsOf(tensorflow, [network], () => squares(network)), update);
  for (let update = 1; update <= 5; update++) step(whole, adam, update);
  const held = tf.memory().numTensors;
  const resumed = new TrainableNetwork(tensorflow, whole.read());
  const resumedAdam = new Adam([resumed], { learningRate: 0.01 });
  resumedAdam.restore(adam.state());
  for (let update = 6; update <= 10; update++) {
    step(whole, adam, update);
    step(resumed, resumedAdam, update);
  }
  assert.deepEqual(resumed.read(), whole.read());
  resumed.dispose();
  assert.equal(tf.memory().numTensors, held);
  whole.dispose();
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("the plain backend says that it is slower, and gives the same gradients to 1e-4", async () => {
  const fast = new TrainableNetwork(tensorflow, smallNetwork());
  const expected = gradientsOf(tensorflow, [fast], () => squares(fast));
  fast.dispose();
  const plain = await loadTensorFlow({ backend: "cpu" });
  try {
    assert.equal(plain.backend, "cpu");
    assert.match(plain.notice ?? "", /slower plain backend/);
    const slow = new TrainableNetwork(plain, smallNetwork());
    const { arrays } = gradientsOf(plain, [slow], () => squares(slow));
    slow.dispose();
    arrays.forEach((array, which) =>
      array.forEach((value, at) => assert.ok(Math.abs(value - expected.arrays[which]![at]!) < 1e-4))
    );
  } finally {
    await loadTensorFlow();
  }
});
