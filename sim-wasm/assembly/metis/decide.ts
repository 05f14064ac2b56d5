// Decisions of the policy `metis` (planner.ts): draws or takes the best choice, records it for learning, and plays
// whole demands.

import { makeRoom } from "./choice_cache";
import {
  after,
  cell4,
  cellsOf,
  classOf,
  countsOf,
  firstOf,
  NONE,
  rankIn,
  valueOf,
} from "./classes";
import { addExcess, arriveInExcess, countPlaced, describeEpisode, sumExcess } from "./episode";
import { amountOf, classAt, rankAt, shift } from "./groups";
import { beginEpisode, Planner } from "./planner";
import { appAt, turnOf } from "./price_tables";
import { recordDecision } from "./record";
import {
  countBeyond,
  describeChoices,
  groupIn,
  isGood,
  listChoices,
  LOWEST,
  prune,
  scoreChoices,
  scoreIn,
  Shortlist,
} from "./shortlist";
import { randomUniform } from "../random";
import { Domains, noteDomains } from "../space/domains";
import { apps } from "../space/space";
import { NO_APP, refresh, State } from "../space/state";

/** Picks a listed choice: the best score at temperature 0, else at random; good ones only where asked. */
function pick(list: Shortlist, temperature: f32, goodOnly: bool): u32 {
  let best: f32 = LOWEST;
  let bestAt: u32 = 0;
  for (let i: u32 = 0; i < list.count; i++) {
    if (goodOnly && !isGood(list, i)) continue;
    const score = scoreIn(list, i);
    if (score > best) {
      best = score;
      bestAt = i;
    }
  }
  if (temperature <= 0) return bestAt;
  let sum: f32 = 0;
  for (let i: u32 = 0; i < list.count; i++) {
    let weight: f32 = 0;
    if (!goodOnly || isGood(list, i)) {
      weight = NativeMathf.exp(max<f32>(-80, (scoreIn(list, i) - best) / temperature));
    }
    store<f32>(list.scores + (<usize> i << 2), weight);
    sum += weight;
  }
  let draw = <f32> randomUniform() * sum;
  for (let i: u32 = 0; i < list.count; i++) {
    const weight = scoreIn(list, i);
    if (weight > 0) {
      bestAt = i;
      draw -= weight;
      if (draw <= 0) break;
    }
  }
  return bestAt;
}

/**
 * Marks the choices that lead to the placement to follow: where apps come in order, those whose configuration, or one
 * with more of the app, is on more nodes there than here; else those that arrivals.ts marked. True where there is one.
 */
export function markGood(p: Planner, app: u32, following: bool): bool {
  const list = p.shortlist!;
  const groups = p.groups;
  const classes = p.classes;
  let any = false;
  for (let i: u32 = 0; i < list.count; i++) {
    let good = false;
    if (following) {
      const g = groupIn(list, i);
      if (p.tables.ordered) {
        const k = classAt(groups, g);
        const rank = rankAt(groups, g);
        good = countBeyond(p.targets, classes, app, k, rank) >
          countBeyond(groups.amounts, classes, app, k, rank);
      } else good = load<u8>(p.marks + g) != 0;
    }
    store<u8>(list.good + i, good ? 1 : 0);
    if (good) any = true;
  }
  return any;
}

/** Lists the choices for a container of the app and describes them. Returns true where one is good to follow. */
function lookAt(p: Planner, app: u32, following: bool): bool {
  describeEpisode(p.episode, p.tables, p.classes, p.groups, app);
  describeChoices(p.shortlist!, p.cache!, p.episode, p.groups, app);
  return markGood(p, app, following);
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
  const list = p.shortlist!;
  const cache = p.cache!;
  makeRoom(cache, p.groups.count);
  listChoices(list, cache, p.groups, app);
  if (list.count == 0) return -1;
  if (!recording) prune(list);
  const good = lookAt(p, app, following);
  // Where no listed choice leads to the targets, nothing is to be learned from this one.
  if (list.count == 1 && !(recording && !following)) return <i32> groupIn(list, 0);
  scoreChoices(list, cache, p.episode);
  if (recording && following && good) recordDecision(p.record, list, cache, p.episode, 0, true);
  const chosen = pick(list, temperature, good);
  if (recording && !following) {
    // Drawing has overwritten the scores.
    scoreChoices(list, cache, p.episode);
    recordDecision(p.record, list, cache, p.episode, chosen, false);
  }
  return <i32> groupIn(list, chosen);
}

/**
 * As {@link choose} up to the scores of all choices, for levels.ts. Returns -1 where there are none, else 1 where one is
 * good to follow and 0 where not.
 */
export function weighChoices(p: Planner, app: u32, following: bool, recording: bool): i32 {
  const list = p.shortlist!;
  const cache = p.cache!;
  makeRoom(cache, p.groups.count);
  listChoices(list, cache, p.groups, app);
  if (list.count == 0) return -1;
  const good = lookAt(p, app, following);
  scoreChoices(list, cache, p.episode);
  if (recording && good) recordDecision(p.record, list, cache, p.episode, 0, true);
  return good ? 1 : 0;
}

/** Takes the placement of a state, cut to the apps up to the turn of this one, as the one to follow. */
export function takeTargets(p: Planner, state: State, app: u32): void {
  const classes = p.classes;
  memory.fill(p.targets, 0, cellsOf(classes) * 4);
  const scratch = p.scratch;
  const last = turnOf(p.tables, app);
  for (let node: u32 = 0; node < state.nodes; node++) {
    const k = classOf(classes, node);
    if (k == NONE) continue;
    const counts = state.counts + <usize> node * apps;
    memory.fill(scratch, 0, apps);
    for (let turn: u32 = 0; turn <= last; turn++) {
      const b = appAt(p.tables, turn);
      store<u8>(scratch + b, load<u8>(counts + b));
    }
    const at = cell4(p.targets, classes, k, rankIn(classes, scratch));
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** The turn of an app begins. target: 0, or a state whose placement is followed. */
export function beginTurn(p: Planner, app: u32, target: usize): void {
  if (target) takeTargets(p, changetype<State>(target), app);
  sumExcess(p.episode, p.cache!, p.groups, app);
}

/**
 * Places a demand (u32[apps]) app after app, in the order of the tables, on empty nodes. temperature 0 takes the best choice. target: 0, or a
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
  for (let turn: u32 = 0; turn < <u32> apps; turn++) {
    const app = appAt(p.tables, turn);
    const count = load<u32>(demand + (app << 2));
    if (count == 0) continue;
    beginTurn(p, app, target);
    for (let i: u32 = 0; i < count; i++) {
      const g = choose(p, app, temperature, target != 0, recording);
      if (g < 0) unplaced++;
      else give(p, app, <u32> g);
    }
  }
  return unplaced;
}

/** A node of the group takes a container of the app. */
export function give(p: Planner, app: u32, g: u32): void {
  const k = classAt(p.groups, g);
  const rank = rankAt(p.groups, g);
  const next = after(p.classes, rank, app);
  const cache = p.cache!;
  addExcess(p.episode, cache, app, k, rank, -1);
  addExcess(p.episode, cache, app, k, next, 1);
  arriveInExcess(p.episode, p.tables, app);
  shift(p.groups, p.classes, k, rank, next);
  countPlaced(p.episode, app, 1);
  note(p, k, NO_APP, app);
}

/** Notes in the failure domains, where rules speak of those, what a node of the class lost and got. */
export function note(p: Planner, k: u32, less: i32, more: i32): void {
  const domains = p.classes.domains;
  if (domains) noteDomains(changetype<Domains>(domains), firstOf(p.classes, k), less, more);
}

/** Total throughput of what the planner holds. */
export function plannerTotal(address: usize): f64 {
  const p = changetype<Planner>(address);
  let total: f64 = 0;
  for (let g: u32 = 0; g < p.groups.count; g++) {
    const k = classAt(p.groups, g);
    const rank = rankAt(p.groups, g);
    total += valueOf(p.classes, k, rank) * <f64> amountOf(p.groups, p.classes, k, rank);
  }
  return total;
}

/** Writes what the planner holds into a state, class by class, in order of ranks present. */
export function writePlan(address: usize, stateAddress: usize): i32 {
  const p = changetype<Planner>(address);
  const state = changetype<State>(stateAddress);
  memory.fill(state.counts, 0, <usize> state.nodes * apps);
  for (let k: u32 = 0; k < p.classes.count; k++) {
    let node: u32 = 0;
    for (let g: u32 = 0; g < p.groups.count; g++) {
      if (classAt(p.groups, g) != k) continue;
      const rank = rankAt(p.groups, g);
      let amount = amountOf(p.groups, p.classes, k, rank);
      while (amount > 0) {
        if (classOf(p.classes, node) == k) {
          memory.copy(state.counts + <usize> node * apps, countsOf(p.classes, rank), apps);
          amount--;
        }
        node++;
      }
    }
  }
  return refresh(stateAddress);
}
