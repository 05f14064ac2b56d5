// Decisions of the policy `metis` (metis_planner.ts): draws or takes the best choice, records it for learning, and plays whole
// demands.

import {
  addExcess,
  describe,
  describeChoices,
  list,
  makeRoom,
  prune,
  scoreAll,
  sumExcess,
} from "./choices";
import { after, beginEpisode, cell4, inputsAt, Planner, shift, valueOf } from "./planner";
import { countsRowWidth, countsTable } from "./prices";
import { randomUniform } from "../random";
import { apps, rankOf } from "../space/space";
import { refresh, State } from "../space/state";

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
