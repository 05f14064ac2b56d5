// What a box of configurations is worth at most by a pairwise model.
//
// A node of the box holds the lowest counts, and k further containers. What one of those runs at is a convex function of the
// time that the k - 1 others add, so it is at most the mean over the others of what it would run at if all were like that
// one (Jensen). The same holds for those of the lowest counts, beside k. So the k containers are worth at most a sum
// over pairs of them, and that at most a sum over containers, each with the partner that it likes best. Added times are bounded
// from below by as much for each container of an app.

import { Permit, permits } from "../space/permit";
import { highestOf, look, lowestOf, NOWHERE, PairBox, PairSearch } from "./pair_search";
import { addedBy, aloneOf, Pairwise } from "./pairwise";

/** At least the RPS at a time: one over it, below the least time the line that continues it, so that it is convex. */
// @ts-ignore: decorator
@inline
function speedAt(time: f64, least: f64): f64 {
  return time >= least ? 1 / time : (2 - time / least) / least;
}

/**
 * Time that each of up to `most` further containers adds at least, where `there` are as neighbours already: terms of the pair.
 */
// @ts-ignore: decorator
@inline
function addedByEach(terms: usize, there: u32, most: u32): f64 {
  const first = load<f64>(terms);
  const further = load<f64>(terms, 8);
  if (there) return further;
  if (most <= 1 || first <= further) return first;
  return (first + <f64> (most - 1) * further) / <f64> most;
}

// @ts-ignore: decorator
@inline
function at(array: usize, index: u32): f64 {
  return load<f64>(array + (<usize> index << 3));
}

// @ts-ignore: decorator
@inline
function put(array: usize, index: u32, value: f64): void {
  store<f64>(array + (<usize> index << 3), value);
}

/** Lists the apps of which the box may hold more than its lowest counts; returns how many. The permit's rule together is left out. */
function listCandidates(search: PairSearch, lowest: usize, highest: usize): u32 {
  const counts = search.counts;
  const permit = changetype<Permit>(search.permit);
  let together: u32 = 0;
  if (search.permit) {
    together = permit.together;
    permit.together = 0;
  }
  memory.copy(counts, lowest, search.apps);
  let found: u32 = 0;
  for (let app: u32 = 0; app < search.apps; app++) {
    if (load<u8>(highest + app) <= load<u8>(lowest + app)) continue;
    if (search.permit) {
      store<u8>(counts + app, load<u8>(counts + app) + 1);
      const may = permits(permit, counts);
      store<u8>(counts + app, load<u8>(counts + app) - 1);
      if (!may) continue;
    }
    store<u32>(search.candidates + (<usize> found << 2), app);
    found++;
  }
  if (search.permit) permit.together = together;
  return found;
}

/** Bounds a box, says where to split it, and looks at its lowest counts. */
export function boundPairs(search: PairSearch, address: usize): void {
  const box = changetype<PairBox>(address);
  const apps = search.apps;
  const formula = changetype<Pairwise>(search.formula);
  const least = formula.least;
  const lowest = lowestOf(address);
  const highest = highestOf(address, apps);
  const candidates = search.candidates;
  const beside = search.beside;
  const among = search.among;
  const worths = search.worths;
  const prices = search.prices;
  box.split = NOWHERE;
  let total: u32 = 0;
  let paid: f64 = 0;
  for (let app: u32 = 0; app < apps; app++) {
    const count = <u32> load<u8>(lowest + app);
    total += count;
    paid += <f64> count * at(prices, app);
  }
  if (total > search.capacity) {
    box.bound = -Infinity;
    return;
  }
  let bound = look(search, lowest);
  const found = listCandidates(search, lowest, highest);
  const room = search.capacity - total;
  // Times beside the lowest counts: of one of them, or of one container more.
  for (let app: u32 = 0; app < apps; app++) {
    const isThere = load<u8>(lowest + app) > 0;
    const row = formula.terms + ((<usize> app * apps) << 4);
    let one: f64 = 1;
    let more: f64 = 1;
    for (let other: u32 = 0; other < apps; other++) {
      const count = <u32> load<u8>(lowest + other);
      if (!count) continue;
      more += addedBy(row + (<usize> other << 4), count);
      if (!isThere) continue;
      const neighbours = count - (other == app ? 1 : 0);
      if (neighbours) one += addedBy(row + (<usize> other << 4), neighbours);
    }
    put(beside, app, more);
    put(among, app, one);
  }
  for (let k: u32 = 1; found > 0 && k <= room; k++) {
    const others = <f64> (k - 1);
    // What a container is worth: its share of what the lowest counts run at, and half of its best pair.
    for (let i: u32 = 0; i < found; i++) {
      const app = load<u32>(candidates + (<usize> i << 2));
      const here = <u32> load<u8>(lowest + app);
      const spare = min(k, <u32> load<u8>(highest + app) - here);
      let sum: f64 = 0;
      for (let other: u32 = 0; other < apps; other++) {
        const count = <u32> load<u8>(lowest + other);
        if (!count) continue;
        const terms = formula.terms + ((<usize> other * apps + app) << 4);
        const each = addedByEach(terms, here - (other == app ? 1 : 0), spare);
        sum += <f64> count * aloneOf(formula, other) *
          speedAt(at(among, other) + <f64> k * each, least);
      }
      let pair = aloneOf(formula, app) * speedAt(at(beside, app), least);
      if (k > 1) {
        pair = -Infinity;
        for (let j: u32 = 0; j < found; j++) {
          const other = load<u32>(candidates + (<usize> j << 2));
          const there = <u32> load<u8>(lowest + other);
          const left = min(k, <u32> load<u8>(highest + other) - there);
          if (other == app && left < 2) continue;
          const by = formula.terms + ((<usize> app * apps + other) << 4);
          const on = formula.terms + ((<usize> other * apps + app) << 4);
          const own: u32 = other == app ? 1 : 0;
          const onThis = at(beside, app) + others * addedByEach(by, there, left - own);
          const onOther = at(beside, other) + others * addedByEach(on, here, spare - own);
          const both = aloneOf(formula, app) * speedAt(onThis, least) +
            aloneOf(formula, other) * speedAt(onOther, least);
          pair = max(pair, both - at(prices, other));
        }
        // Half of the pair's price is the partner's.
        pair = (pair + at(prices, app)) / 2;
      }
      put(worths, i, sum / <f64> k + pair - at(prices, app));
    }
    // The k containers that are worth most.
    let worth: f64 = -paid;
    let first = NOWHERE;
    let left = k;
    while (left > 0) {
      let best: f64 = -Infinity;
      let chosen = NOWHERE;
      for (let i: u32 = 0; i < found; i++) {
        if (at(worths, i) > best) {
          best = at(worths, i);
          chosen = i;
        }
      }
      if (chosen == NOWHERE) break;
      const app = load<u32>(candidates + (<usize> chosen << 2));
      if (first == NOWHERE) first = app;
      const taken = min(left, <u32> load<u8>(highest + app) - load<u8>(lowest + app));
      worth += <f64> taken * best;
      left -= taken;
      put(worths, chosen, -Infinity);
    }
    if (left == 0 && worth > bound) {
      bound = worth;
      box.split = first;
    }
  }
  // Covers the rounding of the sums.
  box.bound = bound == -Infinity ? bound : bound + 1e-12 * (1 + Math.abs(bound) + Math.abs(paid));
}
