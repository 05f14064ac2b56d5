// The policy gradient of whole episodes, from tapes of what they did.
//
// An observation x changes in few places from one choice to the next, so with d_t = slope of the loss by the sums of
// choice t, the gradient of the first kernel, sum over t of x_t d_t', need not add all of x_t for each t: a change of an
// input at moment s adds (change) x (sum of d_t over the choices t after s). Going back in time, those sums are
// kept for each group (later) and for what all groups of a level see (commonLater).

import { Chooser } from "./chooser";
import { play, shownMore } from "./episodes";
import { Level, levelOf, Player } from "./player";
import { beginTape, freeTape, stepOf, Tape } from "./tape";
import { addRow, expLanes, lanesOf } from "../dense";
import { alloc, free } from "../memory";
import { apps } from "../space/space";

/** Sums of the gradient of one level's network, laid out as its chooser. */
@unmanaged
class LevelGradient {
  /** f32[inputs][lanes], f32[lanes], f32[outputs][lanes], f32[outputs] */
  first: usize;
  firstBias: usize;
  second: usize;
  secondBias: usize;
  /** f32[groups][lanes], f32[lanes]: slopes of the choices after the present moment */
  later: usize;
  commonLater: usize;
  lanes: u32;
  inputs: u32;
  outputs: u32;
}

@unmanaged
class Gradient {
  player: Player;
  /** LevelGradient[levels] */
  level: usize;
  /** Tape[tapes] */
  tape: usize;
  tapes: u32;
  loss: f64;
  entropy: f64;
}

// @ts-ignore: decorator
@inline
function tapeOf(gradient: Gradient, at: u32): Tape {
  return changetype<Tape>(gradient.tape + <usize> at * offsetof<Tape>());
}

// @ts-ignore: decorator
@inline
function levelGradient(gradient: Gradient, at: u32): LevelGradient {
  return changetype<LevelGradient>(gradient.level + <usize> at * offsetof<LevelGradient>());
}

/** Room for the gradients of a player's networks, and for so many tapes; every level must have its chooser. */
export function createGradient(playerAddress: usize, tapes: u32): usize {
  const player = changetype<Player>(playerAddress);
  const gradient = changetype<Gradient>(alloc(offsetof<Gradient>()));
  gradient.player = player;
  gradient.level = alloc(<usize> player.levels * offsetof<LevelGradient>());
  gradient.tape = alloc(<usize> tapes * offsetof<Tape>());
  gradient.tapes = tapes;
  let widest: u32 = 0;
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    const chooser = changetype<Chooser>(level.chooser);
    const own = levelGradient(gradient, at);
    const row = <usize> chooser.lanes * 4;
    own.lanes = chooser.lanes;
    own.inputs = chooser.inputs;
    own.outputs = chooser.outputs;
    own.first = alloc(<usize> chooser.inputs * row);
    own.firstBias = alloc(row);
    own.second = alloc(<usize> chooser.outputs * row);
    own.secondBias = alloc(<usize> chooser.outputs * 4);
    own.later = alloc(<usize> level.groups * row);
    own.commonLater = alloc(row);
    widest = max(widest, lanesOf(chooser.outputs));
  }
  for (let at: u32 = 0; at < tapes; at++) {
    tapeOf(gradient, at).widest = widest;
  }
  beginGradient(changetype<usize>(gradient));
  return changetype<usize>(gradient);
}

export function destroyGradient(address: usize): void {
  const gradient = changetype<Gradient>(address);
  for (let at: u32 = 0; at < gradient.player.levels; at++) {
    const own = levelGradient(gradient, at);
    free(own.first);
    free(own.firstBias);
    free(own.second);
    free(own.secondBias);
    free(own.later);
    free(own.commonLater);
  }
  for (let at: u32 = 0; at < gradient.tapes; at++) {
    freeTape(tapeOf(gradient, at));
  }
  free(gradient.tape);
  free(gradient.level);
  free(address);
}

/** Sets all sums to 0. */
export function beginGradient(address: usize): void {
  const gradient = changetype<Gradient>(address);
  gradient.loss = 0;
  gradient.entropy = 0;
  for (let at: u32 = 0; at < gradient.player.levels; at++) {
    const own = levelGradient(gradient, at);
    const row = <usize> own.lanes * 4;
    memory.fill(own.first, 0, <usize> own.inputs * row);
    memory.fill(own.firstBias, 0, row);
    memory.fill(own.second, 0, <usize> own.outputs * row);
    memory.fill(own.secondBias, 0, <usize> own.outputs * 4);
  }
}

/** f32[inputs][lanes] */
export function gradientFirst(address: usize, at: u32): usize {
  return levelGradient(changetype<Gradient>(address), at).first;
}

/** f32[lanes] */
export function gradientFirstBias(address: usize, at: u32): usize {
  return levelGradient(changetype<Gradient>(address), at).firstBias;
}

/** f32[outputs][lanes] */
export function gradientSecond(address: usize, at: u32): usize {
  return levelGradient(changetype<Gradient>(address), at).second;
}

/** f32[outputs] */
export function gradientSecondBias(address: usize, at: u32): usize {
  return levelGradient(changetype<Gradient>(address), at).secondBias;
}

/** Sum of -log pi(a) x reward over all choices since beginGradient. */
export function gradientLoss(address: usize): f64 {
  return changetype<Gradient>(address).loss;
}

/** Sum of the entropies (nats) of all choices since beginGradient. */
export function gradientEntropy(address: usize): f64 {
  return changetype<Gradient>(address).entropy;
}

/**
 * Plays one episode of a demand (u32[apps]) to a tape. mode: SAMPLE, or FORCED (the choices in `actions`).
 * actions: u8[containers][levels], written (FORCED: read). Returns the containers that found no room.
 */
export function recordEpisode(
  address: usize,
  tapeAt: u32,
  demand: usize,
  seed: u32,
  mode: u32,
  actions: usize,
): u32 {
  const gradient = changetype<Gradient>(address);
  const player = gradient.player;
  const tape = tapeOf(gradient, tapeAt);
  const containers = beginTape(tape, player, demand);
  const unplaced = play(player, demand, seed, mode, actions, 0, tape);
  if (unplaced > 0) return unplaced;
  memory.copy(tape.actions, actions, <usize> containers * player.levels);
  tape.containers = containers;
  return 0;
}

/**
 * Adds the gradient of a recorded episode: of -log pi(a) x reward - entropyWeight x entropy, summed over the choices of
 * each level. Once: it writes over the tape.
 */
export function addRecorded(address: usize, tapeAt: u32, reward: f32, entropyWeight: f32): void {
  const gradient = changetype<Gradient>(address);
  const player = gradient.player;
  const tape = tapeOf(gradient, tapeAt);
  memory.fill(player.held, 0, <usize> player.leaves * 4);
  memory.fill(player.placed, 0, <usize> player.leaves * apps * 4);
  for (let container: u32 = 0; container < tape.containers; container++) {
    const step = stepOf(tape, player, container);
    const leaf = load<u32>(step + 4);
    const held = player.held + <usize> leaf * 4;
    const cell = player.placed + (<usize> leaf * apps + load<u32>(step)) * 4;
    store<u32>(held, load<u32>(held) + 1);
    store<u32>(cell, load<u32>(cell) + 1);
    for (let at: u32 = 0; at < player.levels; at++) {
      const choice = <usize> container * player.levels + at;
      const children = childrenOf(levelOf(player, at), load<u32>(step + 12 + at * 4));
      differentiate(gradient, tape, children, load<u8>(tape.actions + choice), choice, reward, entropyWeight);
    }
  }
  goBack(gradient, tape);
}

// @ts-ignore: decorator
@inline
function childrenOf(level: Level, group: u32): u32 {
  return load<u32>(level.children + <usize> group * 4);
}

/** Turns logits z with p = softmax(z) into slopes: reward x (p - onehot(a)) + entropyWeight x p x (log p + H). */
function differentiate(
  gradient: Gradient,
  tape: Tape,
  children: u32,
  action: u32,
  choice: usize,
  reward: f32,
  entropyWeight: f32,
): void {
  const logits = tape.slopes + choice * tape.widest * 4;
  let most: f32 = load<f32>(logits);
  for (let child: u32 = 1; child < children; child++) most = max(most, load<f32>(logits + <usize> child * 4));
  let sum: f32 = 0;
  let weighted: f32 = 0;
  for (let child: u32 = 0; child < children; child++) {
    const below = load<f32>(logits + <usize> child * 4) - most;
    const power = f32x4.extract_lane(expLanes(f32x4.splat(max<f32>(below, -80))), 0);
    sum += power;
    weighted += power * below;
  }
  const logSum = Mathf.log(sum);
  const entropy = logSum - weighted / sum;
  for (let child: u32 = 0; child < children; child++) {
    const cell = logits + <usize> child * 4;
    const log = load<f32>(cell) - most - logSum;
    const p = f32x4.extract_lane(expLanes(f32x4.splat(max<f32>(log, -80))), 0);
    let slope = reward * p + entropyWeight * p * (log + entropy);
    if (child == action) {
      slope -= reward;
      gradient.loss -= <f64> (log * reward);
    }
    store<f32>(cell, slope);
  }
  gradient.entropy += <f64> entropy;
}

/** Reads the tape from its end, undoes each placement, and adds to the sums. */
function goBack(gradient: Gradient, tape: Tape): void {
  const player = gradient.player;
  const shownBytes = <usize> player.leaves * 4;
  let segment = tape.segments;
  for (let at: u32 = 0; at < player.levels; at++) {
    const own = levelGradient(gradient, at);
    memory.fill(own.later, 0, <usize> levelOf(player, at).groups * own.lanes * 4);
    memory.fill(own.commonLater, 0, <usize> own.lanes * 4);
  }
  for (let container = tape.containers; container-- > 0;) {
    const step = stepOf(tape, player, container);
    const app = <i32> load<u32>(step);
    const leaf = load<u32>(step + 4);
    const shown = tape.shown + <usize> segment * shownBytes;
    if (load<u32>(step + 8)) {
      segment--;
      addOthers(gradient, shown - shownBytes, shown, leaf, app);
    } else {
      for (let other: u32 = 0; other < player.leaves; other++) {
        if (load<u32>(shown + <usize> other * 4) == leaf) addCount(gradient, other, app, 1);
      }
    }
    takeOff(player, leaf, app);
    for (let at: u32 = 0; at < player.levels; at++) {
      const own = levelGradient(gradient, at);
      const level = levelOf(player, at);
      if (player.remaining) addRow(restRow(own, level, 1 + <u32> app), own.commonLater, -1, own.lanes);
      addChoice(gradient, tape, own, level, load<u32>(step + 12 + at * 4), app, <usize> container * player.levels + at);
    }
    if (container == 0 || <i32> load<u32>(stepOf(tape, player, container - 1)) != app) addApp(gradient, tape.demand, app);
  }
}

function takeOff(player: Player, leaf: u32, app: i32): void {
  const held = player.held + <usize> leaf * 4;
  const cell = player.placed + (<usize> leaf * apps + app) * 4;
  store<u32>(held, load<u32>(held) - 1);
  store<u32>(cell, load<u32>(cell) - 1);
}

/** Row of the first kernel's gradient for an input after those of the children. */
// @ts-ignore: decorator
@inline
function restRow(own: LevelGradient, level: Level, input: u32): usize {
  return own.first + <usize> (level.branching * <u32> apps + input) * own.lanes * 4;
}

/** A leaf has filled: it, and leaves that were full before, are shown as others. */
function addOthers(gradient: Gradient, shownBefore: usize, shown: usize, filled: u32, app: i32): void {
  const player = gradient.player;
  for (let leaf: u32 = 0; leaf < player.leaves; leaf++) {
    const then = load<u32>(shownBefore + <usize> leaf * 4);
    const now = load<u32>(shown + <usize> leaf * 4);
    if (then == now) continue;
    for (let other = 0; other < apps; other++) {
      const more = shownMore(player, then, now, other, filled, app);
      if (more != 0) addCount(gradient, leaf, other, <f32> more);
    }
  }
}

/** A leaf shows `count` more containers of the app, at every level. */
function addCount(gradient: Gradient, leaf: u32, app: i32, count: f32): void {
  const player = gradient.player;
  for (let at: u32 = 0; at < player.levels; at++) {
    const own = levelGradient(gradient, at);
    const level = levelOf(player, at);
    const row = <usize> own.lanes * 4;
    const group = load<u32>(level.groupOf + <usize> leaf * 4);
    const input = load<u32>(level.childOf + <usize> leaf * 4) * <u32> apps + <u32> app;
    addRow(own.first + <usize> input * row, own.later + <usize> group * row, count, own.lanes);
  }
}

/** The second layer of a choice, and its slopes by the sums of the first. */
function addChoice(
  gradient: Gradient,
  tape: Tape,
  own: LevelGradient,
  level: Level,
  group: u32,
  app: i32,
  choice: usize,
): void {
  const chooser = changetype<Chooser>(level.chooser);
  const bytes = <usize> own.lanes * 4;
  const hidden = tape.hidden + choice * gradient.player.maxLanes * 4;
  const slopes = tape.slopes + choice * tape.widest * 4;
  const later = own.later + <usize> group * bytes;
  const children = load<u32>(level.children + <usize> group * 4);
  for (let output: u32 = 0; output < children; output++) {
    const cell = own.secondBias + <usize> output * 4;
    store<f32>(cell, load<f32>(cell) + load<f32>(slopes + <usize> output * 4));
  }
  const commonLater = own.commonLater;
  const weights = chooser.second;
  const second = own.second;
  if (children == 3 && level.branching == 3) {
    const slope0 = v128.load32_splat(slopes);
    const slope1 = v128.load32_splat(slopes, 4);
    const slope2 = v128.load32_splat(slopes, 8);
    const second1 = second + bytes;
    const second2 = second1 + bytes;
    for (let lane: usize = 0; lane < bytes; lane += 16) {
      const value = v128.load(hidden + lane);
      let back = f32x4.mul(slope0, v128.load(weights + lane));
      back = f32x4.add(back, f32x4.mul(slope1, v128.load(weights + bytes + lane)));
      back = f32x4.add(back, f32x4.mul(slope2, v128.load(weights + 2 * bytes + lane)));
      v128.store(second + lane, f32x4.add(v128.load(second + lane), f32x4.mul(slope0, value)));
      v128.store(second1 + lane, f32x4.add(v128.load(second1 + lane), f32x4.mul(slope1, value)));
      v128.store(second2 + lane, f32x4.add(v128.load(second2 + lane), f32x4.mul(slope2, value)));
      back = f32x4.sub(back, f32x4.mul(back, f32x4.mul(value, value)));
      v128.store(later + lane, f32x4.add(v128.load(later + lane), back));
      v128.store(commonLater + lane, f32x4.add(v128.load(commonLater + lane), back));
    }
    return;
  }
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    const value = v128.load(hidden + lane);
    let back = f32x4.splat(0);
    for (let output: u32 = 0; output < children; output++) {
      const slope = v128.load32_splat(slopes + <usize> output * 4);
      const row = <usize> output * bytes + lane;
      back = f32x4.add(back, f32x4.mul(slope, v128.load(weights + row)));
      v128.store(second + row, f32x4.add(v128.load(second + row), f32x4.mul(slope, value)));
    }
    back = f32x4.mul(back, f32x4.sub(f32x4.splat(1), f32x4.mul(value, value)));
    v128.store(later + lane, f32x4.add(v128.load(later + lane), back));
    v128.store(commonLater + lane, f32x4.add(v128.load(commonLater + lane), back));
    for (let child = children; child < level.branching; child++) {
      const cell = own.first + <usize> (child * <u32> apps + <u32> app) * bytes + lane;
      v128.store(cell, f32x4.sub(v128.load(cell), back));
    }
  }
}

/** The first container of an app: what all its choices see alike. */
function addApp(gradient: Gradient, demand: usize, app: i32): void {
  const player = gradient.player;
  for (let at: u32 = 0; at < player.levels; at++) {
    const own = levelGradient(gradient, at);
    const level = levelOf(player, at);
    const later = own.commonLater;
    addRow(own.firstBias, later, 1, own.lanes);
    for (let child: u32 = 0; child < level.branching; child++) {
      addRow(own.first + <usize> (child * <u32> apps + <u32> app) * own.lanes * 4, later, 1, own.lanes);
    }
    if (!player.remaining) {
      addRow(restRow(own, level, <u32> app), later, 1, own.lanes);
    } else {
      addRow(restRow(own, level, 0), later, <f32> app, own.lanes);
      for (let other = app; other < apps; other++) {
        const count = load<u32>(demand + other * 4) - (other == app ? 1 : 0);
        if (count > 0) addRow(restRow(own, level, 1 + <u32> other), later, <f32> count, own.lanes);
      }
    }
    memory.fill(later, 0, <usize> own.lanes * 4);
  }
}
