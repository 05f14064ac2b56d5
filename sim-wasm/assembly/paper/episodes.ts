// Whole episodes of the paper's schedulers in the core: containers come sorted by app, and each is placed by one
// choice per level of a tree of groups, by a network 'observation -> hidden tanh -> logits' for each level.
//
// An observation changes in few places from one container to the next, so the sums that enter tanh are kept
// and updated instead of computed anew:
//   sums of a choice = choosing[level][group] + common[level]
//   choosing = kernel x (counts of the group's children)   changes by one row when a container is placed
//   common   = bias + kernel x (everything else)           changes by one row, anew when the app changes
//
// Full leaves are shown as copies of leaves with room, and chosen as them (the 2020 code): shown[leaf].
// The counts, f32[groups][branching][apps] for each level, are kept as well: they are the observations.

import { alloc, free } from "../memory";
import { expLanes, tanhLanes } from "./network";
import { randomBelow, randomUniform, seedRandom } from "../random";
import { apps, throughputOf } from "../space/space";

const GREEDY: u32 = 0;
const SAMPLE: u32 = 1;
const SPREAD: u32 = 2;
const FORCED: u32 = 3;

/** A network of two layers, laid out for row updates. */
@unmanaged
class Chooser {
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

@unmanaged
class Level {
  groups: u32;
  branching: u32;
  /** Chooser of this level, 0 where none is needed. */
  chooser: usize;
  /** u32[groups]: index of the first child at the next level, and how many there are */
  firstChild: usize;
  children: usize;
  /** u32[leaves]: the group of this level that holds the leaf, and under which of its children */
  groupOf: usize;
  childOf: usize;
  /** f32[groups][branching * apps] */
  counts: usize;
  /** f32[groups][maxLanes], f32[maxLanes] */
  choosing: usize;
  common: usize;
}

@unmanaged
class Player {
  leaves: u32;
  levels: u32;
  /** Level[levels] */
  level: usize;
  maxLanes: u32;
  /** 1: the app is one number, followed by the counts still to come; 0: a one-hot vector. */
  style: u32;
  /** u32[leaves] */
  capacities: usize;
  held: usize;
  shown: usize;
  /** u32[leaves][apps] */
  placed: usize;
  /** u32[apps]: still to come */
  left: usize;
  /** f32[maxOutputs + 4] */
  logits: usize;
  /** u8[apps + 8] */
  scratch: usize;
  /** Leaves with room. */
  open: u32;
  entropy: f64;
}

// @ts-ignore: decorator
@inline
function levelOf(player: Player, at: u32): Level {
  return changetype<Level>(player.level + <usize> at * offsetof<Level>());
}

/** A chooser; the host then fills its arrays and calls finishChooser. `outputs` at most 256. */
export function createChooser(inputs: u32, hidden: u32, outputs: u32): usize {
  const address = alloc(offsetof<Chooser>());
  const chooser = changetype<Chooser>(address);
  chooser.inputs = inputs;
  chooser.lanes = (hidden + 3) & ~3;
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

/** Arrays of a chooser: 0 first kernel, 1 first bias, 2 second kernel (transposed), 3 second bias. */
export function chooserArray(address: usize, which: u32): usize {
  const chooser = changetype<Chooser>(address);
  if (which == 0) return chooser.first;
  if (which == 1) return chooser.firstBias;
  return which == 2 ? chooser.second : chooser.secondBias;
}

/** Call after the arrays were filled. */
export function finishChooser(address: usize): void {
  const chooser = changetype<Chooser>(address);
  const row = <usize> chooser.lanes * 4;
  memory.fill(chooser.raise, 0, <usize> apps * row);
  for (let child: u32 = 0; child < chooser.outputs; child++) {
    for (let app = 0; app < apps; app++) {
      addRow(chooser.raise + <usize> app * row, chooser, child * <u32> apps + <u32> app, 1);
    }
  }
}

/** target += factor x one row of the first kernel */
// @ts-ignore: decorator
@inline
function addRow(target: usize, chooser: Chooser, input: u32, factor: f32): void {
  const bytes = <usize> chooser.lanes * 4;
  const row = chooser.first + <usize> input * bytes;
  const times = f32x4.splat(factor);
  for (let at: usize = 0; at < bytes; at += 16) {
    const sum = f32x4.add(v128.load(target + at), f32x4.mul(times, v128.load(row + at)));
    v128.store(target + at, sum);
  }
}

/** A player over a tree of `leaves` leaves; the host then shapes each level and writes the capacities. */
export function createPlayer(leaves: u32, levels: u32, maxLanes: u32, maxOutputs: u32, style: u32): usize {
  const address = alloc(offsetof<Player>());
  const player = changetype<Player>(address);
  player.leaves = leaves;
  player.levels = levels;
  player.level = alloc(<usize> levels * offsetof<Level>());
  player.maxLanes = (maxLanes + 3) & ~3;
  player.style = style;
  player.capacities = alloc(<usize> leaves * 4);
  player.held = alloc(<usize> leaves * 4);
  player.shown = alloc(<usize> leaves * 4);
  player.placed = alloc(<usize> leaves * apps * 4);
  player.left = alloc(<usize> apps * 4);
  player.logits = alloc((<usize> maxOutputs + 4) * 4);
  player.scratch = alloc(<usize> apps + 8);
  return address;
}

export function destroyPlayer(address: usize): void {
  const player = changetype<Player>(address);
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    free(level.firstChild);
    free(level.children);
    free(level.groupOf);
    free(level.childOf);
    free(level.counts);
    free(level.choosing);
    free(level.common);
  }
  free(player.level);
  free(player.capacities);
  free(player.held);
  free(player.shown);
  free(player.placed);
  free(player.left);
  free(player.logits);
  free(player.scratch);
  free(address);
}

export function shapeLevel(address: usize, at: u32, groups: u32, branching: u32): void {
  const player = changetype<Player>(address);
  const level = levelOf(player, at);
  level.groups = groups;
  level.branching = branching;
  level.chooser = 0;
  level.firstChild = alloc(<usize> groups * 4);
  level.children = alloc(<usize> groups * 4);
  level.groupOf = alloc(<usize> player.leaves * 4);
  level.childOf = alloc(<usize> player.leaves * 4);
  level.counts = alloc(<usize> groups * branching * apps * 4);
  level.choosing = alloc(<usize> groups * player.maxLanes * 4);
  level.common = alloc(<usize> player.maxLanes * 4);
}

/** u32 arrays of a level: 0 firstChild, 1 children (by group), 2 groupOf, 3 childOf (by leaf). */
export function levelArray(address: usize, at: u32, which: u32): usize {
  const level = levelOf(changetype<Player>(address), at);
  if (which == 0) return level.firstChild;
  if (which == 1) return level.children;
  return which == 2 ? level.groupOf : level.childOf;
}

export function setChooser(address: usize, at: u32, chooser: usize): void {
  levelOf(changetype<Player>(address), at).chooser = chooser;
}

/** u32[leaves] */
export function playerCapacities(address: usize): usize {
  return changetype<Player>(address).capacities;
}

/** u32[leaves][apps]: what the last episode placed */
export function playerPlaced(address: usize): usize {
  return changetype<Player>(address).placed;
}

/** Sum of the entropies (nats) of all sampled choices of the last episode. */
export function playerEntropy(address: usize): f64 {
  return changetype<Player>(address).entropy;
}

/**
 * Plays one episode of a demand (u32[apps]). mode: 0 greedy, 1 sampled, 2 the child with the fewest containers, then
 * the fewest of the app, ties at random, 3 the choices in `actions`.
 * actions: u8[containers][levels], written (mode 3: read); 0 = not wanted.
 * observations: u32[levels] offsets of f32[containers][inputs], or 0; then `inputs` is that of each level.
 * Returns the containers that found no room.
 */
export function playEpisode(
  address: usize,
  demand: usize,
  seed: u32,
  mode: u32,
  actions: usize,
  observations: usize,
): u32 {
  const player = changetype<Player>(address);
  const thinks = mode < SPREAD;
  if (mode == SAMPLE || mode == SPREAD) seedRandom(seed);
  player.entropy = 0;
  memory.copy(player.left, demand, <usize> apps * 4);
  memory.fill(player.held, 0, <usize> player.leaves * 4);
  memory.fill(player.placed, 0, <usize> player.leaves * apps * 4);
  showAll(player, thinks);
  let container: u32 = 0;
  for (let app = 0; app < apps; app++) {
    let left = load<u32>(player.left + app * 4);
    if (left == 0) continue;
    store<u32>(player.left + app * 4, left - 1);
    if (thinks) newApp(player, app);
    while (left > 0) {
      if (player.open == 0) return unplaced(player, app, left);
      const leaf = choose(player, app, mode, container, actions, observations);
      putOn(player, leaf, app, thinks);
      container++;
      left--;
      if (left > 0) {
        store<u32>(player.left + app * 4, left - 1);
        if (thinks && player.style == 1) oneLess(player, app);
      }
    }
  }
  return 0;
}

function unplaced(player: Player, app: i32, left: u32): u32 {
  let sum = left;
  for (let other = app + 1; other < apps; other++) sum += load<u32>(player.left + other * 4);
  return sum;
}

/** First row of the first kernel that says which app arrives. */
// @ts-ignore: decorator
@inline
function appRow(level: Level): u32 {
  return level.branching * <u32> apps;
}

function newApp(player: Player, app: i32): void {
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    const chooser = changetype<Chooser>(level.chooser);
    const bytes = <usize> chooser.lanes * 4;
    memory.copy(level.common, chooser.firstBias, bytes);
    const raise = chooser.raise + <usize> app * bytes;
    for (let lane: usize = 0; lane < bytes; lane += 16) {
      v128.store(
        level.common + lane,
        f32x4.add(v128.load(level.common + lane), v128.load(raise + lane)),
      );
    }
    const row = appRow(level);
    if (player.style == 0) {
      addRow(level.common, chooser, row + <u32> app, 1);
      continue;
    }
    addRow(level.common, chooser, row, <f32> app);
    for (let other = 0; other < apps; other++) {
      const count = load<u32>(player.left + other * 4);
      if (count > 0) addRow(level.common, chooser, row + 1 + <u32> other, <f32> count);
    }
  }
}

function oneLess(player: Player, app: i32): void {
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    addRow(level.common, changetype<Chooser>(level.chooser), appRow(level) + 1 + <u32> app, -1);
  }
}

/** Decides what each leaf is shown as, and counts everything anew. */
function showAll(player: Player, thinks: bool): void {
  const leaves = player.leaves;
  player.open = 0;
  for (let leaf: u32 = 0; leaf < leaves; leaf++) {
    if (hasRoom(player, leaf)) player.open++;
  }
  if (player.open > 0) {
    let next: u32 = 0;
    for (let leaf: u32 = 0; leaf < leaves; leaf++) {
      let as = leaf;
      if (!hasRoom(player, leaf)) {
        while (!hasRoom(player, next)) next = next + 1 == leaves ? 0 : next + 1;
        as = next;
        next = next + 1 == leaves ? 0 : next + 1;
      }
      store<u32>(player.shown + <usize> leaf * 4, as);
    }
  }
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    memory.fill(level.counts, 0, <usize> level.groups * level.branching * apps * 4);
    if (thinks) memory.fill(level.choosing, 0, <usize> level.groups * player.maxLanes * 4);
  }
  for (let leaf: u32 = 0; leaf < leaves; leaf++) {
    const as = load<u32>(player.shown + <usize> leaf * 4);
    if (load<u32>(player.held + <usize> as * 4) == 0) continue;
    for (let app = 0; app < apps; app++) {
      const count = load<u32>(player.placed + (<usize> as * apps + app) * 4);
      if (count > 0) countOn(player, leaf, app, <f32> count, thinks);
    }
  }
}

// @ts-ignore: decorator
@inline
function hasRoom(player: Player, leaf: u32): bool {
  return load<u32>(player.held + <usize> leaf * 4) < load<u32>(player.capacities + <usize> leaf * 4);
}

/** A leaf shows `count` more containers of the app: at every level. */
function countOn(player: Player, leaf: u32, app: i32, count: f32, thinks: bool): void {
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    const group = load<u32>(level.groupOf + <usize> leaf * 4);
    const input = load<u32>(level.childOf + <usize> leaf * 4) * <u32> apps + <u32> app;
    const cell = level.counts + (<usize> group * level.branching * apps + input) * 4;
    store<f32>(cell, load<f32>(cell) + count);
    if (!thinks) continue;
    const target = level.choosing + <usize> group * player.maxLanes * 4;
    addRow(target, changetype<Chooser>(level.chooser), input, count);
  }
}

function putOn(player: Player, leaf: u32, app: i32, thinks: bool): void {
  const cell = player.placed + (<usize> leaf * apps + app) * 4;
  store<u32>(cell, load<u32>(cell) + 1);
  const held = load<u32>(player.held + <usize> leaf * 4) + 1;
  store<u32>(player.held + <usize> leaf * 4, held);
  if (held == load<u32>(player.capacities + <usize> leaf * 4)) {
    showAll(player, thinks);
    return;
  }
  if (player.open == player.leaves) {
    countOn(player, leaf, app, 1, thinks);
    return;
  }
  for (let other: u32 = 0; other < player.leaves; other++) {
    if (load<u32>(player.shown + <usize> other * 4) == leaf) countOn(player, other, app, 1, thinks);
  }
}

/** Chooses at every level and returns the leaf that takes the container. */
function choose(
  player: Player,
  app: i32,
  mode: u32,
  container: u32,
  actions: usize,
  observations: usize,
): u32 {
  let group: u32 = 0;
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    if (observations) observe(player, level, group, app, load<u32>(observations + at * 4), container);
    let action: u32 = 0;
    const cell = actions + <usize> container * player.levels + at;
    if (mode == FORCED) action = load<u8>(cell);
    else if (mode == SPREAD) action = fewest(level, group, app);
    else {
      const children = load<u32>(level.children + <usize> group * 4);
      think(player, level, group, app, children);
      action = mode == GREEDY ? largest(player, children) : draw(player, children);
    }
    if (mode != FORCED && actions) store<u8>(cell, <u8> action);
    group = load<u32>(level.firstChild + <usize> group * 4) + action;
  }
  return load<u32>(player.shown + <usize> group * 4);
}

/** Writes the observation of a choice. */
function observe(player: Player, level: Level, group: u32, app: i32, target: usize, container: u32): void {
  const shared = level.branching * <u32> apps;
  const inputs = shared + <u32> (player.style == 1 ? 1 + apps : apps);
  const row = target + <usize> container * inputs * 4;
  memory.copy(row, level.counts + <usize> group * shared * 4, <usize> shared * 4);
  const children = load<u32>(level.children + <usize> group * 4);
  for (let child: u32 = 0; child < children; child++) {
    const cell = row + (<usize> child * apps + app) * 4;
    store<f32>(cell, load<f32>(cell) + 1);
  }
  const rest = row + <usize> shared * 4;
  if (player.style == 0) {
    memory.fill(rest, 0, <usize> apps * 4);
    store<f32>(rest + app * 4, 1);
    return;
  }
  store<f32>(rest, <f32> app);
  for (let other = 0; other < apps; other++) {
    store<f32>(rest + 4 + other * 4, <f32> load<u32>(player.left + other * 4));
  }
}

/** Computes the logits of a choice. */
function think(player: Player, level: Level, group: u32, app: i32, children: u32): void {
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
    store<f32>(hidden, load<f32>(hidden) + sumLanes(a));
    if (children > 1) store<f32>(hidden + 4, load<f32>(hidden + 4) + sumLanes(b));
    if (children > 2) store<f32>(hidden + 8, load<f32>(hidden + 8) + sumLanes(c));
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
    store<f32>(cell, load<f32>(cell) + sumLanes(sum));
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
    addRow(block, chooser, child * <u32> apps + <u32> app, -1);
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

// @ts-ignore: decorator
@inline
function sumLanes(v: v128): f32 {
  return (f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

function largest(player: Player, children: u32): u32 {
  let best: u32 = 0;
  for (let child: u32 = 1; child < children; child++) {
    const value = load<f32>(player.logits + <usize> child * 4);
    if (value > load<f32>(player.logits + <usize> best * 4)) best = child;
  }
  return best;
}

/** Draws from the softmax of the logits; adds its entropy to the episode's. */
function draw(player: Player, children: u32): u32 {
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

/** The 2020 release's external knowledge: the child with the fewest containers, then of this app, ties at random. */
function fewest(level: Level, group: u32, app: i32): u32 {
  const children = load<u32>(level.children + <usize> group * 4);
  let row = level.counts + <usize> group * level.branching * apps * 4;
  let best: u32 = 0;
  let bestHeld: f32 = f32.MAX_VALUE;
  let bestOwn: f32 = f32.MAX_VALUE;
  let ties: u32 = 0;
  for (let child: u32 = 0; child < children; child++, row += <usize> apps * 4) {
    let held: f32 = 0;
    for (let other = 0; other < apps; other++) held += load<f32>(row + other * 4);
    const own = load<f32>(row + app * 4);
    if (held > bestHeld || (held == bestHeld && own > bestOwn)) continue;
    if (held == bestHeld && own == bestOwn) {
      ties++;
      if (randomBelow(ties) != 0) continue;
    } else ties = 1;
    best = child;
    bestHeld = held;
    bestOwn = own;
  }
  return best;
}

/** Total throughput of what the last episode placed; leaves must be nodes. */
export function playerTotal(address: usize): f64 {
  const player = changetype<Player>(address);
  let total: f64 = 0;
  for (let leaf: u32 = 0; leaf < player.leaves; leaf++) {
    for (let app = 0; app < apps; app++) {
      const count = load<u32>(player.placed + (<usize> leaf * apps + app) * 4);
      store<u8>(player.scratch + app, <u8> count);
    }
    total += throughputOf(player.scratch);
  }
  return total;
}

/**
 * Places the share that the last episode of `high` gave to a leaf by the sub-scheduler `sub`, greedily, with
 * the choosers of its size class. choosers: u32[classes][levels] addresses; a class is ten containers wide.
 * out: u8[nodes of the sub-cluster][apps], or 0. Returns the total throughput, NaN where not all found room.
 */
export function placeShare(
  high: usize,
  leaf: u32,
  sub: usize,
  choosers: usize,
  classes: u32,
  out: usize,
): f64 {
  const demand = changetype<Player>(high).placed + <usize> leaf * apps * 4;
  const player = changetype<Player>(sub);
  let containers: u32 = 0;
  for (let app = 0; app < apps; app++) containers += load<u32>(demand + app * 4);
  if (containers > 0) {
    const size = min<u32>((containers - 1) / 10, classes - 1);
    for (let at: u32 = 0; at < player.levels; at++) {
      levelOf(player, at).chooser = load<u32>(choosers + (<usize> size * player.levels + at) * 4);
    }
  }
  if (playEpisode(sub, demand, 0, GREEDY, 0, 0) > 0) return NaN;
  if (out) copyPlaced(sub, out);
  return playerTotal(sub);
}

/** Copies what the last episode placed to u8[leaves][apps]; leaves must be nodes. */
export function copyPlaced(address: usize, out: usize): void {
  const player = changetype<Player>(address);
  const cells = player.leaves * <u32> apps;
  for (let cell: u32 = 0; cell < cells; cell++) {
    store<u8>(out + cell, <u8> load<u32>(player.placed + <usize> cell * 4));
  }
}
