// The policy `metis` with literal levels: nodes form a tree of threes (27 = 3 x 3 x 3); a container first chooses
// a group of nodes, then a group in it, then a node. One network per level, shared over the groups of that level:
// `top` for groups of more than three nodes, `middle` for groups of up to three, and the planner's own scorer
// for nodes. A group is seen as its best node by the scorer of nodes, how good it and all of them are beside the
// other groups', and how many of its nodes have room.

import { alloc, blockOf, destroyOwner, Owner } from "../memory";
import { after, classOf, countsOf, hasRoom, NONE } from "./classes";
import { beginTurn, give, weighChoices } from "./decide";
import { plannerInputs } from "./features";
import { groupOf } from "./groups";
import { beginEpisode, Planner } from "./planner";
import { copyFeatures } from "./record";
import { addInputs, hiddenWidth, Scorer, scoreFrom, startSums } from "./scorer";
import { groupIn, isGood, scoreIn } from "./shortlist";
import { appAt } from "./price_tables";
import { randomUniform } from "../random";
import { apps, FORBIDDEN } from "../space/space";
import { refresh, State } from "../space/state";

const LOW: f32 = <f32> FORBIDDEN;

/** Groups that a choice is made among. */
const BRANCHES: u32 = 3;

@unmanaged
export class Levels extends Owner {
  planner: Planner;
  nodes: u32;
  ranks: usize; // u32[nodes]
  listed: usize; // u8[groups]: place in the planner's list of choices, 255 where it is not listed
  inputs: u32; // of the networks of groups
  scorers: usize; // u32[2]: middle, top
  sums: usize; // f32[hidden]
  rows: usize; // f32[BRANCHES][inputs]
  bounds: usize; // u32[BRANCHES + 1]
  best: usize; // f32[BRANCHES]: highest score of a node
  soft: usize; // f32[BRANCHES]: logarithm of the summed exponentials of scores
  open: usize; // f32[BRANCHES]: share of nodes that may take the container
  bestAt: usize; // u32[BRANCHES]: its choice in the planner's list
  good: usize; // u8[BRANCHES]
  scores: usize; // f32[BRANCHES]
  records: usize; // u32[2]: f32[recordLimit][inputs]
  slopes: usize; // u32[2]: f32[recordLimit]
  recorded: usize; // u32[2]
  recordLimit: u32;
  loss: f64;
  entropy: f64;
  decisions: u32;
}

/** Inputs of the networks of groups: three of the group, then those of its best node. */
export function groupInputs(plannerInputs: u32): u32 {
  return 3 + plannerInputs;
}

export function createLevels(
  plannerAddress: usize,
  stateAddress: usize,
  middle: usize,
  top: usize,
  recordLimit: u32,
): usize {
  const p = changetype<Planner>(plannerAddress);
  const state = changetype<State>(stateAddress);
  const levels = changetype<Levels>(alloc(offsetof<Levels>()));
  levels.planner = p;
  levels.nodes = state.nodes;
  levels.ranks = blockOf(levels, <usize> state.nodes * 4);
  levels.listed = blockOf(levels, <usize> (p.classes.nodes + p.classes.count));
  levels.inputs = groupInputs(plannerInputs(p.tables.count));
  levels.scorers = blockOf(levels, 8);
  store<u32>(levels.scorers, <u32> middle);
  store<u32>(levels.scorers + 4, <u32> top);
  const width = max(hiddenWidth(changetype<Scorer>(middle)), hiddenWidth(changetype<Scorer>(top)));
  levels.sums = blockOf(levels, width * 4);
  levels.rows = blockOf(levels, <usize> BRANCHES * levels.inputs * 4);
  levels.bounds = blockOf(levels, (BRANCHES + 1) * 4);
  levels.best = blockOf(levels, BRANCHES * 4);
  levels.soft = blockOf(levels, BRANCHES * 4);
  levels.open = blockOf(levels, BRANCHES * 4);
  levels.bestAt = blockOf(levels, BRANCHES * 4);
  levels.good = blockOf(levels, BRANCHES);
  levels.scores = blockOf(levels, BRANCHES * 4);
  levels.records = blockOf(levels, 8);
  levels.slopes = blockOf(levels, 8);
  levels.recorded = blockOf(levels, 8);
  levels.recordLimit = recordLimit;
  for (let level: u32 = 0; level < 2; level++) {
    const rows = blockOf(levels, <usize> recordLimit * levels.inputs * 4);
    store<u32>(levels.records + (level << 2), <u32> rows);
    store<u32>(levels.slopes + (level << 2), <u32> blockOf(levels, <usize> recordLimit * 4));
  }
  return changetype<usize>(levels);
}

export function destroyLevels(address: usize): void {
  destroyOwner(changetype<Levels>(address));
}

export function clearLevels(address: usize): void {
  const levels = changetype<Levels>(address);
  memory.fill(levels.recorded, 0, 8);
  levels.loss = 0;
  levels.entropy = 0;
  levels.decisions = 0;
}

export function levelRecord(address: usize, level: u32): usize {
  return load<u32>(changetype<Levels>(address).records + (level << 2));
}

export function levelSlopes(address: usize, level: u32): usize {
  return load<u32>(changetype<Levels>(address).slopes + (level << 2));
}

export function levelRecorded(address: usize, level: u32): u32 {
  return load<u32>(changetype<Levels>(address).recorded + (level << 2));
}

export function levelLoss(address: usize): f64 {
  return changetype<Levels>(address).loss;
}

export function levelEntropy(address: usize): f64 {
  return changetype<Levels>(address).entropy;
}

export function levelDecisions(address: usize): u32 {
  return changetype<Levels>(address).decisions;
}

/** Looks at nodes first..last-1 as one branch. */
function survey(levels: Levels, p: Planner, branch: u32, first: u32, last: u32): void {
  let best: f32 = LOW;
  let bestAt: u32 = 0;
  let open: u32 = 0;
  let good: u8 = 0;
  for (let pass = 0; pass < 2; pass++) {
    let sum: f32 = 0;
    for (let node = first; node < last; node++) {
      const choice = choiceOf(levels, p, node);
      if (choice == NONE) continue;
      const score = scoreIn(p.shortlist!, choice);
      if (pass == 1) {
        sum += NativeMathf.exp(max<f32>(-80, score - best));
        continue;
      }
      open++;
      if (isGood(p.shortlist!, choice)) good = 1;
      if (score > best) {
        best = score;
        bestAt = choice;
      }
    }
    if (pass == 1) {
      store<f32>(levels.soft + (branch << 2), open ? best + NativeMathf.log(sum) : LOW);
    }
  }
  store<f32>(levels.best + (branch << 2), best);
  store<u32>(levels.bestAt + (branch << 2), bestAt);
  store<f32>(levels.open + (branch << 2), <f32> open / <f32> max<u32>(1, last - first));
  store<u8>(levels.good + branch, good);
}

/** The planner's choice that stands for a node, NONE where it may not take the container. */
function choiceOf(levels: Levels, p: Planner, node: u32): u32 {
  const k = classOf(p.classes, node);
  if (k == NONE) return NONE;
  const rank = load<u32>(levels.ranks + (<usize> node << 2));
  if (!hasRoom(p.classes, k, rank)) return NONE;
  const choice = <u32> load<u8>(levels.listed + groupOf(p.groups, p.classes, k, rank));
  return choice == 255 ? NONE : choice;
}

/** Scores the branches: nodes by their own score, groups by the network of their level. */
function scoreBranches(levels: Levels, p: Planner, level: i32): void {
  if (level < 0) {
    memory.copy(levels.scores, levels.best, BRANCHES * 4);
    return;
  }
  const scorer = changetype<Scorer>(load<u32>(levels.scorers + (<u32> level << 2)));
  let best: f32 = LOW;
  let soft: f32 = LOW;
  for (let branch: u32 = 0; branch < BRANCHES; branch++) {
    best = max(best, load<f32>(levels.best + (branch << 2)));
    soft = max(soft, load<f32>(levels.soft + (branch << 2)));
  }
  for (let branch: u32 = 0; branch < BRANCHES; branch++) {
    const at = branch << 2;
    if (load<f32>(levels.open + at) == 0) {
      store<f32>(levels.scores + at, LOW);
      continue;
    }
    const row = levels.rows + <usize> branch * levels.inputs * 4;
    store<f32>(row, max<f32>(-8, load<f32>(levels.best + at) - best));
    store<f32>(row + 4, max<f32>(-8, load<f32>(levels.soft + at) - soft));
    store<f32>(row + 8, load<f32>(levels.open + at));
    const choice = load<u32>(levels.bestAt + at);
    copyFeatures(row + 12, p.shortlist!, p.cache!, p.episode, choice);
    startSums(scorer, levels.sums);
    addInputs(scorer, levels.sums, row, 0, levels.inputs);
    store<f32>(levels.scores + at, scoreFrom(scorer, levels.sums));
  }
}

/** Records the choice of a branch, as recordDecision in record.ts does for configurations. */
function record(levels: Levels, level: u32): void {
  const recorded = load<u32>(levels.recorded + (level << 2));
  let best: f32 = LOW;
  for (let b: u32 = 0; b < BRANCHES; b++) best = max(best, load<f32>(levels.scores + (b << 2)));
  let sum: f64 = 0;
  let sumGood: f64 = 0;
  let weighted: f64 = 0;
  for (let b: u32 = 0; b < BRANCHES; b++) {
    if (load<f32>(levels.open + (b << 2)) == 0) continue;
    const score = <f64> (load<f32>(levels.scores + (b << 2)) - best);
    const weight = Math.exp(score);
    sum += weight;
    weighted += weight * score;
    if (load<u8>(levels.good + b)) sumGood += weight;
  }
  levels.decisions++;
  levels.entropy += Math.log(sum) - weighted / sum;
  if (sumGood == sum || recorded + BRANCHES > levels.recordLimit) return;
  sumGood = max(sumGood, 1e-30);
  levels.loss += Math.log(sum) - Math.log(sumGood);
  let row = recorded;
  const rows = <usize> load<u32>(levels.records + (level << 2));
  const slopes = <usize> load<u32>(levels.slopes + (level << 2));
  for (let b: u32 = 0; b < BRANCHES; b++) {
    if (load<f32>(levels.open + (b << 2)) == 0) continue;
    const weight = Math.exp(<f64> (load<f32>(levels.scores + (b << 2)) - best));
    const slope = weight / sum - (load<u8>(levels.good + b) ? weight / sumGood : 0);
    store<f32>(slopes + (<usize> row << 2), <f32> slope);
    memory.copy(
      rows + <usize> row * levels.inputs * 4,
      levels.rows + <usize> b * levels.inputs * 4,
      <usize> levels.inputs * 4,
    );
    row++;
  }
  store<u32>(levels.recorded + (level << 2), row);
}

function pickBranch(levels: Levels, temperature: f32, goodOnly: bool): u32 {
  let best: f32 = LOW * 2;
  let bestAt: u32 = 0;
  for (let b: u32 = 0; b < BRANCHES; b++) {
    if (load<f32>(levels.open + (b << 2)) == 0) continue;
    if (goodOnly && !load<u8>(levels.good + b)) continue;
    const score = load<f32>(levels.scores + (b << 2));
    if (score > best) {
      best = score;
      bestAt = b;
    }
  }
  if (temperature <= 0) return bestAt;
  let sum: f32 = 0;
  for (let b: u32 = 0; b < BRANCHES; b++) {
    let weight: f32 = 0;
    if (load<f32>(levels.open + (b << 2)) > 0 && (!goodOnly || load<u8>(levels.good + b))) {
      weight = NativeMathf.exp(
        max<f32>(-80, (load<f32>(levels.scores + (b << 2)) - best) / temperature),
      );
    }
    store<f32>(levels.scores + (b << 2), weight);
    sum += weight;
  }
  let draw = <f32> randomUniform() * sum;
  for (let b: u32 = 0; b < BRANCHES; b++) {
    const weight = load<f32>(levels.scores + (b << 2));
    if (weight <= 0) continue;
    bestAt = b;
    draw -= weight;
    if (draw <= 0) break;
  }
  return bestAt;
}

/** Goes down the tree. Returns the node, or NONE where none may take the container. */
function descend(levels: Levels, p: Planner, temperature: f32, good: bool, recording: bool): u32 {
  let first: u32 = 0;
  let last = levels.nodes;
  while (last - first > 1) {
    const size = last - first;
    const largest = (size + BRANCHES - 1) / BRANCHES;
    let any = false;
    for (let b: u32 = 0; b < BRANCHES; b++) {
      const from = first + size * b / BRANCHES;
      const to = first + size * (b + 1) / BRANCHES;
      store<u32>(levels.bounds + (b << 2), from);
      survey(levels, p, b, from, to);
      if (load<f32>(levels.open + (b << 2)) > 0) any = true;
    }
    store<u32>(levels.bounds + (BRANCHES << 2), last);
    if (!any) return NONE;
    const level: i32 = largest <= 1 ? -1 : largest <= 3 ? 0 : 1;
    scoreBranches(levels, p, level);
    if (recording && good && level >= 0) record(levels, <u32> level);
    const branch = pickBranch(levels, temperature, good);
    first = load<u32>(levels.bounds + (branch << 2));
    last = load<u32>(levels.bounds + ((branch + 1) << 2));
  }
  return choiceOf(levels, p, first) == NONE ? NONE : first;
}

/** As planDemand in decide.ts, by levels. */
export function planByLevels(
  address: usize,
  demand: usize,
  temperature: f32,
  target: usize,
  recording: bool,
): u32 {
  const levels = changetype<Levels>(address);
  const p = levels.planner;
  beginEpisode(p);
  memory.fill(levels.ranks, 0, <usize> levels.nodes * 4);
  let unplaced: u32 = 0;
  for (let turn: u32 = 0; turn < <u32> apps; turn++) {
    const app = appAt(p.tables, turn);
    const count = load<u32>(demand + (app << 2));
    if (count == 0) continue;
    beginTurn(p, app, target);
    for (let i: u32 = 0; i < count; i++) {
      const good = weighChoices(p, app, target != 0, recording);
      if (good < 0) {
        unplaced++;
        continue;
      }
      const list = p.shortlist!;
      memory.fill(levels.listed, 255, p.groups.count);
      for (let at: u32 = 0; at < list.count; at++) {
        store<u8>(levels.listed + groupIn(list, at), <u8> at);
      }
      const node = descend(levels, p, temperature, good > 0, recording);
      if (node == NONE) {
        unplaced++;
        continue;
      }
      const k = classOf(p.classes, node);
      const rank = load<u32>(levels.ranks + (<usize> node << 2));
      store<u32>(levels.ranks + (<usize> node << 2), after(p.classes, rank, app));
      give(p, app, groupOf(p.groups, p.classes, k, rank));
    }
  }
  return unplaced;
}

/** Writes what every node holds into a state. */
export function writeLevels(address: usize, stateAddress: usize): i32 {
  const levels = changetype<Levels>(address);
  const state = changetype<State>(stateAddress);
  const classes = levels.planner.classes;
  for (let node: u32 = 0; node < levels.nodes; node++) {
    const rank = load<u32>(levels.ranks + (<usize> node << 2));
    memory.copy(state.counts + <usize> node * apps, countsOf(classes, rank), apps);
  }
  return refresh(stateAddress);
}
