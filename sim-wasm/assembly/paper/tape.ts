// What an episode did, written while it is played (episodes.ts): what its gradient is made of (gradient.ts).

import { addInput, Chooser } from "./chooser";
import { Level, Player } from "./player";
import { sumPairs, tanhLanes } from "../dense";
import { alloc, free } from "../memory";
import { apps } from "../space/space";

/** An episode as it was played: what its gradient is made of. */
@unmanaged
export class Tape {
  /** Containers that there is room for, and that were placed; the last segment. */
  room: u32;
  containers: u32;
  segments: u32;
  /** Most choices of a level, rounded up to 4. */
  widest: u32;
  /** Of each container: u32 app, u32 leaf, u32 1 if it filled the leaf; then of each level u32 group. */
  steps: usize;
  /** u8[containers][levels] */
  actions: usize;
  /** f32[containers][levels][maxLanes] and f32[containers][levels][widest]: hidden units; logits, then slopes by them */
  hidden: usize;
  slopes: usize;
  /** u32[segments + 1][leaves]: what leaves were shown as in each; no more segments than containers or leaves */
  shown: usize;
  /** u32[apps] */
  demand: usize;
}

export function freeTape(tape: Tape): void {
  free(tape.steps);
  free(tape.actions);
  free(tape.hidden);
  free(tape.slopes);
  free(tape.shown);
  free(tape.demand);
}

/** Makes room for an episode of a demand (u32[apps]), of which nothing is placed yet. Returns its containers. */
export function beginTape(tape: Tape, player: Player, demand: usize): u32 {
  let containers: u32 = 0;
  for (let app = 0; app < apps; app++) containers += load<u32>(demand + app * 4);
  if (containers > tape.room || tape.room == 0) makeRoom(tape, player, max<u32>(1, containers));
  memory.copy(tape.demand, demand, <usize> apps * 4);
  tape.containers = 0;
  tape.segments = 0;
  return containers;
}

function makeRoom(tape: Tape, player: Player, containers: u32): void {
  const choices = <usize> containers * player.levels;
  freeTape(tape);
  tape.steps = alloc(<usize> containers * (3 + player.levels) * 4);
  tape.actions = alloc(choices);
  tape.hidden = alloc(choices * player.maxLanes * 4);
  tape.slopes = alloc(choices * tape.widest * 4);
  tape.shown = alloc(<usize> (min(containers, player.leaves) + 1) * player.leaves * 4);
  tape.demand = alloc(<usize> apps * 4);
  tape.room = containers;
}

// @ts-ignore: decorator
@inline
export function stepOf(tape: Tape, player: Player, container: u32): usize {
  return tape.steps + <usize> container * (3 + player.levels) * 4;
}

/** What leaves are shown as in the present segment. */
export function tapeShown(tape: Tape, player: Player): void {
  const bytes = <usize> player.leaves * 4;
  memory.copy(tape.shown + <usize> tape.segments * bytes, player.shown, bytes);
}

/** A container of the app was put on a leaf. */
export function tapePlaced(tape: Tape, player: Player, container: u32, app: i32, leaf: u32): void {
  const step = stepOf(tape, player, container);
  const filled = load<u32>(player.held + <usize> leaf * 4) == load<u32>(player.capacities + <usize> leaf * 4);
  store<u32>(step, app);
  store<u32>(step + 4, leaf);
  store<u32>(step + 8, filled);
  if (filled) {
    tape.segments++;
    tapeShown(tape, player);
  }
}

/** The logits of a choice, as think of logits.ts; hidden units and logits go to the tape as well. */
export function thinkOnTape(
  tape: Tape,
  player: Player,
  level: Level,
  group: u32,
  app: i32,
  container: u32,
  at: u32,
): void {
  const choice = <usize> container * player.levels + at;
  store<u32>(stepOf(tape, player, container) + 12 + at * 4, group);
  const children = load<u32>(level.children + <usize> group * 4);
  const logits = tape.slopes + choice * tape.widest * 4;
  hiddenOnTape(tape, player, level, group, app, choice, children, logits);
  memory.copy(player.logits, logits, <usize> children * 4);
}

function hiddenOnTape(
  tape: Tape,
  player: Player,
  level: Level,
  group: u32,
  app: i32,
  choice: usize,
  children: u32,
  logits: usize,
): void {
  const chooser = changetype<Chooser>(level.chooser);
  const bytes = <usize> chooser.lanes * 4;
  const choosing = level.choosing + <usize> group * player.maxLanes * 4;
  const hidden = tape.hidden + choice * player.maxLanes * 4;
  if (children == 3 && level.branching == 3) {
    // The usual case in one pass, the three sums in registers.
    const second = chooser.second;
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    for (let lane: usize = 0; lane < bytes; lane += 16) {
      const value = tanhLanes(f32x4.add(v128.load(choosing + lane), v128.load(level.common + lane)));
      v128.store(hidden + lane, value);
      a = f32x4.add(a, f32x4.mul(value, v128.load(second + lane)));
      b = f32x4.add(b, f32x4.mul(value, v128.load(second + bytes + lane)));
      c = f32x4.add(c, f32x4.mul(value, v128.load(second + 2 * bytes + lane)));
    }
    store<f32>(logits, sumPairs(a) + load<f32>(chooser.secondBias));
    store<f32>(logits + 4, sumPairs(b) + load<f32>(chooser.secondBias + 4));
    store<f32>(logits + 8, sumPairs(c) + load<f32>(chooser.secondBias + 8));
    return;
  }
  memory.copy(hidden, choosing, bytes);
  // Children that do not exist were raised in `common`.
  for (let child = children; child < level.branching; child++) {
    addInput(hidden, chooser, child * <u32> apps + <u32> app, -1);
  }
  for (let lane: usize = 0; lane < bytes; lane += 16) {
    v128.store(hidden + lane, tanhLanes(f32x4.add(v128.load(hidden + lane), v128.load(level.common + lane))));
  }
  for (let output: u32 = 0; output < children; output++) {
    const row = chooser.second + <usize> output * bytes;
    let sum = f32x4.splat(0);
    for (let lane: usize = 0; lane < bytes; lane += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(hidden + lane), v128.load(row + lane)));
    }
    store<f32>(logits + <usize> output * 4, sumPairs(sum) + load<f32>(chooser.secondBias + <usize> output * 4));
  }
}
