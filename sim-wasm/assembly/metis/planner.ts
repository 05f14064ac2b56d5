// The policy `metis`: places a demand container by container; a choice is one of the different configurations present
// (equal nodes are one choice), scored by one network for all of them. What it sees of a choice comes from the surface
// and from smoothed prices of the demand: features.ts says all of it.
//
//   classes      nodes that are alike                    tables     chances under prices of the demand
//   groups       what nodes hold now                 episode    what was placed, and the excess over the prices
//   cache        what depends on a configuration     shortlist  the choices of one decision, scored
//   record       decisions to learn from

import { alloc, blockOf, destroyOwner, Owner } from "../memory";
import { ChoiceCache, clearCache, createChoiceCache } from "./choice_cache";
import { cellsOf, Classes, forgetSome } from "./classes";
import { createEpisode, Episode, forgetPlaced } from "./episode";
import { createGroups, emptyNodes, Groups } from "./groups";
import { createPriceTables, fillTables, PriceTables } from "./price_tables";
import { createRecord, forgetRecord, Record } from "./record";
import { Scorer } from "./scorer";
import { createShortlist, Shortlist } from "./shortlist";
import { clearDomains, Domains } from "../space/domains";
import { apps } from "../space/space";

@unmanaged
export class Planner extends Owner {
  classes: Classes;
  tables: PriceTables;
  groups: Groups;
  episode: Episode;
  record: Record;
  /** Null until there is a scorer. */
  cache: ChoiceCache | null;
  shortlist: Shortlist | null;
  /** u32[classes][cells]: nodes of the placement to follow, cut to the apps so far (decide.ts). */
  targets: usize;
  /** u8[nodes + classes]: by group, 1 where it is a good choice (arrivals.ts). */
  marks: usize;
  /** u8[apps] and eight bytes more: counts of a node. */
  scratch: usize;
}

/** A planner for classes of nodes, which it takes over. order: u32[apps], the apps in the order in which they come. */
export function createPlanner(
  classes: usize,
  tables: u32,
  ordered: bool,
  order: usize,
  informed: bool,
  recordLimit: u32,
): usize {
  const p = changetype<Planner>(alloc(offsetof<Planner>()));
  p.classes = changetype<Classes>(classes);
  p.tables = createPriceTables(p.classes, tables, ordered, order);
  p.groups = createGroups(p.classes);
  p.episode = createEpisode(p.tables, informed);
  p.record = createRecord(tables, recordLimit);
  p.targets = blockOf(p, cellsOf(p.classes) * 4);
  p.marks = blockOf(p, p.classes.nodes + p.classes.count);
  p.scratch = blockOf(p, <usize> apps + 8);
  return changetype<usize>(p);
}

export function destroyPlanner(address: usize): void {
  const p = changetype<Planner>(address);
  destroyOwner(p.classes);
  destroyOwner(p.tables);
  destroyOwner(p.groups);
  destroyOwner(p.episode);
  destroyOwner(p.record);
  forgetScorer(p);
  destroyOwner(p);
}

function forgetScorer(p: Planner): void {
  if (p.cache !== null) destroyOwner(p.cache!);
  if (p.shortlist !== null) destroyOwner(p.shortlist!);
}

/** Uses this scorer (scorer.ts) from now on; call it again after its weights changed. */
export function setScorer(address: usize, scorer: usize): void {
  const p = changetype<Planner>(address);
  const cache = p.cache;
  if (cache !== null && changetype<usize>(cache.scorer) == scorer) {
    clearCache(cache);
    return;
  }
  forgetScorer(p);
  p.cache = createChoiceCache(p.classes, p.tables, changetype<Scorer>(scorer));
  p.shortlist = createShortlist(p.tables.count, changetype<Scorer>(scorer));
}

/** As fillTables; nothing that was computed from the tables before is kept. */
export function fillWeights(
  address: usize,
  table: u32,
  t: f64,
  prices: usize,
  inverse: usize,
  wants: usize,
): void {
  const p = changetype<Planner>(address);
  fillTables(p.tables, p.classes, table, t, prices, inverse, wants);
  if (p.cache !== null) clearCache(p.cache!);
}

/** All nodes empty. */
export function beginEpisode(p: Planner): void {
  emptyNodes(p.groups, p.classes);
  if (forgetSome(p.classes)) clearCache(p.cache!);
  forgetPlaced(p.episode);
  if (p.classes.domains) clearDomains(changetype<Domains>(p.classes.domains));
}

/** f32[plannerRecorded][plannerInputs] */
export function plannerRecord(address: usize): usize {
  return changetype<Planner>(address).record.inputs;
}

/** f32[plannerRecorded] */
export function plannerRecordSlopes(address: usize): usize {
  return changetype<Planner>(address).record.slopes;
}

/** u32[plannerRecorded] */
export function plannerRecordTimes(address: usize): usize {
  return changetype<Planner>(address).record.times;
}

export function plannerRecorded(address: usize): u32 {
  return changetype<Planner>(address).record.count;
}

export function plannerLoss(address: usize): f64 {
  return changetype<Planner>(address).record.loss;
}

export function plannerEntropy(address: usize): f64 {
  return changetype<Planner>(address).record.entropy;
}

export function plannerDecisions(address: usize): u32 {
  return changetype<Planner>(address).record.decisions;
}

export function clearRecord(address: usize): void {
  forgetRecord(changetype<Planner>(address).record);
}
