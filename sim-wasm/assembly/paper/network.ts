// Networks of fully connected layers, four lanes at a time.
//
// Memory of a network: Dense[layers]; each layer has
//   kernel  f32[inputs][lanes]   lanes = outputs rounded up to 4; the padding is 0
//   bias    f32[lanes]
// and the network two rows of f32 as wide as its widest layer, between which values go back and forth.

import { activateLanes, lanesOf } from "../dense";
import { alloc, free } from "../memory";

@unmanaged
class Dense {
  inputs: u32;
  outputs: u32;
  lanes: u32;
  activation: u32;
  kernel: usize;
  bias: usize;
}

@unmanaged
class Network {
  count: u32;
  layers: usize;
  here: usize;
  there: usize;
  /** Floats that `here` and `there` hold each. */
  width: u32;
}

/** A network of `count` layers, each yet to be set by setNetworkLayer. */
export function createNetwork(count: u32): usize {
  const address = alloc(offsetof<Network>());
  const network = changetype<Network>(address);
  network.count = count;
  network.layers = alloc(<usize> count * offsetof<Dense>());
  network.here = 0;
  network.there = 0;
  network.width = 0;
  return address;
}

export function destroyNetwork(address: usize): void {
  const network = changetype<Network>(address);
  for (let at: u32 = 0; at < network.count; at++) {
    const layer = changetype<Dense>(network.layers + <usize> at * offsetof<Dense>());
    free(layer.kernel);
    free(layer.bias);
  }
  free(network.layers);
  free(network.here);
  free(network.there);
  free(address);
}

/** Gives a layer its shape; activation: LINEAR, RELU or TANH of dense.ts. The host then fills kernel and bias. */
export function setNetworkLayer(
  address: usize,
  at: u32,
  inputs: u32,
  outputs: u32,
  activation: u32,
): void {
  const network = changetype<Network>(address);
  const layer = changetype<Dense>(network.layers + <usize> at * offsetof<Dense>());
  layer.inputs = inputs;
  layer.outputs = outputs;
  layer.lanes = lanesOf(outputs);
  layer.activation = activation;
  layer.kernel = alloc(<usize> inputs * layer.lanes * 4);
  layer.bias = alloc(<usize> layer.lanes * 4);
  const width = max<u32>(lanesOf(inputs), layer.lanes);
  if (width > network.width) {
    free(network.here);
    free(network.there);
    network.here = alloc(<usize> width * 4);
    network.there = alloc(<usize> width * 4);
    network.width = width;
  }
}

/** f32[inputs][lanes] */
export function networkKernel(address: usize, at: u32): usize {
  return changetype<Dense>(changetype<Network>(address).layers + <usize> at * offsetof<Dense>()).kernel;
}

/** f32[lanes] */
export function networkBias(address: usize, at: u32): usize {
  return changetype<Dense>(changetype<Network>(address).layers + <usize> at * offsetof<Dense>()).bias;
}

/** Answers for f32[rows][inputs], written to f32[rows][outputs]. */
export function runNetwork(address: usize, inputs: usize, rows: u32, out: usize): void {
  const network = changetype<Network>(address);
  const first = changetype<Dense>(network.layers);
  const last = changetype<Dense>(network.layers + <usize> (network.count - 1) * offsetof<Dense>());
  for (let row: u32 = 0; row < rows; row++) {
    let from = inputs + <usize> row * first.inputs * 4;
    let to = network.here;
    for (let at: u32 = 0; at < network.count; at++) {
      const layer = changetype<Dense>(network.layers + <usize> at * offsetof<Dense>());
      runLayer(layer, from, to);
      from = to;
      to = to == network.here ? network.there : network.here;
    }
    memory.copy(out + <usize> row * last.outputs * 4, from, <usize> last.outputs * 4);
  }
}

function runLayer(layer: Dense, from: usize, to: usize): void {
  const rowBytes = <usize> layer.lanes * 4;
  let lane: u32 = 0;
  // Sixteen outputs at a time stay in registers over all inputs.
  for (; lane + 16 <= layer.lanes; lane += 16) {
    const offset = <usize> lane * 4;
    let a = v128.load(layer.bias + offset);
    let b = v128.load(layer.bias + offset, 16);
    let c = v128.load(layer.bias + offset, 32);
    let d = v128.load(layer.bias + offset, 48);
    let weights = layer.kernel + offset;
    for (let input: u32 = 0; input < layer.inputs; input++, weights += rowBytes) {
      const scalar = load<f32>(from + <usize> input * 4);
      if (scalar == 0) continue;
      const value = f32x4.splat(scalar);
      a = f32x4.add(a, f32x4.mul(value, v128.load(weights)));
      b = f32x4.add(b, f32x4.mul(value, v128.load(weights, 16)));
      c = f32x4.add(c, f32x4.mul(value, v128.load(weights, 32)));
      d = f32x4.add(d, f32x4.mul(value, v128.load(weights, 48)));
    }
    v128.store(to + offset, activateLanes(layer.activation, a));
    v128.store(to + offset, activateLanes(layer.activation, b), 16);
    v128.store(to + offset, activateLanes(layer.activation, c), 32);
    v128.store(to + offset, activateLanes(layer.activation, d), 48);
  }
  for (; lane < layer.lanes; lane += 4) {
    const offset = <usize> lane * 4;
    let sum = v128.load(layer.bias + offset);
    let weights = layer.kernel + offset;
    for (let input: u32 = 0; input < layer.inputs; input++, weights += rowBytes) {
      const value = f32x4.splat(load<f32>(from + <usize> input * 4));
      sum = f32x4.add(sum, f32x4.mul(value, v128.load(weights)));
    }
    v128.store(to + offset, activateLanes(layer.activation, sum));
  }
}
