// Local search over trades, where a step is valued by a formula and not read from a table. What a node gains by giving a
// container of one app for one of another is the same whoever it trades with. So the best trade of two apps is between
// the node that gains most by the one direction and that which gains most by the other, and nobody else is looked at:
// the work of a sweep grows with nodes x apps on a node x apps, not with pairs of nodes. An empty slot counts as an app.

import { worthAfter } from "../implicit/climb";
import { Contention, listPresent, parametersOf } from "../implicit/contention";
import { alloc, blockOf, destroyOwner, Owner } from "../memory";
import { apps, capacity, FORBIDDEN, formulaOf } from "../space/space";
import { apply, hasRoom, NO_APP, State, valueAfter } from "../space/state";

const NONE: u32 = 0xffffffff;

/** A trade must be worth more than rounding, or two states could trade places forever. */
const LEAST: f64 = 1e-9;

/** The node that gains most by giving a container of one app for one of another. */
@unmanaged
class Best {
  gain: f64;
  node: u32;
  /** When it was looked for; 0 = never. */
  seen: u32;
}

/** What a contention formula needs of a node, followed by u32[capacity + 2]: the apps on it. */
@unmanaged
class Held {
  load0: f64;
  load1: f64;
  load2: f64;
  load3: f64;
  /** 0 where the node has another formula, or a permit. */
  formula: usize;
  found: u32;
}

@unmanaged
export class Trades extends Owner {
  state: State;
  /** Best[apps + 1][apps + 1], by the app that is given and the one that is taken. */
  bests: usize;
  /** The best besides the best. */
  second: Best;
  /** u64[apps + 1][words]: a bit for each node that has the app; in the last row for each that has room. */
  holders: usize;
  words: u32;
  /** u32[nodes]: when each was changed. */
  changed: usize;
  /** Held[nodes] */
  held: usize;
  heldBytes: usize;
  /** f64[apps] of 0. */
  noPrices: usize;
  /** Counts the steps. */
  now: u32;
  /** Where the search stands: the pair of apps that is looked at. */
  given: i32;
  taken: i32;
  /** Whether this sweep has made a step. */
  improved: bool;
  ended: bool;
  /** Nodes that were valued since the host called. */
  valued: u32;
}

/** Starts from what the state holds. No failure domains may be in the way of a trade. */
export function beginTrades(state: State): Trades {
  const trades = changetype<Trades>(alloc(offsetof<Trades>()));
  const nodes = state.nodes;
  const width = <usize> apps + 1;
  trades.state = state;
  trades.bests = blockOf(trades, width * width * offsetof<Best>());
  trades.second = changetype<Best>(blockOf(trades, offsetof<Best>()));
  trades.words = (nodes + 63) >> 6;
  trades.holders = blockOf(trades, width * trades.words * 8);
  trades.changed = blockOf(trades, <usize> nodes * 4);
  trades.heldBytes = offsetof<Held>() + (((<usize> capacity + 2) * 4 + 7) & ~7);
  trades.held = blockOf(trades, trades.heldBytes * nodes);
  trades.noPrices = blockOf(trades, <usize> apps * 8);
  trades.now = 1;
  trades.taken = 1;
  for (let node: u32 = 0; node < nodes; node++) {
    for (let index = 0; index <= apps; index++) noteHolder(trades, node, index);
    noteHeld(trades, node);
  }
  return trades;
}

export function endTrades(trades: Trades): void {
  destroyOwner(trades);
}

/**
 * Goes on trading until no two apps have a trade that gains, or until `maxValued` nodes were valued (the host then calls
 * again). Returns the steps made; `ended` says which of the two it was.
 */
export function continueTrades(trades: Trades, maxValued: u32): u32 {
  let steps: u32 = 0;
  trades.valued = 0;
  while (true) {
    for (; trades.given < apps; trades.given++, trades.taken = trades.given + 1) {
      for (; trades.taken <= apps; trades.taken++) {
        while (trade(trades)) {
          steps++;
          trades.improved = true;
          if (trades.valued >= maxValued) return steps;
        }
      }
      if (trades.valued >= maxValued) return steps;
    }
    if (!trades.improved) break;
    trades.improved = false;
    trades.given = 0;
    trades.taken = 1;
  }
  trades.ended = true;
  return steps;
}

/** Makes the best trade of the two apps that are looked at; false if none gains. */
function trade(trades: Trades): bool {
  const given = trades.given;
  const taken = trades.taken;
  const there = look(trades, given, taken);
  const back = look(trades, taken, given);
  let gain = there.gain + back.gain;
  if (gain <= LEAST) return false;
  let u = there.node;
  let v = back.node;
  if (u == v) {
    // It cannot trade with itself: either direction is for the second best.
    const secondBack = lookBeside(trades, taken, given, v);
    gain = there.gain + secondBack.gain;
    v = secondBack.node;
    const secondThere = lookBeside(trades, given, taken, u);
    if (secondThere.gain + back.gain > gain) {
      gain = secondThere.gain + back.gain;
      u = secondThere.node;
      v = back.node;
    }
    if (gain <= LEAST) return false;
  }
  trades.now++;
  make(trades, u, given, taken);
  make(trades, v, taken, given);
  return true;
}

/** The best node of a direction. As long as it is what it was, only nodes that have changed since the last look matter. */
function look(trades: Trades, give: i32, take: i32): Best {
  const width = <usize> apps + 1;
  const best = changetype<Best>(trades.bests + (<usize> give * width + take) * offsetof<Best>());
  if (best.seen == 0 || (best.node != NONE && changedAt(trades, best.node) >= best.seen)) {
    forget(best);
  }
  valueHolders(trades, give, take, NONE, best);
  best.seen = trades.now + 1;
  return best;
}

/** The best node of a direction besides one. */
function lookBeside(trades: Trades, give: i32, take: i32, except: u32): Best {
  forget(trades.second);
  valueHolders(trades, give, take, except, trades.second);
  return trades.second;
}

function forget(best: Best): void {
  best.gain = FORBIDDEN / 2;
  best.node = NONE;
  best.seen = 0;
}

/** Values the nodes that have what is given, and have changed since the last look. */
function valueHolders(trades: Trades, give: i32, take: i32, except: u32, best: Best): void {
  const seen = best.seen;
  for (let at: u32 = 0; at < trades.words; at++) {
    for (let left = load<u64>(wordOf(trades, give, at)); left; left &= left - 1) {
      const node = (at << 6) + <u32> ctz(left);
      if (changedAt(trades, node) < seen || node == except) continue;
      trades.valued++;
      const gain = gainOf(trades, node, give, take);
      if (gain <= best.gain) continue;
      best.gain = gain;
      best.node = node;
    }
  }
}

/** What a node gains by a trade; FORBIDDEN or less where it may not be. */
// @ts-ignore: decorator
@inline
function gainOf(trades: Trades, node: u32, give: i32, take: i32): f64 {
  const state = trades.state;
  const before = load<f64>(state.nodeValues + (<usize> node << 3));
  const held = changetype<usize>(heldBy(trades, node));
  const formula = changetype<Held>(held).formula;
  if (!formula) return valueAfter(state, node, appOf(give), appOf(take)) - before;
  return worthAfter(
    changetype<Contention>(formula),
    trades.noPrices,
    state.counts + <usize> node * apps,
    held + offsetof<Held>(),
    changetype<Held>(held).found,
    v128.load(held),
    v128.load(held, 16),
    appOf(give),
    appOf(take),
  ) - before;
}

function make(trades: Trades, node: u32, give: i32, take: i32): void {
  const state = trades.state;
  apply(state, node, appOf(give), appOf(take), valueAfter(state, node, appOf(give), appOf(take)));
  store<u32>(trades.changed + (<usize> node << 2), trades.now);
  noteHolder(trades, node, give);
  noteHolder(trades, node, take);
  noteHolder(trades, node, apps);
  noteHeld(trades, node);
}

/** Notes whether a node has containers of an app, or room. */
function noteHolder(trades: Trades, node: u32, index: i32): void {
  const state = trades.state;
  const has = index == apps
    ? hasRoom(state, node)
    : load<u8>(state.counts + <usize> node * apps + index) != 0;
  const word = wordOf(trades, index, node >> 6);
  const bit: u64 = 1 << <u64> (node & 63);
  store<u64>(word, has ? load<u64>(word) | bit : load<u64>(word) & ~bit);
}

/** Notes what a contention formula needs of a node. */
function noteHeld(trades: Trades, node: u32): void {
  const state = trades.state;
  const held = heldBy(trades, node);
  held.formula = load<u32>(state.permits + (<usize> node << 2))
    ? 0
    : formulaOf(load<u32>(state.surfaces + (<usize> node << 2)));
  if (!held.formula) return;
  const counts = state.counts + <usize> node * apps;
  const present = changetype<usize>(held) + offsetof<Held>();
  held.found = listPresent(counts, apps, present);
  let first = f64x2.splat(0);
  let last = f64x2.splat(0);
  for (let at: u32 = 0; at < held.found; at++) {
    const app = load<u32>(present + (<usize> at << 2));
    const count = f64x2.splat(<f64> load<u8>(counts + app));
    const parameters = parametersOf(changetype<Contention>(held.formula), app);
    first = f64x2.add(first, f64x2.mul(count, v128.load(parameters)));
    last = f64x2.add(last, f64x2.mul(count, v128.load(parameters, 16)));
  }
  v128.store(changetype<usize>(held), first);
  v128.store(changetype<usize>(held), last, 16);
}

// @ts-ignore: decorator
@inline
function heldBy(trades: Trades, node: u32): Held {
  return changetype<Held>(trades.held + <usize> node * trades.heldBytes);
}

// @ts-ignore: decorator
@inline
function wordOf(trades: Trades, index: i32, at: u32): usize {
  return trades.holders + ((<usize> index * trades.words + at) << 3);
}

// @ts-ignore: decorator
@inline
function changedAt(trades: Trades, node: u32): u32 {
  return load<u32>(trades.changed + (<usize> node << 2));
}

/** The app of an index; the one behind the last is an empty slot. */
// @ts-ignore: decorator
@inline
function appOf(index: i32): i32 {
  return index == apps ? NO_APP : index;
}
