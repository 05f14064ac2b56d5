// A network 'observation -> hidden tanh -> logits' that chooses among the children of a group, laid out so that a
// change of one input costs one row. lanes = hidden units rounded up to 4.

import { addRow, lanesOf } from "../dense";
import { alloc, free } from "../memory";
import { apps } from "../space/space";

/** A network of two layers, laid out for row updates. */
@unmanaged
export class Chooser {
  inputs: u32;
  /** Hidden units, rounded up to 4. */
  lanes: u32;
  outputs: u32;
  /** f32[inputs][lanes] */
  first: usize;
  /** f32[lanes] */
  firstBias: usize;
  /** f32[outputs][lanes]: the second kernel, transposed */
  second: usize;
  /** f32[outputs] */
  secondBias: usize;
  /** f32[apps][lanes]: sum over all children of the row of each app */
  raise: usize;
}

/** A chooser; the host then fills its arrays and calls finishChooser. `outputs` at most 256. */
export function createChooser(inputs: u32, hidden: u32, outputs: u32): usize {
  const address = alloc(offsetof<Chooser>());
  const chooser = changetype<Chooser>(address);
  chooser.inputs = inputs;
  chooser.lanes = lanesOf(hidden);
  chooser.outputs = outputs;
  const row = <usize> chooser.lanes * 4;
  chooser.first = alloc(<usize> inputs * row);
  chooser.firstBias = alloc(row);
  chooser.second = alloc(<usize> outputs * row);
  chooser.secondBias = alloc(<usize> outputs * 4);
  chooser.raise = alloc(<usize> apps * row);
  return address;
}

export function destroyChooser(address: usize): void {
  const chooser = changetype<Chooser>(address);
  free(chooser.first);
  free(chooser.firstBias);
  free(chooser.second);
  free(chooser.secondBias);
  free(chooser.raise);
  free(address);
}

/** f32[inputs][lanes]: the first kernel */
export function chooserFirst(address: usize): usize {
  return changetype<Chooser>(address).first;
}

/** f32[lanes]: the first bias */
export function chooserFirstBias(address: usize): usize {
  return changetype<Chooser>(address).firstBias;
}

/** f32[outputs][lanes]: the second kernel, transposed */
export function chooserSecond(address: usize): usize {
  return changetype<Chooser>(address).second;
}

/** f32[outputs]: the second bias */
export function chooserSecondBias(address: usize): usize {
  return changetype<Chooser>(address).secondBias;
}

/** Call after the arrays were filled. */
export function finishChooser(address: usize): void {
  const chooser = changetype<Chooser>(address);
  const row = <usize> chooser.lanes * 4;
  memory.fill(chooser.raise, 0, <usize> apps * row);
  for (let child: u32 = 0; child < chooser.outputs; child++) {
    for (let app = 0; app < apps; app++) {
      addInput(chooser.raise + <usize> app * row, chooser, child * <u32> apps + <u32> app, 1);
    }
  }
}

/** target += factor x one row of the first kernel */
// @ts-ignore: decorator
@inline
export function addInput(target: usize, chooser: Chooser, input: u32, factor: f32): void {
  addRow(target, chooser.first + <usize> input * chooser.lanes * 4, factor, chooser.lanes);
}
