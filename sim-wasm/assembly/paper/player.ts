// The memory of a player: a tree of groups over the leaves of a cluster, what an episode has placed, and the sums
// from which choices are made (episodes.ts).

import { lanesOf } from "../dense";
import { alloc, free } from "../memory";
import { apps, throughputOf } from "../space/space";

@unmanaged
export class Level {
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
export class Player {
  leaves: u32;
  levels: u32;
  /** Level[levels] */
  level: usize;
  maxLanes: u32;
  /** True: the app is one number, followed by the counts still to come; false: a one-hot vector. */
  remaining: bool;
  /** u32[leaves] */
  capacities: usize;
  held: usize;
  shown: usize;
  shownBefore: usize;
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
export function levelOf(player: Player, at: u32): Level {
  return changetype<Level>(player.level + <usize> at * offsetof<Level>());
}

/** A player over a tree of `leaves` leaves; the host then shapes each level and writes the capacities. */
export function createPlayer(leaves: u32, levels: u32, maxLanes: u32, maxOutputs: u32, remaining: bool): usize {
  const address = alloc(offsetof<Player>());
  const player = changetype<Player>(address);
  player.leaves = leaves;
  player.levels = levels;
  player.level = alloc(<usize> levels * offsetof<Level>());
  player.maxLanes = lanesOf(maxLanes);
  player.remaining = remaining;
  player.capacities = alloc(<usize> leaves * 4);
  player.held = alloc(<usize> leaves * 4);
  player.shown = alloc(<usize> leaves * 4);
  player.shownBefore = alloc(<usize> leaves * 4);
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
  free(player.shownBefore);
  free(player.placed);
  free(player.left);
  free(player.logits);
  free(player.scratch);
  free(address);
}

/** Gives a level its shape; the host then fills its arrays. */
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

/** u32[groups]: index of the first child at the next level */
export function levelFirstChild(address: usize, at: u32): usize {
  return levelOf(changetype<Player>(address), at).firstChild;
}

/** u32[groups]: how many children there are */
export function levelChildren(address: usize, at: u32): usize {
  return levelOf(changetype<Player>(address), at).children;
}

/** u32[leaves]: the group of this level that holds the leaf */
export function levelGroupOf(address: usize, at: u32): usize {
  return levelOf(changetype<Player>(address), at).groupOf;
}

/** u32[leaves]: under which child of its group the leaf is */
export function levelChildOf(address: usize, at: u32): usize {
  return levelOf(changetype<Player>(address), at).childOf;
}

/** Lets a level choose by this chooser from now on. */
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

/** Total throughput of what the last episode placed; leaves must be nodes. */
export function playerTotal(address: usize): f64 {
  const player = changetype<Player>(address);
  let total: f64 = 0;
  for (let leaf: u32 = 0; leaf < player.leaves; leaf++) {
    for (let app = 0; app < apps; app++) {
      const count = load<u32>(player.placed + (<usize> leaf * apps + app) * 4);
      store<u8>(player.scratch + app, <u8> count);
    }
    total += throughputOf(player.scratch, 0);
  }
  return total;
}

/** Copies what the last episode placed to u8[leaves][apps]; leaves must be nodes. */
export function copyPlaced(address: usize, out: usize): void {
  const player = changetype<Player>(address);
  const cells = player.leaves * <u32> apps;
  for (let cell: u32 = 0; cell < cells; cell++) {
    store<u8>(out + cell, <u8> load<u32>(player.placed + <usize> cell * 4));
  }
}
