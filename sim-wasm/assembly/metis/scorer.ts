// A scorer: dense layers in f32 with SIMD. Kernels are inputs x outputs, so a layer adds one row per input.
// The widths of all hidden layers are multiples of four; the last layer has one output.

import { activateLanes, addRow, RELU } from "../dense";
import { alloc, free } from "../memory";

/** Most layers of a scorer. */
export const MAX_SCORER_LAYERS: u32 = 6;

/** Widest hidden layer of a scorer: what `front` and `back` have room for. */
export const MAX_SCORER_WIDTH: u32 = 1024;

@unmanaged
export class Scorer {
  layers: u32;
  inputs: u32;
  /** u32[MAX_SCORER_LAYERS] each. */
  outputs: usize;
  activations: usize;
  /** Addresses of f32 kernels and biases. */
  kernels: usize;
  biases: usize;
  /** f32 scratch for two layers' values. */
  front: usize;
  back: usize;
}

export function createScorer(inputs: u32): usize {
  const address = alloc(offsetof<Scorer>());
  const scorer = changetype<Scorer>(address);
  scorer.layers = 0;
  scorer.inputs = inputs;
  scorer.outputs = alloc(MAX_SCORER_LAYERS * 4);
  scorer.activations = alloc(MAX_SCORER_LAYERS * 4);
  scorer.kernels = alloc(MAX_SCORER_LAYERS * 4);
  scorer.biases = alloc(MAX_SCORER_LAYERS * 4);
  scorer.front = alloc(MAX_SCORER_WIDTH * 4);
  scorer.back = alloc(MAX_SCORER_WIDTH * 4);
  return address;
}

/** Adds a layer and returns the address of its kernel (f32[inputs][outputs]); its bias is right behind. */
export function addScorerLayer(address: usize, outputs: u32, activation: u32): usize {
  const scorer = changetype<Scorer>(address);
  const inputs = scorer.layers ? load<u32>(scorer.outputs + ((scorer.layers - 1) << 2)) : scorer.inputs;
  const kernel = alloc((<usize> inputs + 1) * outputs * 4 + 16);
  const at = <usize> scorer.layers << 2;
  store<u32>(scorer.outputs + at, outputs);
  store<u32>(scorer.activations + at, activation);
  store<u32>(scorer.kernels + at, <u32> kernel);
  store<u32>(scorer.biases + at, <u32> (kernel + <usize> inputs * outputs * 4));
  scorer.layers++;
  return kernel;
}

export function destroyScorer(address: usize): void {
  const scorer = changetype<Scorer>(address);
  for (let layer: u32 = 0; layer < scorer.layers; layer++) {
    free(load<u32>(scorer.kernels + (<usize> layer << 2)));
  }
  free(scorer.outputs);
  free(scorer.activations);
  free(scorer.kernels);
  free(scorer.biases);
  free(scorer.front);
  free(scorer.back);
  free(address);
}

/** Width of the first layer. */
// @ts-ignore: decorator
@inline
export function hiddenWidth(scorer: Scorer): u32 {
  return load<u32>(scorer.outputs);
}

/** sums += inputs[first..first + count) x the rows of the first layer from `first` on. */
export function addInputs(scorer: Scorer, sums: usize, inputs: usize, first: u32, count: u32): void {
  const width = hiddenWidth(scorer);
  let row = <usize> load<u32>(scorer.kernels) + <usize> first * width * 4;
  for (let i: u32 = 0; i < count; i++, row += <usize> width << 2) {
    const x = load<f32>(inputs + (<usize> i << 2));
    if (x != 0) addRow(sums, row, x, width);
  }
}

/** sums = the biases of the first layer. */
export function startSums(scorer: Scorer, sums: usize): void {
  memory.copy(sums, load<u32>(scorer.biases), <usize> hiddenWidth(scorer) << 2);
}

function activate(values: usize, width: u32, activation: u32): void {
  const bytes = <usize> width << 2;
  if (activation == RELU) {
    // Told apart before the loop: it is what nearly all layers have.
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(values + at, activateLanes(RELU, v128.load(values + at)));
    }
    return;
  }
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(values + at, activateLanes(activation, v128.load(values + at)));
  }
}

/** The score, from the sums of the first layer (which it changes). */
export function scoreFrom(scorer: Scorer, sums: usize): f32 {
  let width = hiddenWidth(scorer);
  activate(sums, width, load<u32>(scorer.activations));
  let values = sums;
  let spare = scorer.front;
  for (let layer: u32 = 1; layer < scorer.layers; layer++) {
    const outputs = load<u32>(scorer.outputs + (layer << 2));
    const bias = <usize> load<u32>(scorer.biases + (layer << 2));
    let row = <usize> load<u32>(scorer.kernels + (layer << 2));
    if (outputs == 1) {
      let sum = f32x4.splat(0);
      const bytes = <usize> width << 2;
      for (let at: usize = 0; at < bytes; at += 16) {
        sum = f32x4.add(sum, f32x4.mul(v128.load(values + at), v128.load(row + at)));
      }
      return load<f32>(bias) + f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) +
        f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
    }
    memory.copy(spare, bias, <usize> outputs << 2);
    for (let i: u32 = 0; i < width; i++, row += <usize> outputs << 2) {
      const x = load<f32>(values + (<usize> i << 2));
      if (x != 0) addRow(spare, row, x, outputs);
    }
    activate(spare, outputs, load<u32>(scorer.activations + (layer << 2)));
    values = spare;
    spare = values == scorer.front ? scorer.back : scorer.front;
    width = outputs;
  }
  return load<f32>(values);
}
