// The logits of one choice of an episode from the sums kept (episodes.ts), and the child that they choose.

import { addInput, Chooser } from "./chooser";
import { Level, Player } from "./player";
import { expLanes, sumPairs, tanhLanes } from "../dense";
import { alloc, free } from "../memory";
import { randomUniform } from "../random";
import { apps } from "../space/space";

/** Computes the logits of a choice. */
export function think(player: Player, level: Level, group: u32, app: i32, children: u32): void {
  const chooser = changetype<Chooser>(level.chooser);
  const bytes = <usize> chooser.lanes * 4;
  let choosing = level.choosing + <usize> group * player.maxLanes * 4;
  if (children < level.branching) {
    // Children that do not exist were raised in `common`: take that off again, once per group and app.
    choosing = withoutMissing(player, level, choosing, app, children);
  }
  const hidden = player.logits;
  for (let output: u32 = 0; output < children; output++) {
    store<f32>(hidden + <usize> output * 4, load<f32>(chooser.secondBias + <usize> output * 4));
  }
  if (children <= 3) {
    // The usual case: three running sums in registers.
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    const second = chooser.second;
    const third = children > 2 ? second + 2 * bytes : second;
    const middle = children > 1 ? second + bytes : second;
    for (let lane: usize = 0; lane < bytes; lane += 16) {
      const value = tanhLanes(
        f32x4.add(v128.load(choosing + lane), v128.load(level.common + lane)),
      );
      a = f32x4.add(a, f32x4.mul(value, v128.load(second + lane)));
      b = f32x4.add(b, f32x4.mul(value, v128.load(middle + lane)));
      c = f32x4.add(c, f32x4.mul(value, v128.load(third + lane)));
    }
    store<f32>(hidden, load<f32>(hidden) + sumPairs(a));
    if (children > 1) store<f32>(hidden + 4, load<f32>(hidden + 4) + sumPairs(b));
    if (children > 2) store<f32>(hidden + 8, load<f32>(hidden + 8) + sumPairs(c));
    return;
  }
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    const value = tanhLanes(f32x4.add(v128.load(choosing + lane), v128.load(level.common + lane)));
    v128.store(activations(bytes) + lane, value);
  }
  for (let output: u32 = 0; output < children; output++) {
    const row = chooser.second + <usize> output * bytes;
    let sum = f32x4.splat(0);
    for (let lane: usize = 0; lane < bytes; lane += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(activations(bytes) + lane), v128.load(row + lane)));
    }
    const cell = hidden + <usize> output * 4;
    store<f32>(cell, load<f32>(cell) + sumPairs(sum));
  }
}

let activationBlock: usize = 0;
let activationBytes: usize = 0;

/** Room for the hidden units of one choice. */
function activations(bytes: usize): usize {
  if (bytes > activationBytes) {
    free(activationBlock);
    activationBlock = alloc(bytes);
    activationBytes = bytes;
  }
  return activationBlock;
}

function withoutMissing(player: Player, level: Level, choosing: usize, app: i32, children: u32): usize {
  const chooser = changetype<Chooser>(level.chooser);
  const block = missingRoom(<usize> player.maxLanes * 4);
  memory.copy(block, choosing, <usize> chooser.lanes * 4);
  for (let child = children; child < level.branching; child++) {
    addInput(block, chooser, child * <u32> apps + <u32> app, -1);
  }
  return block;
}

let missingBlock: usize = 0;
let missingBytes: usize = 0;

function missingRoom(bytes: usize): usize {
  if (bytes > missingBytes) {
    free(missingBlock);
    missingBlock = alloc(bytes);
    missingBytes = bytes;
  }
  return missingBlock;
}

/** The child with the largest logit. */
export function largest(player: Player, children: u32): u32 {
  let best: u32 = 0;
  for (let child: u32 = 1; child < children; child++) {
    const value = load<f32>(player.logits + <usize> child * 4);
    if (value > load<f32>(player.logits + <usize> best * 4)) best = child;
  }
  return best;
}

/** Draws from the softmax of the logits; adds its entropy to the episode's. */
export function draw(player: Player, children: u32): u32 {
  const most = load<f32>(player.logits + <usize> largest(player, children) * 4);
  const top = f32x4.splat(most);
  let sum: f32 = 0;
  let weighted: f32 = 0;
  for (let child: u32 = 0; child < children; child += 4) {
    const cell = player.logits + <usize> child * 4;
    const below = f32x4.max(f32x4.sub(v128.load(cell), top), f32x4.splat(-80));
    const power = expLanes(below);
    const product = f32x4.mul(power, below);
    v128.store(cell, power);
    const live = min<u32>(4, children - child);
    sum += f32x4.extract_lane(power, 0);
    weighted += f32x4.extract_lane(product, 0);
    if (live > 1) {
      sum += f32x4.extract_lane(power, 1);
      weighted += f32x4.extract_lane(product, 1);
    }
    if (live > 2) {
      sum += f32x4.extract_lane(power, 2);
      weighted += f32x4.extract_lane(product, 2);
    }
    if (live > 3) {
      sum += f32x4.extract_lane(power, 3);
      weighted += f32x4.extract_lane(product, 3);
    }
  }
  player.entropy += <f64> (Mathf.log(sum) - weighted / sum);
  let rest = <f32> randomUniform() * sum;
  for (let child: u32 = 0; child + 1 < children; child++) {
    rest -= load<f32>(player.logits + <usize> child * 4);
    if (rest < 0) return child;
  }
  return children - 1;
}
