// Recorded decisions, to learn from.

import { alloc, blockOf, Owner } from "../memory";
import { ChoiceCache, inputsIn } from "./choice_cache";
import { Episode } from "./episode";
import { plannerInputs } from "./features";
import { entryIn, inputsOf, isGood, LOWEST, scoreIn, Shortlist } from "./shortlist";

@unmanaged
export class Record extends Owner {
  /** Rows that there is room for, and that are there: one per choice of each recorded decision. */
  limit: u32;
  count: u32;
  /** f32[limit][plannerInputs] */
  inputs: usize;
  /** f32[limit]: derivative of the decision's loss by the score of the choice. */
  slopes: usize;
  /** u32[limit]: slots taken when the decision was made. */
  times: usize;
  /** Sums over all decisions. */
  decisions: u32;
  loss: f64;
  entropy: f64;
}

export function createRecord(tables: u32, limit: u32): Record {
  const record = changetype<Record>(alloc(offsetof<Record>()));
  record.limit = limit;
  record.inputs = blockOf(record, <usize> limit * plannerInputs(tables) * 4);
  record.slopes = blockOf(record, <usize> limit * 4);
  record.times = blockOf(record, <usize> limit * 4);
  return record;
}

export function forgetRecord(record: Record): void {
  record.count = 0;
  record.decisions = 0;
  record.loss = 0;
  record.entropy = 0;
}

/**
 * Records a decision. Its loss is minus the logarithm of the summed probability of the good choices (of the
 * chosen one where there are none to follow); its derivative by score i is p_i - q_i, where q is p among the
 * good ones. Left out where every choice is good, or there is no room.
 */
export function recordDecision(
  record: Record,
  list: Shortlist,
  cache: ChoiceCache,
  episode: Episode,
  chosen: u32,
  following: bool,
): void {
  let best: f32 = LOWEST;
  for (let i: u32 = 0; i < list.count; i++) best = max(best, scoreIn(list, i));
  let sum: f64 = 0;
  let sumGood: f64 = 0;
  let weighted: f64 = 0;
  for (let i: u32 = 0; i < list.count; i++) {
    const score = <f64> (scoreIn(list, i) - best);
    const weight = Math.exp(score);
    sum += weight;
    weighted += weight * score;
    if (isWanted(list, i, chosen, following)) sumGood += weight;
  }
  record.decisions++;
  record.entropy += Math.log(sum) - weighted / sum;
  if (sumGood == sum || record.count + list.count > record.limit) return;
  sumGood = max(sumGood, 1e-30);
  record.loss += Math.log(sum) - Math.log(sumGood);
  const inputs = list.staticInputs + list.choiceInputs + list.contextInputs;
  let row = record.inputs + ((<usize> record.count * inputs) << 2);
  for (let i: u32 = 0; i < list.count; i++) {
    const weight = Math.exp(<f64> (scoreIn(list, i) - best));
    const slope = weight / sum - (isWanted(list, i, chosen, following) ? weight / sumGood : 0);
    store<f32>(record.slopes + ((<usize> record.count + i) << 2), <f32> slope);
    store<u32>(record.times + ((<usize> record.count + i) << 2), episode.used);
    row = copyFeatures(row, list, cache, episode, i);
  }
  record.count += list.count;
}

// @ts-ignore: decorator
@inline
function isWanted(list: Shortlist, choice: u32, chosen: u32, following: bool): bool {
  return following ? isGood(list, choice) : choice == chosen;
}

/** Writes the three parts of a choice's features. Returns where they end. */
export function copyFeatures(
  row: usize,
  list: Shortlist,
  cache: ChoiceCache,
  episode: Episode,
  choice: u32,
): usize {
  memory.copy(row, inputsIn(cache, entryIn(list, choice)), list.staticInputs << 2);
  row += list.staticInputs << 2;
  memory.copy(row, inputsOf(list, choice), list.choiceInputs << 2);
  row += list.choiceInputs << 2;
  memory.copy(row, episode.context, list.contextInputs << 2);
  return row + (list.contextInputs << 2);
}
