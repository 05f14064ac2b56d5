// What the scorer sees of each choice (metis_planner.ts): lists the most promising configurations for one more
// container of an app, describes them, and scores them.

import { free } from "../memory";
import { expectedOf } from "./chances";
import { addInputs, hiddenWidth, scoreFrom, Scorer, startSums } from "./scorer";
import {
  after,
  cell4,
  clearCache,
  ENTRIES,
  expectedAt,
  inputsAt,
  leansAt,
  Planner,
  shift,
  SHORTLIST,
  sumsAt,
  valueOf,
} from "./planner";
import { countsRowWidth, countsTable } from "./prices";
import { apps, FORBIDDEN } from "../space/space";

/** A choice is hopeless where the logarithm of its chance is this much below the best one's. */
const HOPELESS: f32 = 6;

// @ts-ignore: decorator
@inline
function put(base: usize, at: u32, x: f64): void {
  store<f32>(base + (<usize> at << 2), <f32> x);
}

// @ts-ignore: decorator
@inline
function clip(x: f64, low: f64, high: f64): f64 {
  return max(low, min(high, x));
}

/** Empties the cache where it may not hold what one decision looks up. */
export function makeRoom(p: Planner): void {
  if (p.cached + p.groups + 2 > ENTRIES) clearCache(p);
}

/** What depends on app, class and configuration only: see the parts of an entry above. */
export function entryOf(p: Planner, app: u32, k: u32, rank: u32): usize {
  const index = p.cacheIndex + (((<usize> app * p.classes + k) * p.cells + rank) << 2);
  const known = load<u32>(index);
  if (known) return p.cache + <usize> (known - 1) * p.entryWidth * 4;
  const entry = p.cache + <usize> p.cached * p.entryWidth * 4;
  p.cached++;
  store<u32>(index, p.cached);
  fillEntry(p, entry, app, k, rank);
  return entry;
}

function fillEntry(p: Planner, entry: usize, app: u32, k: u32, rank: u32): void {
  const tables = p.tables;
  const cells = <usize> p.classes * p.cells;
  const stages: usize = p.ordered ? apps : 1;
  const stage: usize = p.ordered ? app : 0;
  const next = after(rank, app);
  const limit = load<u32>(p.limits + (k << 2));
  const inputs = entry + (inputsAt(p) << 2);
  const offset: u32 = 2 * tables;
  for (let table: u32 = 0; table < tables; table++) {
    const row = p.weights + ((<usize> table * stages + stage) * cells + <usize> k * p.cells) * 8;
    const whole = load<f64>(row + (<usize> rank << 3));
    const may = next < limit && whole > 0;
    const chance = may ? load<f64>(row + (<usize> next << 3)) / whole : 0;
    const first: u32 = p.ordered ? app : 0;
    for (let b: u32 = 0; b < <u32> apps; b++) {
      let expected: f64 = 0;
      let lean: f64 = 0;
      if (b >= first) {
        expected = expectedOf(p, table, stage, b, k, rank);
        if (may) {
          // Expected containers of b where the node takes one more, minus where it does not.
          const more = expectedOf(p, table, stage, b, k, next) + (b == app ? 1 : 0);
          lean = (more - expected) / max(0.02, 1 - chance);
        }
      }
      put(entry, expectedAt(p) + table * apps + b, expected);
      put(entry, leansAt(p) + table * apps + b, lean);
      if (b == app) put(inputs, tables + table, expected / 2);
    }
    put(entry, 1 + table, clip(Math.log((chance + 1e-12) / (1 - chance + 1e-12)), -24, 24));
    put(entry, 1 + tables + table, chance);
    put(inputs, table, max(-20.0, Math.log(chance + 1e-12)) / 4);
    if (table == tables - 1) {
      // The shortlist goes by the warmest chance; what may not be is not even listed.
      const allowed = next < limit && valueOf(p, next) > FORBIDDEN / 2;
      put(entry, 0, allowed ? Math.log(chance + 1e-30) : FORBIDDEN);
    }
  }
  const counts = countsTable() + <usize> rank * countsRowWidth();
  let held: u32 = 0;
  for (let a = 0; a < apps; a++) held += load<u8>(counts + a);
  const capacity = load<u32>(p.capacities + (k << 2));
  const now = valueOf(p, rank);
  let gain: f64 = -1;
  let gainNext: f64 = -1;
  let bestBefore: f64 = -1;
  let bestAfter: f64 = -1;
  if (next < limit && valueOf(p, next) > FORBIDDEN / 2) {
    gain = valueOf(p, next) - now;
    const second = after(next, app);
    if (second < limit) gainNext = max(-1.0, valueOf(p, second) - valueOf(p, next));
    for (let b: u32 = p.ordered ? app + 1 : 0; b < <u32> apps; b++) {
      if (b == app) continue;
      const other = after(rank, b);
      if (other < limit) bestBefore = max(bestBefore, valueOf(p, other) - now);
      const both = after(next, b);
      if (both < limit) bestAfter = max(bestAfter, valueOf(p, both) - valueOf(p, next));
    }
  }
  put(inputs, offset, gain);
  put(inputs, offset + 1, gain - load<f64>(p.prices + ((<usize> app) << 3)));
  put(inputs, offset + 2, gainNext);
  put(inputs, offset + 3, bestBefore);
  put(inputs, offset + 4, bestAfter);
  put(inputs, offset + 5, held ? now / <f64> held : 0);
  put(inputs, offset + 6, <f64> held / <f64> capacity);
  put(inputs, offset + 7, held == 0 ? 1 : 0);
  put(inputs, offset + 8, <f64> (capacity - held) / 8);
  for (let a = 0; a < apps; a++) put(inputs, offset + 9 + a, <f64> load<u8>(counts + a) / 4);
  const sums = entry + (sumsAt(p) << 2);
  const scorer = changetype<Scorer>(p.scorer);
  memory.fill(sums, 0, <usize> hiddenWidth(scorer) << 2);
  addInputs(scorer, sums, inputs, 0, p.staticInputs);
}

/** Lists the choices for a container of the app, most promising first where there are too many. */
export function list(p: Planner, app: u32): void {
  p.listed = 0;
  let lowest: f32 = -1e38;
  let lowestAt: u32 = 0;
  for (let g: u32 = 0; g < p.groups; g++) {
    const k = load<u32>(p.groupClasses + (<usize> g << 2));
    const rank = load<u32>(p.groupRanks + (<usize> g << 2));
    if (rank >= load<u32>(p.rooms + (k << 2))) continue;
    const entry = entryOf(p, app, k, rank);
    const key = load<f32>(entry);
    if (key < <f32> FORBIDDEN / 2) continue;
    let at = p.listed;
    if (at < SHORTLIST) {
      p.listed++;
    } else {
      if (key <= lowest) continue;
      at = lowestAt;
    }
    store<u32>(p.listGroups + (<usize> at << 2), g);
    store<f32>(p.listKeys + (<usize> at << 2), key);
    store<u32>(p.listEntries + (<usize> at << 2), <u32> entry);
    if (p.listed == SHORTLIST) {
      lowest = 1e38;
      for (let i: u32 = 0; i < SHORTLIST; i++) {
        const other = load<f32>(p.listKeys + (<usize> i << 2));
        if (other < lowest) {
          lowest = other;
          lowestAt = i;
        }
      }
    }
  }
}

/** Leaves out choices whose chance at the warmest prices is hopeless beside the best one's: saves scoring them. */
export function prune(p: Planner): void {
  let best: f32 = -1e38;
  for (let i: u32 = 0; i < p.listed; i++) {
    best = max(best, load<f32>(p.listKeys + (<usize> i << 2)));
  }
  let kept: u32 = 0;
  for (let i: u32 = 0; i < p.listed; i++) {
    const from = <usize> i << 2;
    const key = load<f32>(p.listKeys + from);
    if (key < best - HOPELESS) continue;
    const to = <usize> kept << 2;
    store<f32>(p.listKeys + to, key);
    store<u32>(p.listGroups + to, load<u32>(p.listGroups + from));
    store<u32>(p.listEntries + to, load<u32>(p.listEntries + from));
    kept++;
  }
  p.listed = kept;
}

/** The excess of every app, summed anew: at the start, and where the next app's turn comes. */
export function sumExcess(p: Planner, app: u32): void {
  makeRoom(p);
  for (let table: u32 = 0; table < p.tables; table++) {
    for (let b: u32 = 0; b < <u32> apps; b++) {
      const at = <usize> (table * apps + b) << 3;
      const coming = load<f64>(p.wants + at) - <f64> load<u32>(p.placed + (b << 2));
      store<f64>(p.excess + at, -max(0.0, coming));
    }
  }
  for (let g: u32 = 0; g < p.groups; g++) {
    const k = load<u32>(p.groupClasses + (<usize> g << 2));
    const rank = load<u32>(p.groupRanks + (<usize> g << 2));
    addExcess(p, app, k, rank, <f64> load<u32>(cell4(p.amounts, p, k, rank)));
  }
}

export function addExcess(p: Planner, app: u32, k: u32, rank: u32, amount: f64): void {
  const expected = entryOf(p, app, k, rank) + (expectedAt(p) << 2);
  for (let i: u32 = 0; i < p.tables * apps; i++) {
    const at = p.excess + (<usize> i << 3);
    store<f64>(at, load<f64>(at) + amount * <f64> load<f32>(expected + (<usize> i << 2)));
  }
}

/** Inputs that all choices share, and how prices would have to move to end the excess. */
export function describe(p: Planner, app: u32): void {
  const context = p.context;
  const tables = p.tables;
  const nodes = <f64> p.nodes;
  const first: u32 = p.ordered ? app : 0;
  for (let table: u32 = 0; table < tables; table++) {
    const excess = p.excess + ((<usize> table * apps) << 3);
    const scale = 1 / (nodes * load<f64>(p.temperatures + (table << 3)));
    for (let a = first; a < <u32> apps; a++) {
      const row = p.inverses + (((<usize> table * apps + a) * apps) << 3);
      let shift: f64 = 0;
      for (let b = first; b < <u32> apps; b++) {
        shift += load<f64>(row + (<usize> b << 3)) * load<f64>(excess + (<usize> b << 3));
      }
      store<f32>(p.shifts + ((<usize> table * apps + a) << 2), <f32> (shift * scale));
    }
  }
  const coming = load<f64>(p.wants + (<usize> app << 3));
  const left = max(0.0, coming - <f64> load<u32>(p.placed + (app << 2)));
  let allLeft: f64 = 0;
  for (let a = 0; a < apps; a++) {
    const wanted = load<f64>(p.wants + (<usize> a << 3));
    allLeft += max(0.0, wanted - <f64> load<u32>(p.placed + (a << 2)));
  }
  const free = <f64> (p.slots - p.used);
  const beyond = load<f64>(p.excess + (<usize> app << 3));
  put(context, 0, p.informed ? left / nodes : <f64> p.used / nodes / 4);
  put(context, 1, p.informed ? min(left, 16.0) / 16 : <f64> p.groups / nodes);
  put(context, 2, clip(beyond / (1 + left), -2, 2));
  for (let table: u32 = 0; table < tables; table++) {
    const own = load<f64>(p.excess + ((<usize> table * apps + app) << 3));
    put(context, 3 + table, clip(own / 4, -2, 2));
  }
  put(context, 3 + tables, p.informed ? allLeft / free : <f64> p.used / <f64> p.slots);
  put(context, 4 + tables, free / <f64> p.slots);
  put(context, 5 + tables, 1 / Math.sqrt(nodes));
  for (let a: u32 = 0; a < <u32> apps; a++) {
    put(context, 6 + tables + a, a == app ? 1 : 0);
    const placed = <f64> load<u32>(p.placed + (a << 2));
    const wanted = load<f64>(p.wants + (<usize> a << 3));
    const count = p.informed ? max(0.0, wanted - placed) : placed;
    put(context, 6 + tables + apps + a, count / nodes);
    const excess = a >= first ? load<f64>(p.excess + (<usize> a << 3)) : 0;
    put(context, 6 + tables + 2 * apps + a, clip(excess / 4, -2, 2));
  }
}

/** Nodes of the class that hold the configuration with this or a larger count of the app. */
// @ts-ignore: decorator
@inline
function countFrom(base: usize, p: Planner, app: u32, k: u32, first: u32, limit: u32): u32 {
  let sum: u32 = 0;
  for (let rank = first; rank < limit; rank = after(rank, app)) {
    sum += load<u32>(cell4(base, p, k, rank));
  }
  return sum;
}

/** The chance with these log-odds. */
// @ts-ignore: decorator
@inline
function chanceOf(odds: f32): f32 {
  return 1 / (1 + NativeMathf.exp(-odds));
}

/** Inputs of each listed choice that change from container to container. */
export function describeChoices(p: Planner, app: u32, following: bool): bool {
  const tables = p.tables;
  const nodes = <f64> p.nodes;
  let anyGood = false;
  for (let i: u32 = 0; i < p.listed; i++) {
    const g = load<u32>(p.listGroups + (<usize> i << 2));
    const k = load<u32>(p.groupClasses + (<usize> g << 2));
    const rank = load<u32>(p.groupRanks + (<usize> g << 2));
    const entry = <usize> load<u32>(p.listEntries + (<usize> i << 2));
    const limit = load<u32>(p.limits + (k << 2));
    const next = after(rank, app);
    const amount = <f64> load<u32>(cell4(p.amounts, p, k, rank));
    const beyond = countFrom(p.amounts, p, app, k, next, limit);
    const inputs = p.listInputs + ((<usize> i * p.choiceInputs) << 2);
    for (let table: u32 = 0; table < tables; table++) {
      const odds = load<f32>(entry + ((1 + table) << 2));
      const all = amount + <f64> beyond;
      // The chance under the prices that would end the excess, to first order of its log-odds.
      let tilt: f32 = 0;
      for (let b: u32 = p.ordered ? app : 0; b < <u32> apps; b++) {
        tilt -= load<f32>(p.shifts + ((<usize> table * apps + b) << 2)) *
          load<f32>(entry + ((leansAt(p) + table * apps + b) << 2));
      }
      const movedOdds = odds + max<f32>(-6, min<f32>(6, tilt));
      const moved = <f64> chanceOf(movedOdds);
      put(inputs, table, clip(all * moved - <f64> beyond, -4, 4) / 2);
      const chance = <f64> load<f32>(entry + ((1 + tables + table) << 2));
      put(inputs, tables + table, clip(all * chance - <f64> beyond, -4, 4) / 2);
      put(inputs, 2 * tables + table, <f64> movedOdds / 4);
      if (table == 0) put(inputs, 3 * tables, clip(moved - <f64> beyond / all, -1, 1) * 2);
    }
    put(inputs, 3 * tables + 1, amount / nodes);
    put(inputs, 3 * tables + 2, 1 / amount);
    put(inputs, 3 * tables + 3, min(<f64> beyond, 8) / 8);
    let flag: u8 = 1;
    const good = !following ? false : p.ordered
      ? countFrom(p.targets, p, app, k, next, limit) > beyond
      : load<u8>(p.marks + g) != 0;
    if (good) {
      flag = 3;
      anyGood = true;
    }
    store<u8>(p.listFlags + i, flag);
  }
  return anyGood;
}

export function scoreAll(p: Planner): void {
  const scorer = changetype<Scorer>(p.scorer);
  const width = hiddenWidth(scorer);
  const bytes = <usize> width << 2;
  startSums(scorer, p.contextSums);
  addInputs(scorer, p.contextSums, p.context, p.staticInputs + p.choiceInputs, p.contextInputs);
  const offset = <usize> sumsAt(p) << 2;
  for (let i: u32 = 0; i < p.listed; i++) {
    const cachedSums = <usize> load<u32>(p.listEntries + (<usize> i << 2)) + offset;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(
        p.sums + at,
        f32x4.add(v128.load(p.contextSums + at), v128.load(cachedSums + at)),
      );
    }
    const inputs = p.listInputs + ((<usize> i * p.choiceInputs) << 2);
    addInputs(scorer, p.sums, inputs, p.staticInputs, p.choiceInputs);
    store<f32>(p.listScores + (<usize> i << 2), scoreFrom(scorer, p.sums));
  }
}
