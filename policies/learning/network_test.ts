import assert from "node:assert/strict";
import fc from "fast-check";
import { Random, ShapeError } from "../../domain/mod.ts";
import { CoreNetwork } from "../../sim-wasm/mod.ts";
import { forward } from "./_forward.ts";
import {
  type Activation,
  checkNetwork,
  copyNetwork,
  createNetwork,
  createPaperNetwork,
  type Network,
  networkArrayNames,
  networkArrays,
} from "./network.ts";

Deno.test("createPaperNetwork() draws kernels from N(0, 0.3) with biases of 0.1, the same for a seed", () => {
  const network = createPaperNetwork("a", 29, 3, new Random(1));
  const kernel = network.layers[0]!.kernel;
  const deviation = Math.sqrt(kernel.reduce((sum, weight) => sum + weight ** 2, 0) / kernel.length);
  assert.ok(Math.abs(deviation - 0.3) < 0.02, `${deviation}`);
  assert.ok(network.layers.every(({ bias }) => bias.every((value) => value === Math.fround(0.1))));
  assert.deepEqual(networkArrays(network).map(({ length }) => length), [29 * 128, 128, 128 * 3, 3]);
  const again = createPaperNetwork("a", 29, 3, new Random(1));
  assert.deepEqual(networkArrays(again), networkArrays(network));
});

Deno.test("forward() multiplies inputs by kernels, adds biases and bends", () => {
  const network: Network = {
    name: "a",
    layers: [
      {
        inputs: 2,
        outputs: 2,
        activation: "relu",
        kernel: Float32Array.of(1, -1, 2, 0.5),
        bias: Float32Array.of(0.5, 0),
      },
      {
        inputs: 2,
        outputs: 1,
        activation: "tanh",
        kernel: Float32Array.of(0.25, 1),
        bias: Float32Array.of(-1),
      },
    ],
  };
  // Row 1: relu(1 x 1 + 2 x 2 + 0.5, -1 + 1) = 5.5, 0; tanh(0.25 x 5.5 - 1).
  // Row 2: relu(-1 + 0.5, 1) = 0, 1; tanh(1 - 1).
  const answers = forward(network, [1, 2, -1, 0], 2);
  assert.deepEqual([...answers], [Math.tanh(0.375), 0]);
});

Deno.test("checkNetwork() names the layer and the network that is wrong", () => {
  const network = createPaperNetwork("level1", 4, 3, new Random(1), 8);
  const wrong = (change: (network: Network) => Network, message: RegExp | typeof ShapeError) =>
    assert.throws(() => checkNetwork(change(copyNetwork(network))), message);
  wrong(
    ({ name, layers }) => ({ name, layers: [...layers].reverse() }),
    /layer 1 of network level1/,
  );
  wrong((copy) => {
    copy.layers[1]!.kernel[5] = NaN;
    return copy;
  }, /Weights of layer 1 of network level1 must be finite/);
  wrong(({ name, layers }) => ({
    name,
    layers: [{ ...layers[0]!, bias: new Float32Array(7) }, layers[1]!],
  }), ShapeError);
  assert.deepEqual(networkArrayNames(network), [
    "level1/layer0/kernel",
    "level1/layer0/bias",
    "level1/layer1/kernel",
    "level1/layer1/bias",
  ]);
});

Deno.test("CoreNetwork answers within 1e-5 of the naive forward, for any widths", () => {
  const activation = fc.constantFrom<Activation>("tanh", "relu", "linear");
  const layer = fc.record({ outputs: fc.integer({ min: 1, max: 40 }), activation });
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 33 }),
    fc.array(layer, { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 0, max: 1e6 }),
    (inputs, layers, rows, seed) => {
      const draws = new Random(seed);
      const network = createNetwork({ name: "a", inputs, layers, start: "glorot" }, draws);
      const values = Float32Array.from({ length: rows * inputs }, () => 2 * draws.normal());
      const inCore = new CoreNetwork(network);
      const answers = inCore.run(values, rows);
      inCore.dispose();
      const naive = forward(network, values, rows);
      answers.forEach((answer, at) =>
        assert.ok(Math.abs(answer - naive[at]!) <= 1e-5, `${answer} for ${naive[at]}`)
      );
    },
  ));
});
