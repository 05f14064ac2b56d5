// Simulated annealing (Kirkpatrick, Gelatt and Vecchi, 1983) over slots: a step picks a container and
// a slot and exchanges what they hold; an empty slot makes it a move.
//
// Memory of one annealing (n containers, m slots of all nodes):
//   position u32[n]  slot of each container
//   slotNode u32[m]  node of each slot
//   slotApp  u16[m]  app in each slot, `apps` where it is empty
// so that one step costs two table reads a node.

import { alloc, free } from "../memory";
import { randomBelow, randomBits, seedRandom } from "../random";
import { added, apps, FORBIDDEN, hasTransitions, removed, stride } from "../space/space";
import { Domains, noteDomains } from "../space/domains";
import { apply, mayTrade, NO_APP, State, valueAfter } from "../space/state";

/** Steps between two changes of temperature. */
const BLOCK: u32 = 1024;
const LOG_ENTRIES: u32 = 4096;

@unmanaged
class Annealing {
  containers: u32;
  slots: u32;
  position: usize;
  slotNode: usize;
  slotApp: usize;
}

/** f64[LOG_ENTRIES]: ln of the middle of each of the equal parts of (0, 1). */
let logs: usize = 0;

/** Starts from what the state holds now. */
export function beginAnnealing(address: usize, seed: u32): usize {
  const state = changetype<State>(address);
  seedRandom(seed);
  if (!logs) {
    logs = alloc(LOG_ENTRIES * 8);
    for (let i: u32 = 0; i < LOG_ENTRIES; i++) {
      store<f64>(logs + i * 8, Math.log((<f64> i + 0.5) / <f64> LOG_ENTRIES));
    }
  }
  const block = alloc(offsetof<Annealing>());
  const annealing = changetype<Annealing>(block);
  let containers: u32 = 0;
  let slots: u32 = 0;
  for (let node: u32 = 0; node < state.nodes; node++) {
    containers += load<u8>(state.held + node);
    slots += load<u8>(state.capacities + node);
  }
  annealing.containers = containers;
  annealing.slots = slots;
  annealing.position = alloc(<usize> containers * 4 + 4);
  annealing.slotNode = alloc(<usize> slots * 4 + 4);
  annealing.slotApp = alloc(<usize> slots * 2 + 4);
  let slot: u32 = 0;
  let container: u32 = 0;
  for (let node: u32 = 0; node < state.nodes; node++) {
    const end = slot + load<u8>(state.capacities + node);
    for (let app = 0; app < apps; app++) {
      let count = <i32> load<u8>(state.counts + <usize> node * apps + app);
      while (count-- > 0) {
        store<u32>(annealing.position + <usize> container * 4, slot);
        store<u32>(annealing.slotNode + <usize> slot * 4, node);
        store<u16>(annealing.slotApp + <usize> slot * 2, app);
        container++;
        slot++;
      }
    }
    for (; slot < end; slot++) {
      store<u32>(annealing.slotNode + <usize> slot * 4, node);
      store<u16>(annealing.slotApp + <usize> slot * 2, apps);
    }
  }
  return block;
}

export function endAnnealing(block: usize): void {
  const annealing = changetype<Annealing>(block);
  free(annealing.position);
  free(annealing.slotNode);
  free(annealing.slotApp);
  free(block);
}

/**
 * Makes `moves` steps while the temperature falls geometrically from `hot` to `cold` (in units of
 * throughput). Returns the accepted steps.
 */
export function anneal(address: usize, block: usize, moves: u32, hot: f64, cold: f64): u32 {
  const annealing = changetype<Annealing>(block);
  if (annealing.containers == 0) return 0;
  const blocks = (moves + BLOCK - 1) / BLOCK;
  const cooling = blocks > 1 ? Math.pow(cold / hot, 1.0 / <f64> (blocks - 1)) : 1.0;
  let temperature = hot;
  let accepted: u32 = 0;
  for (let done: u32 = 0; done < moves; done += BLOCK) {
    const steps = min(BLOCK, moves - done);
    accepted += hasTransitions
      ? annealByTable(address, annealing, steps, temperature)
      : annealByCounts(address, annealing, steps, temperature);
    temperature *= cooling;
  }
  return accepted;
}

/** The hot loop: ranks and values only; counts are brought up to date on acceptance. */
function annealByTable(address: usize, annealing: Annealing, steps: u32, temperature: f64): u32 {
  const state = changetype<State>(address);
  const positions = annealing.position;
  const slotNodes = annealing.slotNode;
  const slotApps = annealing.slotApp;
  const containers = annealing.containers;
  const slots = annealing.slots;
  const ranks = state.ranks;
  const tables = state.tables;
  const nodeValues = state.nodeValues;
  const add = added;
  const less = removed;
  const width = stride;
  const none = <u32> apps;
  const spread = state.domains != 0;
  let accepted: u32 = 0;
  for (let step: u32 = 0; step < steps; step++) {
    const container = positions + (<usize> randomBelow(containers) << 2);
    const from = load<u32>(container);
    const to = randomBelow(slots);
    const given = <u32> load<u16>(slotApps + (<usize> from << 1));
    const taken = <u32> load<u16>(slotApps + (<usize> to << 1));
    const u = load<u32>(slotNodes + (<usize> from << 2));
    const v = load<u32>(slotNodes + (<usize> to << 2));
    if (given == taken || u == v) continue;
    const lessU = load<u32>(less + ((load<u32>(ranks + (<usize> u << 2)) * width + given) << 2));
    const lessV = load<u32>(less + ((load<u32>(ranks + (<usize> v << 2)) * width + taken) << 2));
    const rankU = load<u32>(add + ((lessU * width + taken) << 2));
    const rankV = load<u32>(add + ((lessV * width + given) << 2));
    const valueU = load<f64>(load<usize>(tables + (<usize> u << 2)) + (<usize> rankU << 3));
    const valueV = load<f64>(load<usize>(tables + (<usize> v << 2)) + (<usize> rankV << 3));
    const change = valueU + valueV - load<f64>(nodeValues + (<usize> u << 3)) -
      load<f64>(nodeValues + (<usize> v << 3));
    if (
      change < 0 &&
      change <= temperature * load<f64>(logs + (<usize> (randomBits() >> 20) << 3))
    ) continue;
    if (spread && !trade(state, u, v, given, taken)) continue;
    accepted++;
    store<u32>(ranks + (<usize> u << 2), rankU);
    store<u32>(ranks + (<usize> v << 2), rankV);
    store<f64>(nodeValues + (<usize> u << 3), valueU);
    store<f64>(nodeValues + (<usize> v << 3), valueV);
    store<u16>(slotApps + (<usize> from << 1), <u16> taken);
    store<u16>(slotApps + (<usize> to << 1), <u16> given);
    const countsU = state.counts + <usize> u * none;
    const countsV = state.counts + <usize> v * none;
    store<u8>(countsU + given, load<u8>(countsU + given) - 1);
    store<u8>(countsV + given, load<u8>(countsV + given) + 1);
    if (taken == none) {
      store<u32>(container, to);
      store<u8>(state.held + u, load<u8>(state.held + u) - 1);
      store<u8>(state.held + v, load<u8>(state.held + v) + 1);
    } else {
      store<u8>(countsU + taken, load<u8>(countsU + taken) + 1);
      store<u8>(countsV + taken, load<u8>(countsV + taken) - 1);
    }
  }
  return accepted;
}

/** Where failure domains matter: false if they may not trade; else they have. */
function trade(state: State, u: u32, v: u32, given: u32, inSlot: u32): bool {
  const taken = inSlot == <u32> apps ? NO_APP : <i32> inSlot;
  if (!mayTrade(state, u, v, given, taken)) return false;
  const domains = changetype<Domains>(state.domains);
  noteDomains(domains, u, given, taken);
  noteDomains(domains, v, taken, given);
  return true;
}

function annealByCounts(address: usize, annealing: Annealing, steps: u32, temperature: f64): u32 {
  const state = changetype<State>(address);
  let accepted: u32 = 0;
  for (let step: u32 = 0; step < steps; step++) {
    const container = annealing.position + (<usize> randomBelow(annealing.containers) << 2);
    const from = load<u32>(container);
    const to = randomBelow(annealing.slots);
    const given = <i32> load<u16>(annealing.slotApp + (<usize> from << 1));
    const inSlot = <i32> load<u16>(annealing.slotApp + (<usize> to << 1));
    const taken = inSlot == apps ? -1 : inSlot;
    const u = load<u32>(annealing.slotNode + (<usize> from << 2));
    const v = load<u32>(annealing.slotNode + (<usize> to << 2));
    if (given == taken || u == v) continue;
    const valueU = valueAfter(state, u, given, taken);
    const valueV = valueAfter(state, v, taken, given);
    if (valueU < FORBIDDEN / 2 || valueV < FORBIDDEN / 2) continue;
    const change = valueU + valueV - load<f64>(state.nodeValues + <usize> u * 8) -
      load<f64>(state.nodeValues + <usize> v * 8);
    if (
      change < 0 && change <= temperature * load<f64>(logs + (<usize> (randomBits() >> 20) << 3))
    ) continue;
    if (!mayTrade(state, u, v, given, taken)) continue;
    accepted++;
    apply(state, u, given, taken, valueU);
    apply(state, v, taken, given, valueV);
    store<u16>(annealing.slotApp + (<usize> from << 1), <u16> inSlot);
    store<u16>(annealing.slotApp + (<usize> to << 1), <u16> given);
    if (taken < 0) store<u32>(container, to);
  }
  return accepted;
}
