import assert from "node:assert/strict";
import { InputError } from "../../domain/mod.ts";
import {
  checkSeed,
  decodeWeights,
  encodeWeights,
  NUMBERED,
  slashed,
  type StateLayout,
} from "./state.ts";

const SAVED = {
  weights: [Float32Array.of(1, 2), Float32Array.of(3)],
  adam: {
    steps: 7,
    means: [Float32Array.of(4, 5), Float32Array.of(6)],
    squares: [Float32Array.of(7, 8), Float32Array.of(9)],
  },
};

// Names and order are those of the checkpoints that there are: a change would make them unreadable.
const NAMES: [StateLayout, string, string[]][] = [
  [NUMBERED, "steps", ["weights0", "means0", "squares0", "weights1", "means1", "squares1"]],
  [slashed("class3/"), "class3/adamSteps", [
    "class3/weights/0",
    "class3/weights/1",
    "class3/means/0",
    "class3/means/1",
    "class3/squares/0",
    "class3/squares/1",
  ]],
];

for (const [layout, steps, names] of NAMES) {
  Deno.test(`weights and optimiser come back from ${names[0]}, ... as they were`, () => {
    const encoded = encodeWeights(SAVED, layout);
    assert.deepEqual(encoded.steps, { [steps]: 7 });
    assert.deepEqual(Object.keys(encoded.arrays), names);
    const state = { values: encoded.steps, arrays: encoded.arrays };
    assert.deepEqual(decodeWeights(state, 2, layout), SAVED);
    const { [names[3]!]: _, ...arrays } = encoded.arrays;
    assert.throws(
      () => decodeWeights({ values: encoded.steps, arrays }, 2, layout),
      (error: Error) => error instanceof InputError && error.message.includes(names[3]!),
    );
  });
}

Deno.test("a state of another seed is refused", () => {
  checkSeed({ values: { seed: 5 }, arrays: {} }, 5);
  assert.throws(() => checkSeed({ values: { seed: 5 }, arrays: {} }, 6), /seed 5.*seed 6/);
  assert.throws(() => checkSeed({ values: {}, arrays: {} }, 6), InputError);
});
