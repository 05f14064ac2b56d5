// The policy `metis`: places a demand container by container; a choice is one of the different
// configurations present (equal nodes are one choice), scored by one network for all of them.
//
// What it sees of a choice comes from the surface: the change of throughput now and next, and, under
// smoothed prices of the demand (metis_prices.ts), the chance that a node of this configuration takes one more
// container of the app, in the largest-entropy mixture of final configurations. With
//   W(c) = exp((T(c) - p . c) / t),   Z_a(c) = sum of W over all completions of c by apps a, a + 1, ...
// that chance is Z_a(c + e_a) / Z_a(c): a table per app, by additions only (Z_a(c) = Z_a+1(c) + Z_a(c + e_a)).
//
// Nodes with equal slots are a class; class k's configurations are the ranks below its limit. Tables of a
// planner hold one row of n + 1 (n = configurations of the space) per class; element n stays empty.

import { alloc, free } from "./memory";
import { countsRowWidth, countsTable, ranksUpTo } from "./metis_prices";
import { addInputs, hiddenWidth, Scorer, scoreFrom, startSums } from "./metis_network";
import { randomUniform } from "./random";
import { added, apps, configurations, FORBIDDEN, rankOf, stride } from "./space";
import { refresh, State } from "./state";

/** Most configurations that a choice is made among: the most promising ones. */
export const SHORTLIST: u32 = 16;

/** A choice is hopeless where the logarithm of its chance is this much below the best one's. */
const HOPELESS: f32 = 6;

/** Entries of the cache of what depends on app and configuration only. */
const ENTRIES: u32 = 16384;

@unmanaged
export class Planner {
  classes: u32;
  nodes: u32;
  tables: u32;
  /** True where apps come in order, so that only later apps may still be added. */
  ordered: bool;
  /** True where the containers still to come are known. */
  informed: bool;
  cells: u32; // n + 1
  values: usize; // f64[n + 1] of the state
  slots: u32; // of all nodes
  limits: usize; // u32[classes]: ranks below it fit
  rooms: usize; // u32[classes]: ranks below it have a free slot
  sizes: usize; // u32[classes]: nodes
  capacities: usize; // u32[classes]
  prices: usize; // f64[tables][apps]
  wants: usize; // f64[tables][apps]: containers that the prices are made for
  inverses: usize; // f64[tables][apps][apps]: change of prices by change of what is wanted per node
  temperatures: usize; // f64[tables]
  weights: usize; // f64[tables][stages][classes][n + 1]
  moments: usize; // f64[tables][stages][apps][classes][n + 1]: weights times the final count of each app
  excess: usize; // f64[tables][apps]: containers that the groups expect beyond those to come
  shifts: usize; // f32[tables][apps]: change of prices that would end the excess, over the temperature
  amounts: usize; // u32[classes][n + 1]: nodes that hold it
  targets: usize; // u32[classes][n + 1]: nodes of the placement to follow, cut to the apps so far
  places: usize; // u32[classes][n + 1]: position in the list of groups
  groupRanks: usize; // u32[nodes + classes]
  groupClasses: usize;
  /** u8[nodes + classes]: by group, 1 where it is a good choice; made by metis_arrivals.ts. */
  marks: usize;
  groups: u32;
  turnRanks: usize; // u32[apps][n]: by app, the configurations without later apps, largest first; ordered only
  turnCounts: usize; // u32[apps]
  cacheIndex: usize; // u32[apps][classes][n + 1]: entry + 1
  cache: usize; // f32[ENTRIES][entryWidth]
  cached: u32;
  entryWidth: u32;
  scorer: usize;
  staticInputs: u32;
  choiceInputs: u32;
  contextInputs: u32;
  placed: usize; // u32[apps]
  scratch: usize;
  context: usize; // f32[contextInputs]
  contextSums: usize; // f32[hidden]
  sums: usize; // f32[hidden]
  listGroups: usize; // u32[SHORTLIST]
  listKeys: usize; // f32[SHORTLIST]
  listEntries: usize; // usize[SHORTLIST]
  listScores: usize; // f32[SHORTLIST]
  listInputs: usize; // f32[SHORTLIST][choiceInputs]
  listFlags: usize; // u8[SHORTLIST]
  listed: u32;
  used: u32; // slots taken
  /** f32[recordLimit][inputs]: one row per choice of each recorded decision. */
  record: usize;
  /** f32[recordLimit]: derivative of the decision's loss by the score of the choice. */
  recordSlopes: usize;
  /** u32[recordLimit]: slots taken when the decision was made. */
  recordTimes: usize;
  recorded: u32;
  recordLimit: u32;
  loss: f64;
  entropy: f64;
  decisions: u32;
}

// @ts-ignore: decorator
@inline
function cell4(base: usize, p: Planner, k: u32, rank: u32): usize {
  return base + ((<usize> k * p.cells + rank) << 2);
}

// @ts-ignore: decorator
@inline
export function after(rank: u32, app: u32): u32 {
  return load<u32>(added + ((<usize> rank * stride + app) << 2));
}

/** Inputs of the scorer for this many tables. */
export function plannerInputs(tables: u32): u32 {
  return (2 * tables + 9 + apps) + (3 * tables + 4) + (6 + tables + 3 * apps);
}

/**
 * A planner for the nodes and rules of a state. capacities, sizes: u32[classes].
 */
export function createPlanner(
  stateAddress: usize,
  classes: u32,
  capacities: usize,
  sizes: usize,
  tables: u32,
  ordered: bool,
  informed: bool,
  recordLimit: u32,
): usize {
  countsTable();
  const address = alloc(offsetof<Planner>());
  const p = changetype<Planner>(address);
  p.classes = classes;
  p.tables = tables;
  p.ordered = ordered;
  p.informed = informed;
  p.cells = configurations + 1;
  p.values = changetype<State>(stateAddress).values;
  p.limits = alloc(classes * 4);
  p.rooms = alloc(classes * 4);
  p.sizes = alloc(classes * 4);
  p.capacities = alloc(classes * 4);
  p.nodes = 0;
  p.slots = 0;
  for (let k: u32 = 0; k < classes; k++) {
    const capacity = load<u32>(capacities + (k << 2));
    const size = load<u32>(sizes + (k << 2));
    store<u32>(p.limits + (k << 2), ranksUpTo(capacity));
    store<u32>(p.rooms + (k << 2), ranksUpTo(capacity - 1));
    store<u32>(p.sizes + (k << 2), size);
    store<u32>(p.capacities + (k << 2), capacity);
    p.nodes += size;
    p.slots += size * capacity;
  }
  const cells = <usize> classes * p.cells;
  const stages: usize = ordered ? apps : 1;
  p.prices = alloc(<usize> tables * apps * 8);
  p.wants = alloc(<usize> tables * apps * 8);
  p.inverses = alloc(<usize> tables * apps * apps * 8);
  p.temperatures = alloc(tables * 8);
  p.weights = alloc(<usize> tables * stages * cells * 8);
  p.moments = alloc(<usize> tables * stages * apps * cells * 8);
  p.excess = alloc(<usize> tables * apps * 8);
  p.shifts = alloc(<usize> tables * apps * 8);
  p.amounts = alloc(cells * 4);
  p.targets = alloc(cells * 4);
  p.places = alloc(cells * 4);
  p.groupRanks = alloc(<usize> (p.nodes + classes) * 4);
  p.groupClasses = alloc(<usize> (p.nodes + classes) * 4);
  p.marks = alloc(<usize> (p.nodes + classes));
  p.cacheIndex = alloc(<usize> apps * cells * 4);
  p.staticInputs = 2 * tables + 9 + apps;
  p.choiceInputs = 3 * tables + 4;
  p.contextInputs = 6 + tables + 3 * apps;
  p.turnCounts = alloc(apps * 4);
  p.turnRanks = alloc(ordered ? <usize> apps * p.cells * 4 : 4);
  if (ordered) listTurns(p);
  p.scorer = 0;
  p.cache = 0;
  p.placed = alloc(apps * 4);
  p.scratch = alloc(<usize> apps + 8);
  p.context = alloc(p.contextInputs * 4);
  p.contextSums = 0;
  p.sums = 0;
  p.listGroups = alloc(SHORTLIST * 4);
  p.listKeys = alloc(SHORTLIST * 4);
  p.listEntries = alloc(SHORTLIST * 4);
  p.listScores = alloc(SHORTLIST * 4);
  p.listInputs = alloc(SHORTLIST * p.choiceInputs * 4);
  p.listFlags = alloc(SHORTLIST);
  p.recordLimit = recordLimit;
  p.record = alloc(<usize> recordLimit * plannerInputs(tables) * 4);
  p.recordSlopes = alloc(<usize> recordLimit * 4);
  p.recordTimes = alloc(<usize> recordLimit * 4);
  beginEpisode(p);
  return address;
}

export function destroyPlanner(address: usize): void {
  const p = changetype<Planner>(address);
  free(p.limits);
  free(p.rooms);
  free(p.sizes);
  free(p.capacities);
  free(p.prices);
  free(p.wants);
  free(p.inverses);
  free(p.temperatures);
  free(p.weights);
  free(p.moments);
  free(p.excess);
  free(p.shifts);
  free(p.amounts);
  free(p.targets);
  free(p.places);
  free(p.groupRanks);
  free(p.groupClasses);
  free(p.marks);
  free(p.turnRanks);
  free(p.turnCounts);
  free(p.cacheIndex);
  free(p.cache);
  free(p.placed);
  free(p.scratch);
  free(p.context);
  free(p.contextSums);
  free(p.sums);
  free(p.listGroups);
  free(p.listKeys);
  free(p.listEntries);
  free(p.listScores);
  free(p.listInputs);
  free(p.listFlags);
  free(p.record);
  free(p.recordSlopes);
  free(p.recordTimes);
  free(address);
}

export function plannerRecord(address: usize): usize {
  return changetype<Planner>(address).record;
}

export function plannerRecordSlopes(address: usize): usize {
  return changetype<Planner>(address).recordSlopes;
}

export function plannerRecordTimes(address: usize): usize {
  return changetype<Planner>(address).recordTimes;
}

export function plannerLoss(address: usize): f64 {
  return changetype<Planner>(address).loss;
}

export function plannerRecorded(address: usize): u32 {
  return changetype<Planner>(address).recorded;
}

export function plannerEntropy(address: usize): f64 {
  return changetype<Planner>(address).entropy;
}

export function plannerDecisions(address: usize): u32 {
  return changetype<Planner>(address).decisions;
}

export function clearRecord(address: usize): void {
  const p = changetype<Planner>(address);
  p.recorded = 0;
  p.loss = 0;
  p.entropy = 0;
  p.decisions = 0;
}

/** Uses this scorer (metis_network.ts) from now on; call it again after its weights changed. */
export function setScorer(address: usize, scorer: usize): void {
  const p = changetype<Planner>(address);
  const width = hiddenWidth(changetype<Scorer>(scorer));
  if (p.scorer != scorer || p.cache == 0) {
    free(p.cache);
    free(p.contextSums);
    free(p.sums);
    p.entryWidth = sumsAt(p) + width;
    p.cache = alloc(<usize> ENTRIES * p.entryWidth * 4);
    p.contextSums = alloc(width * 4);
    p.sums = alloc(width * 4);
  }
  p.scorer = scorer;
  clearCache(p);
}

// Parts of an entry of the cache, in f32: key, log-odds[tables], chances[tables], expected[tables][apps], leans[tables][apps], the
// static inputs and, at a multiple of four, their part of the first layer's sums.

// @ts-ignore: decorator
@inline
function expectedAt(p: Planner): u32 {
  return 1 + 2 * p.tables;
}

// @ts-ignore: decorator
@inline
function leansAt(p: Planner): u32 {
  return 1 + 2 * p.tables + p.tables * apps;
}

// @ts-ignore: decorator
@inline
export function inputsAt(p: Planner): u32 {
  return 1 + 2 * p.tables + 2 * p.tables * apps;
}

// @ts-ignore: decorator
@inline
function sumsAt(p: Planner): u32 {
  return (inputsAt(p) + p.staticInputs + 3) & ~3;
}

function clearCache(p: Planner): void {
  memory.fill(p.cacheIndex, 0, (<usize> apps * p.classes * p.cells) << 2);
  p.cached = 0;
}

/**
 * Fills the tables of one temperature t from its prices (f64[apps]), the inverse Hessian (f64[apps][apps]) and
 * the containers wanted (f64[apps], of the whole cluster); all are copied.
 */
export function fillWeights(
  address: usize,
  table: u32,
  t: f64,
  prices: usize,
  inverse: usize,
  wants: usize,
): void {
  const p = changetype<Planner>(address);
  const n = <usize> apps;
  const own = p.prices + <usize> table * n * 8;
  memory.copy(own, prices, n * 8);
  memory.copy(p.inverses + <usize> table * n * n * 8, inverse, n * n * 8);
  memory.copy(p.wants + <usize> table * n * 8, wants, n * 8);
  store<f64>(p.temperatures + (table << 3), t);
  const counts = countsTable();
  const width = countsRowWidth();
  const cells = <usize> p.classes * p.cells;
  const stages: usize = p.ordered ? apps : 1;
  const tableBase = p.weights + <usize> table * stages * cells * 8;
  const last = tableBase + (stages - 1) * cells * 8;
  for (let k: u32 = 0; k < p.classes; k++) {
    const row = last + <usize> k * p.cells * 8;
    const limit = load<u32>(p.limits + (k << 2));
    let best: f64 = FORBIDDEN;
    for (let rank: u32 = 0; rank < limit; rank++) {
      let score = load<f64>(p.values + (<usize> rank << 3));
      const held = counts + <usize> rank * width;
      for (let a: usize = 0; a < n; a++) {
        score -= load<f64>(own + (a << 3)) * <f64> load<u8>(held + a);
      }
      store<f64>(row + (<usize> rank << 3), score);
      best = max(best, score);
    }
    for (let rank: u32 = 0; rank < p.cells; rank++) {
      const at = row + (<usize> rank << 3);
      // Beyond 600 temperatures all is equally hopeless, but not impossible: chances stay defined.
      const score = load<f64>(at);
      store<f64>(
        at,
        rank >= limit || score < FORBIDDEN / 2 ? 0 : Math.exp(max(-600.0, (score - best) / t)),
      );
    }
  }
  const momentBase = p.moments + <usize> table * stages * n * cells * 8;
  const lastMoments = momentBase + (stages - 1) * n * cells * 8;
  for (let b: usize = 0; b < n; b++) {
    for (let k: u32 = 0; k < p.classes; k++) {
      const weights = last + <usize> k * p.cells * 8;
      const moments = lastMoments + (b * cells + <usize> k * p.cells) * 8;
      const limit = load<u32>(p.limits + (k << 2));
      for (let rank: u32 = 0; rank < limit; rank++) {
        const count = load<u8>(counts + <usize> rank * width + b);
        store<f64>(
          moments + (<usize> rank << 3),
          count ? load<f64>(weights + (<usize> rank << 3)) * <f64> count : 0,
        );
      }
    }
  }
  for (let a = apps - 1; a >= 0; a--) {
    if (!p.ordered) {
      complete(p, tableBase, tableBase, a);
      for (let b: usize = 0; b < n; b++) {
        const moments = momentBase + b * cells * 8;
        complete(p, moments, moments, a);
      }
      continue;
    }
    const stage = tableBase + <usize> a * cells * 8;
    complete(p, stage, a < apps - 1 ? stage + cells * 8 : stage, a);
    for (let b = <usize> a; b < n; b++) {
      const moments = momentBase + (<usize> a * n + b) * cells * 8;
      complete(p, moments, a < apps - 1 ? moments + n * cells * 8 : moments, a);
    }
  }
  clearCache(p);
}

function listTurns(p: Planner): void {
  const counts = countsTable();
  const width = <usize> countsRowWidth();
  for (let rank: i32 = <i32> configurations - 1; rank >= 0; rank--) {
    let last = apps - 1;
    while (last > 0 && load<u8>(counts + <usize> rank * width + last) == 0) last--;
    for (let app = last; app < apps; app++) {
      const at = p.turnCounts + (app << 2);
      const count = load<u32>(at);
      store<u32>(p.turnRanks + ((<usize> app * p.cells + count) << 2), <u32> rank);
      store<u32>(at, count + 1);
    }
  }
}

/**
 * to[c] = from[c] + to[c + e_app]: sums over what app may still add. Where apps come in order, only
 * configurations without later apps are ever looked up, so only they are summed.
 */
function complete(p: Planner, to: usize, from: usize, app: i32): void {
  const list = p.turnRanks + ((<usize> app * p.cells) << 2);
  const count = p.ordered ? load<u32>(p.turnCounts + (app << 2)) : configurations;
  for (let k: u32 = 0; k < p.classes; k++) {
    const row = to + <usize> k * p.cells * 8;
    const source = from + <usize> k * p.cells * 8;
    const limit = load<u32>(p.limits + (k << 2));
    const room = load<u32>(p.rooms + (k << 2));
    for (let i: u32 = 0; i < count; i++) {
      const rank = p.ordered ? load<u32>(list + (<usize> i << 2)) : configurations - 1 - i;
      if (rank >= limit) continue;
      const at = <usize> rank << 3;
      let sum = load<f64>(source + at);
      if (rank < room) sum += load<f64>(row + (<usize> after(rank, app) << 3));
      store<f64>(row + at, sum);
    }
  }
}

/** Expected containers of app b still to come on a node, where apps from `stage` on may be added. */
function expectedOf(p: Planner, table: u32, stage: usize, b: u32, k: u32, rank: u32): f64 {
  const cells = <usize> p.classes * p.cells;
  const stages: usize = p.ordered ? apps : 1;
  const cell = (<usize> k * p.cells + rank) << 3;
  const whole = load<f64>(p.weights + (<usize> table * stages + stage) * cells * 8 + cell);
  if (whole <= 0) return 0;
  const row = ((<usize> table * stages + stage) * apps + b) * cells * 8;
  const held = <f64> load<u8>(countsTable() + <usize> rank * countsRowWidth() + b);
  return max(0.0, load<f64>(p.moments + row + cell) / whole - held);
}

/** All nodes empty. */
export function beginEpisode(p: Planner): void {
  for (let g: u32 = 0; g < p.groups; g++) {
    const k = load<u32>(p.groupClasses + (<usize> g << 2));
    store<u32>(cell4(p.amounts, p, k, load<u32>(p.groupRanks + (<usize> g << 2))), 0);
  }
  p.groups = p.classes;
  p.used = 0;
  for (let k: u32 = 0; k < p.classes; k++) {
    store<u32>(p.groupRanks + (<usize> k << 2), 0);
    store<u32>(p.groupClasses + (<usize> k << 2), k);
    store<u32>(cell4(p.amounts, p, k, 0), load<u32>(p.sizes + (k << 2)));
    store<u32>(cell4(p.places, p, k, 0), k);
  }
  memory.fill(p.placed, 0, apps * 4);
}

/** One node of the class changes from one configuration to another. */
export function shift(p: Planner, k: u32, from: u32, to: u32): void {
  const source = cell4(p.amounts, p, k, from);
  const left = load<u32>(source) - 1;
  store<u32>(source, left);
  const target = cell4(p.amounts, p, k, to);
  const now = load<u32>(target) + 1;
  store<u32>(target, now);
  const place = load<u32>(cell4(p.places, p, k, from));
  if (left == 0) {
    if (now == 1) {
      store<u32>(p.groupRanks + (<usize> place << 2), to);
      store<u32>(cell4(p.places, p, k, to), place);
      return;
    }
    p.groups--;
    const rank = load<u32>(p.groupRanks + (<usize> p.groups << 2));
    const group = load<u32>(p.groupClasses + (<usize> p.groups << 2));
    store<u32>(p.groupRanks + (<usize> place << 2), rank);
    store<u32>(p.groupClasses + (<usize> place << 2), group);
    store<u32>(cell4(p.places, p, group, rank), place);
  } else if (now == 1) {
    store<u32>(p.groupRanks + (<usize> p.groups << 2), to);
    store<u32>(p.groupClasses + (<usize> p.groups << 2), k);
    store<u32>(cell4(p.places, p, k, to), p.groups);
    p.groups++;
  }
}

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

// @ts-ignore: decorator
@inline
function valueOf(p: Planner, rank: u32): f64 {
  return load<f64>(p.values + (<usize> rank << 3));
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
      put(entry, 0, allowed ? Math.log(chance + 1e-30) : -1e30);
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
    if (key < -1e29) continue;
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

function addExcess(p: Planner, app: u32, k: u32, rank: u32, amount: f64): void {
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

/** Picks a listed choice: the best score at temperature 0, else at random; good ones only where asked. */
function pick(p: Planner, temperature: f32, goodOnly: bool): u32 {
  let best: f32 = -1e38;
  let bestAt: u32 = 0;
  for (let i: u32 = 0; i < p.listed; i++) {
    if (goodOnly && load<u8>(p.listFlags + i) != 3) continue;
    const score = load<f32>(p.listScores + (<usize> i << 2));
    if (score > best) {
      best = score;
      bestAt = i;
    }
  }
  if (temperature <= 0) return bestAt;
  let sum: f32 = 0;
  for (let i: u32 = 0; i < p.listed; i++) {
    const at = p.listScores + (<usize> i << 2);
    let weight: f32 = 0;
    if (!goodOnly || load<u8>(p.listFlags + i) == 3) {
      weight = NativeMathf.exp(max<f32>(-80, (load<f32>(at) - best) / temperature));
    }
    store<f32>(at, weight);
    sum += weight;
  }
  let draw = <f32> randomUniform() * sum;
  for (let i: u32 = 0; i < p.listed; i++) {
    const weight = load<f32>(p.listScores + (<usize> i << 2));
    if (weight > 0) {
      bestAt = i;
      draw -= weight;
      if (draw <= 0) break;
    }
  }
  return bestAt;
}

/**
 * Records a decision. Its loss is minus the logarithm of the summed probability of the good choices (of the
 * chosen one where there are none to follow); its derivative by score i is p_i - q_i, where q is p among the
 * good ones. Left out where every choice is good, or there is no room.
 */
export function write(p: Planner, chosen: u32, following: bool): void {
  const listed = p.listed;
  let best: f32 = -1e38;
  for (let i: u32 = 0; i < listed; i++) {
    best = max(best, load<f32>(p.listScores + (<usize> i << 2)));
  }
  let sum: f64 = 0;
  let sumGood: f64 = 0;
  let weighted: f64 = 0;
  for (let i: u32 = 0; i < listed; i++) {
    const score = <f64> (load<f32>(p.listScores + (<usize> i << 2)) - best);
    const weight = Math.exp(score);
    sum += weight;
    weighted += weight * score;
    if (isGood(p, i, chosen, following)) sumGood += weight;
  }
  p.decisions++;
  p.entropy += Math.log(sum) - weighted / sum;
  if (sumGood == sum || p.recorded + listed > p.recordLimit) return;
  sumGood = max(sumGood, 1e-30);
  p.loss += Math.log(sum) - Math.log(sumGood);
  const inputs = p.staticInputs + p.choiceInputs + p.contextInputs;
  let at = p.record + ((<usize> p.recorded * inputs) << 2);
  for (let i: u32 = 0; i < listed; i++) {
    const weight = Math.exp(<f64> (load<f32>(p.listScores + (<usize> i << 2)) - best));
    const slope = weight / sum - (isGood(p, i, chosen, following) ? weight / sumGood : 0);
    store<f32>(p.recordSlopes + ((<usize> p.recorded + i) << 2), <f32> slope);
    store<u32>(p.recordTimes + ((<usize> p.recorded + i) << 2), p.used);
    const entry = <usize> load<u32>(p.listEntries + (<usize> i << 2));
    memory.copy(at, entry + (inputsAt(p) << 2), p.staticInputs << 2);
    at += p.staticInputs << 2;
    memory.copy(at, p.listInputs + ((<usize> i * p.choiceInputs) << 2), p.choiceInputs << 2);
    at += p.choiceInputs << 2;
    memory.copy(at, p.context, p.contextInputs << 2);
    at += p.contextInputs << 2;
  }
  p.recorded += listed;
}

// @ts-ignore: decorator
@inline
function isGood(p: Planner, i: u32, chosen: u32, following: bool): bool {
  return following ? load<u8>(p.listFlags + i) == 3 : i == chosen;
}

/**
 * Chooses where a container of the app goes. Returns the group's place in the list of groups, or -1 where
 * no configuration present may take it. `following` marks choices that lead to the targets and keeps to them.
 */
export function choose(
  p: Planner,
  app: u32,
  temperature: f32,
  following: bool,
  recording: bool,
): i32 {
  makeRoom(p);
  list(p, app);
  if (p.listed == 0) return -1;
  if (!recording) prune(p);
  describe(p, app);
  const good = describeChoices(p, app, following);
  // Where no listed choice leads to the targets, nothing is to be learned from this one.
  if (p.listed == 1 && !(recording && !following)) {
    return <i32> load<u32>(p.listGroups);
  }
  scoreAll(p);
  if (recording && following && good) write(p, 0, true);
  const chosen = pick(p, temperature, good);
  if (recording && !following) {
    scoreAll(p);
    write(p, chosen, false);
  }
  return <i32> load<u32>(p.listGroups + (<usize> chosen << 2));
}

export function takeTargets(p: Planner, state: State, app: u32): void {
  const cells = <usize> p.classes * p.cells;
  memory.fill(p.targets, 0, cells * 4);
  const scratch = p.scratch;
  for (let node: u32 = 0; node < state.nodes; node++) {
    const capacity = load<u8>(state.capacities + node);
    if (capacity == 0) continue;
    memory.fill(scratch, 0, apps);
    memory.copy(scratch, state.counts + <usize> node * apps, app + 1);
    let k: u32 = 0;
    while (load<u32>(p.capacities + (k << 2)) != capacity) k++;
    const at = cell4(p.targets, p, k, rankOf(scratch));
    store<u32>(at, load<u32>(at) + 1);
  }
}

/**
 * Places a demand (u32[apps]) app after app on empty nodes. temperature 0 takes the best choice. target: 0, or a
 * state whose placement is followed. Returns the containers that found no place.
 */
export function planDemand(
  address: usize,
  demand: usize,
  temperature: f32,
  target: usize,
  recording: bool,
): u32 {
  const p = changetype<Planner>(address);
  beginEpisode(p);
  let unplaced: u32 = 0;
  for (let app: u32 = 0; app < <u32> apps; app++) {
    const count = load<u32>(demand + (app << 2));
    if (count == 0) continue;
    if (target) takeTargets(p, changetype<State>(target), app);
    sumExcess(p, app);
    for (let i: u32 = 0; i < count; i++) {
      const g = choose(p, app, temperature, target != 0, recording);
      if (g < 0) {
        unplaced++;
        continue;
      }
      give(p, app, <u32> g);
    }
  }
  return unplaced;
}

/** A node of the group takes a container of the app. */
export function give(p: Planner, app: u32, g: u32): void {
  const k = load<u32>(p.groupClasses + (<usize> g << 2));
  const rank = load<u32>(p.groupRanks + (<usize> g << 2));
  const next = after(rank, app);
  addExcess(p, app, k, rank, -1);
  addExcess(p, app, k, next, 1);
  for (let table: u32 = 0; table < p.tables; table++) {
    const excess = p.excess + ((<usize> table * apps + app) << 3);
    store<f64>(excess, load<f64>(excess) + 1);
  }
  shift(p, k, rank, next);
  p.used++;
  const at = p.placed + (app << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Total throughput of what the planner holds. */
export function plannerTotal(address: usize): f64 {
  const p = changetype<Planner>(address);
  let total: f64 = 0;
  for (let g: u32 = 0; g < p.groups; g++) {
    const k = load<u32>(p.groupClasses + (<usize> g << 2));
    const rank = load<u32>(p.groupRanks + (<usize> g << 2));
    total += valueOf(p, rank) * <f64> load<u32>(cell4(p.amounts, p, k, rank));
  }
  return total;
}

/** Writes what the planner holds into a state, class by class, in order of ranks present. */
export function writePlan(address: usize, stateAddress: usize): i32 {
  const p = changetype<Planner>(address);
  const state = changetype<State>(stateAddress);
  const counts = countsTable();
  const width = countsRowWidth();
  memory.fill(state.counts, 0, <usize> state.nodes * apps);
  let node: u32 = 0;
  for (let k: u32 = 0; k < p.classes; k++) {
    node = 0;
    const capacity = load<u32>(p.capacities + (k << 2));
    for (let g: u32 = 0; g < p.groups; g++) {
      if (load<u32>(p.groupClasses + (<usize> g << 2)) != k) continue;
      const rank = load<u32>(p.groupRanks + (<usize> g << 2));
      let amount = load<u32>(cell4(p.amounts, p, k, rank));
      while (amount > 0) {
        if (load<u8>(state.capacities + node) == capacity) {
          memory.copy(state.counts + <usize> node * apps, counts + <usize> rank * width, apps);
          amount--;
        }
        node++;
      }
    }
  }
  return refresh(stateAddress);
}
