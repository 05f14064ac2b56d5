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

import { alloc, free } from "../memory";
import { hiddenWidth, Scorer } from "./scorer";
import { countsRowWidth, countsTable, ranksUpTo } from "./prices";
import { added, apps, configurations, stride } from "../space/space";
import { State } from "../space/state";

/** Most configurations that a choice is made among: the most promising ones. */
export const SHORTLIST: u32 = 16;

/** Entries of the cache of what depends on app and configuration only. */
export const ENTRIES: u32 = 16384;

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
export function cell4(base: usize, p: Planner, k: u32, rank: u32): usize {
  return base + ((<usize> k * p.cells + rank) << 2);
}

// @ts-ignore: decorator
@inline
export function after(rank: u32, app: u32): u32 {
  return load<u32>(added + ((<usize> rank * stride + app) << 2));
}

/** Inputs that depend on app, class and configuration only. */
function staticInputsOf(apps: u32, tables: u32): u32 {
  return 2 * tables + 9 + apps;
}

/** Inputs of a choice that change from container to container. */
function choiceInputsOf(tables: u32): u32 {
  return 3 * tables + 4;
}

/** Inputs that all choices share. */
function contextInputsOf(apps: u32, tables: u32): u32 {
  return 6 + tables + 3 * apps;
}

/** Inputs of the scorer for so many apps and tables of prices. */
export function plannerInputs(apps: u32, tables: u32): u32 {
  return staticInputsOf(apps, tables) + choiceInputsOf(tables) + contextInputsOf(apps, tables);
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
  p.staticInputs = staticInputsOf(apps, tables);
  p.choiceInputs = choiceInputsOf(tables);
  p.contextInputs = contextInputsOf(apps, tables);
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
  p.record = alloc(<usize> recordLimit * plannerInputs(apps, tables) * 4);
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
export function expectedAt(p: Planner): u32 {
  return 1 + 2 * p.tables;
}

// @ts-ignore: decorator
@inline
export function leansAt(p: Planner): u32 {
  return 1 + 2 * p.tables + p.tables * apps;
}

// @ts-ignore: decorator
@inline
export function inputsAt(p: Planner): u32 {
  return 1 + 2 * p.tables + 2 * p.tables * apps;
}

// @ts-ignore: decorator
@inline
export function sumsAt(p: Planner): u32 {
  return (inputsAt(p) + p.staticInputs + 3) & ~3;
}

export function clearCache(p: Planner): void {
  memory.fill(p.cacheIndex, 0, (<usize> apps * p.classes * p.cells) << 2);
  p.cached = 0;
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
export function valueOf(p: Planner, rank: u32): f64 {
  return load<f64>(p.values + (<usize> rank << 3));
}
