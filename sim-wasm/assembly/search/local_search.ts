// Local search over moves and swaps: by trades.ts where a formula is evaluated and all nodes may trade, else here. Nodes
// that are alike and hold the same are interchangeable, so pairs of *groups* of such nodes are searched, not pairs of
// nodes: the work depends on how many different configurations there are, hardly on how many nodes.

import { alloc, free } from "../memory";
import { apps, dense } from "../space/space";
import { apply, hasRoom, mayTrade, NO_APP, State, tableOf, valueInTable } from "../space/state";
import { beginTrades, continueTrades, endTrades, Trades } from "./trades";

const NONE: u32 = 0xffffffff;

/** The search where steps are valued by a formula; 0 where it is this one. */
let trades: usize = 0;
/** u32[groups]: first node of each group, or NONE for a group that is empty now. */
let heads: usize = 0;
/** u32[groups]: nodes in each group. */
let sizes: usize = 0;
/** u32[groups]: sweep in which the group was last changed in a way that opens new pairs. */
let changedIn: usize = 0;
/** u32[nodes]: next node of the same group. */
let nextNode: usize = 0;
let groups: u32 = 0;
// Where the search stands: it may return to the host between any two pairs.
let sweep: u32 = 1;
let atG: u32 = 0;
let atH: u32 = 0;
/** Whether this sweep has made a step. */
let improved: bool = false;
let ended: bool = false;

function sameKind(state: State, a: u32, b: u32): bool {
  if (dense && load<u32>(state.ranks + <usize> a * 4) != load<u32>(state.ranks + <usize> b * 4)) {
    return false;
  }
  return load<u32>(state.alike + <usize> a * 4) == load<u32>(state.alike + <usize> b * 4) &&
    memory.compare(
        state.counts + <usize> a * apps,
        state.counts + <usize> b * apps,
        apps,
      ) == 0;
}

/** Puts a node into the group of its kind, or into a new one. */
function join(state: State, node: u32): void {
  let empty: u32 = NONE;
  for (let group: u32 = 0; group < groups; group++) {
    const head = load<u32>(heads + <usize> group * 4);
    if (head == NONE) {
      empty = group;
    } else if (sameKind(state, head, node)) {
      store<u32>(nextNode + <usize> node * 4, head);
      store<u32>(heads + <usize> group * 4, node);
      const size = load<u32>(sizes + <usize> group * 4) + 1;
      store<u32>(sizes + <usize> group * 4, size);
      // With a second node the group may trade with itself, which was not looked at before.
      if (size == 2) store<u32>(changedIn + <usize> group * 4, sweep);
      return;
    }
  }
  if (empty == NONE) empty = groups++;
  store<u32>(nextNode + <usize> node * 4, NONE);
  store<u32>(heads + <usize> empty * 4, node);
  store<u32>(sizes + <usize> empty * 4, 1);
  store<u32>(changedIn + <usize> empty * 4, sweep);
}

/** Takes the first node out of a group. */
function leave(group: u32): void {
  const head = load<u32>(heads + <usize> group * 4);
  store<u32>(heads + <usize> group * 4, load<u32>(nextNode + <usize> head * 4));
  store<u32>(sizes + <usize> group * 4, load<u32>(sizes + <usize> group * 4) - 1);
}

/** Applies the first improving exchange between two nodes; true where there was one. */
function improvePair(state: State, u: u32, v: u32): bool {
  const countsU = state.counts + <usize> u * apps;
  const countsV = state.counts + <usize> v * apps;
  const now = load<f64>(state.nodeValues + <usize> u * 8) +
    load<f64>(state.nodeValues + <usize> v * 8);
  const tableU = tableOf(state, u);
  const tableV = tableOf(state, v);
  for (let given = 0; given < apps; given++) {
    if (load<u8>(countsU + given) == 0) continue;
    for (let taken = NO_APP; taken < apps; taken++) {
      if (taken == given) continue;
      if (taken == NO_APP ? !hasRoom(state, v) : load<u8>(countsV + taken) == 0) continue;
      const valueU = valueInTable(state, tableU, u, given, taken);
      const valueV = valueInTable(state, tableV, v, taken, given);
      // A step must be worth more than rounding, or two states could trade places forever.
      if (valueU + valueV > now + 1e-9 && mayTrade(state, u, v, given, taken)) {
        apply(state, u, given, taken, valueU);
        apply(state, v, taken, given, valueV);
        return true;
      }
    }
  }
  return false;
}

/** Groups the nodes of a state: the start of one local search. Only one may be open in an instance. */
export function beginLocalSearch(address: usize): void {
  const state = changetype<State>(address);
  ended = false;
  trades = dense || state.domains ? 0 : changetype<usize>(beginTrades(state));
  if (trades) return;
  const nodes = state.nodes;
  heads = alloc(<usize> (nodes + 2) * 4);
  sizes = alloc(<usize> (nodes + 2) * 4);
  changedIn = alloc(<usize> (nodes + 2) * 4);
  nextNode = alloc(<usize> nodes * 4);
  groups = 0;
  sweep = 1;
  for (let node: u32 = 0; node < nodes; node++) {
    if (load<u8>(state.capacities + node)) join(state, node);
  }
  atG = 0;
  atH = 0;
  improved = false;
}

/** Ends the search that is open. */
export function endLocalSearch(): void {
  if (trades) return endTrades(changetype<Trades>(trades));
  free(heads);
  free(sizes);
  free(changedIn);
  free(nextNode);
}

/**
 * Goes on moving and swapping containers until no single move or swap improves the total throughput,
 * or until `most` pairs of nodes were looked at, or nodes valued by a formula (the host then calls again, so that
 * it can be interrupted). Returns the steps made; localSearchEnded says which of the two it was.
 */
export function continueLocalSearch(address: usize, most: u32): u32 {
  if (trades) {
    const made = continueTrades(changetype<Trades>(trades), most);
    ended = changetype<Trades>(trades).ended;
    return made;
  }
  const state = changetype<State>(address);
  let steps: u32 = 0;
  let pairs: u32 = 0;
  while (true) {
    for (; atG < groups; atG++, atH = 0) {
      for (; atH < groups; atH++) {
        while (true) {
          const u = load<u32>(heads + <usize> atG * 4);
          let v = load<u32>(heads + <usize> atH * 4);
          if (u == NONE || v == NONE) break;
          if (atG == atH) v = load<u32>(nextNode + <usize> u * 4);
          if (v == NONE) break;
          // A pair that was looked at in vain, and not changed since, needs no second look.
          if (
            load<u32>(changedIn + <usize> atG * 4) + 1 < sweep &&
            load<u32>(changedIn + <usize> atH * 4) + 1 < sweep
          ) break;
          if (pairs == most) return steps;
          pairs++;
          if (!improvePair(state, u, v)) break;
          improved = true;
          steps++;
          leave(atG);
          leave(atH);
          join(state, u);
          join(state, v);
        }
      }
    }
    if (!improved) break;
    sweep++;
    atG = 0;
    atH = 0;
    improved = false;
  }
  ended = true;
  return steps;
}

/** True where the search that is open has found a local optimum. */
export function localSearchEnded(): bool {
  return ended;
}
