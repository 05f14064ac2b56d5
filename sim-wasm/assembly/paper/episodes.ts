// Whole episodes of the paper's schedulers in the core: containers come sorted by app, and each is placed by one
// choice per level of a tree of groups, by a network 'observation -> hidden tanh -> logits' for each level.
//
// An observation changes in few places from one container to the next, so the sums that enter tanh are kept
// and updated instead of computed again:
//   sums of a choice = choosing[level][group] + common[level]
//   choosing = kernel x (counts of the group's children)   changes by one row when a container is placed
//   common   = bias + kernel x (everything else)           changes by one row, again when the app changes
//
// Full leaves are shown as copies of leaves with room, and chosen as them (the 2020 code): shown[leaf].
// The counts, f32[groups][branching][apps] for each level, are kept as well: they are the observations.

import { addInput, Chooser } from "./chooser";
import { draw, largest, think } from "./logits";
import { Level, levelOf, Player } from "./player";
import { Tape, tapePlaced, tapeShown, thinkOnTape } from "./tape";
import { randomBelow, seedRandom } from "../random";
import { apps } from "../space/space";

/** How choices are made: the largest logit, a draw, the emptiest child, as told. */
export const GREEDY: u32 = 0;
export const SAMPLE: u32 = 1;
export const SPREAD: u32 = 2;
export const FORCED: u32 = 3;

/**
 * Plays one episode of a demand (u32[apps]). mode: GREEDY, SAMPLE, SPREAD (the child with the fewest containers, then
 * the fewest of the app, ties at random) or FORCED (the choices in `actions`).
 * actions: u8[containers][levels], written (FORCED: read); 0 = not wanted.
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
  return play(changetype<Player>(address), demand, seed, mode, actions, observations, null);
}

/** As playEpisode; what happens goes to a tape as well where there is one, in the modes SAMPLE and FORCED. */
export function play(
  player: Player,
  demand: usize,
  seed: u32,
  mode: u32,
  actions: usize,
  observations: usize,
  tape: Tape | null,
): u32 {
  const thinks = mode < SPREAD || tape != null;
  if (mode == SAMPLE || mode == SPREAD) seedRandom(seed);
  player.entropy = 0;
  memory.copy(player.left, demand, <usize> apps * 4);
  showEmpty(player, thinks);
  if (tape) tapeShown(tape, player);
  let container: u32 = 0;
  for (let app = 0; app < apps; app++) {
    let left = load<u32>(player.left + app * 4);
    if (left == 0) continue;
    store<u32>(player.left + app * 4, left - 1);
    if (thinks) newApp(player, app);
    while (left > 0) {
      if (player.open == 0) return unplaced(player, app, left);
      const leaf = choose(player, app, mode, container, actions, observations, tape);
      putOn(player, leaf, app, thinks);
      if (tape) tapePlaced(tape, player, container, app, leaf);
      container++;
      left--;
      if (left > 0) {
        store<u32>(player.left + app * 4, left - 1);
        if (thinks && player.remaining) oneLess(player, app);
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
    if (!player.remaining) {
      addInput(level.common, chooser, row + <u32> app, 1);
      continue;
    }
    addInput(level.common, chooser, row, <f32> app);
    for (let other = 0; other < apps; other++) {
      const count = load<u32>(player.left + other * 4);
      if (count > 0) addInput(level.common, chooser, row + 1 + <u32> other, <f32> count);
    }
  }
}

function oneLess(player: Player, app: i32): void {
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    addInput(level.common, changetype<Chooser>(level.chooser), appRow(level) + 1 + <u32> app, -1);
  }
}

/** Decides what each leaf is shown as: itself, or if it is full one of those with room, each in turn. */
function showLeaves(player: Player): void {
  const leaves = player.leaves;
  player.open = 0;
  for (let leaf: u32 = 0; leaf < leaves; leaf++) {
    if (hasRoom(player, leaf)) player.open++;
  }
  if (player.open == 0) return;
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

/** Before the first container: nothing is shown to hold any. */
function showEmpty(player: Player, thinks: bool): void {
  memory.fill(player.held, 0, <usize> player.leaves * 4);
  memory.fill(player.placed, 0, <usize> player.leaves * apps * 4);
  showLeaves(player);
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    memory.fill(level.counts, 0, <usize> level.groups * level.branching * apps * 4);
    if (thinks) memory.fill(level.choosing, 0, <usize> level.groups * player.maxLanes * 4);
  }
}

/**
 * How many more containers of `other` a leaf shows when it is shown as `now` instead of as `then`, after `filled` got a
 * last container of `app`, which nobody was shown.
 */
// @ts-ignore: decorator
@inline
export function shownMore(player: Player, then: u32, now: u32, other: i32, filled: u32, app: i32): i32 {
  const after = <i32> load<u32>(player.placed + (<usize> now * apps + other) * 4);
  const before = <i32> load<u32>(player.placed + (<usize> then * apps + other) * 4);
  return after - before + (then == filled && other == app ? 1 : 0);
}

/** A leaf has filled: shows it, and leaves that were full before, as others. */
function showOthers(player: Player, filled: u32, app: i32, thinks: bool): void {
  memory.copy(player.shownBefore, player.shown, <usize> player.leaves * 4);
  showLeaves(player);
  for (let leaf: u32 = 0; leaf < player.leaves; leaf++) {
    const then = load<u32>(player.shownBefore + <usize> leaf * 4);
    const now = load<u32>(player.shown + <usize> leaf * 4);
    if (then == now) continue;
    for (let other = 0; other < apps; other++) {
      const more = shownMore(player, then, now, other, filled, app);
      if (more != 0) countOn(player, leaf, other, <f32> more, thinks);
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
    addInput(target, changetype<Chooser>(level.chooser), input, count);
  }
}

function putOn(player: Player, leaf: u32, app: i32, thinks: bool): void {
  const cell = player.placed + (<usize> leaf * apps + app) * 4;
  store<u32>(cell, load<u32>(cell) + 1);
  const held = load<u32>(player.held + <usize> leaf * 4) + 1;
  store<u32>(player.held + <usize> leaf * 4, held);
  if (held == load<u32>(player.capacities + <usize> leaf * 4)) {
    showOthers(player, leaf, app, thinks);
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
  tape: Tape | null,
): u32 {
  let group: u32 = 0;
  for (let at: u32 = 0; at < player.levels; at++) {
    const level = levelOf(player, at);
    if (observations) observe(player, level, group, app, load<u32>(observations + at * 4), container);
    if (tape) thinkOnTape(tape, player, level, group, app, container, at);
    let action: u32 = 0;
    const cell = actions + <usize> container * player.levels + at;
    if (mode == FORCED) action = load<u8>(cell);
    else if (mode == SPREAD) action = fewest(level, group, app);
    else {
      const children = load<u32>(level.children + <usize> group * 4);
      if (!tape) think(player, level, group, app, children);
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
  const inputs = shared + <u32> (player.remaining ? 1 + apps : apps);
  const row = target + <usize> container * inputs * 4;
  memory.copy(row, level.counts + <usize> group * shared * 4, <usize> shared * 4);
  const children = load<u32>(level.children + <usize> group * 4);
  for (let child: u32 = 0; child < children; child++) {
    const cell = row + (<usize> child * apps + app) * 4;
    store<f32>(cell, load<f32>(cell) + 1);
  }
  const rest = row + <usize> shared * 4;
  if (!player.remaining) {
    memory.fill(rest, 0, <usize> apps * 4);
    store<f32>(rest + app * 4, 1);
    return;
  }
  store<f32>(rest, <f32> app);
  for (let other = 0; other < apps; other++) {
    store<f32>(rest + 4 + other * 4, <f32> load<u32>(player.left + other * 4));
  }
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
