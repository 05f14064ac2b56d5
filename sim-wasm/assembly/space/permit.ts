// What the nodes of one kind may hold besides their slots: limits of each app, resources, and the rules about company.

import { alloc, blockOf, Owner } from "../memory";
import { apps, FORBIDDEN, unrank } from "./space";

@unmanaged
export class Permit extends Owner {
  resources: u32;
  /** Pairs of apps: those that may not meet, then those of which the first needs the second. */
  apart: u32;
  together: u32;
  /** u8[apps]: most containers of an app on a node. */
  limits: usize;
  /** u32[apart + together][2] */
  pairs: usize;
  /** f64[apps][resources]: what a container takes. */
  needs: usize;
  /** f64[resources]: what a node has, with the slack for rounding. */
  amounts: usize;
}

/** A permit for the host to fill. */
export function createPermit(resources: u32, apart: u32, together: u32): usize {
  const permit = changetype<Permit>(alloc(offsetof<Permit>()));
  permit.resources = resources;
  permit.apart = apart;
  permit.together = together;
  permit.limits = blockOf(permit, apps);
  permit.pairs = blockOf(permit, (apart + together) * 8);
  permit.needs = blockOf(permit, <usize> apps * resources * 8);
  permit.amounts = blockOf(permit, resources * 8);
  return changetype<usize>(permit);
}

export function permitLimits(address: usize): usize {
  return changetype<Permit>(address).limits;
}

export function permitPairs(address: usize): usize {
  return changetype<Permit>(address).pairs;
}

export function permitNeeds(address: usize): usize {
  return changetype<Permit>(address).needs;
}

export function permitAmounts(address: usize): usize {
  return changetype<Permit>(address).amounts;
}

/** True if a node may hold these counts (u8[apps]); its slots are not looked at. */
export function permits(permit: Permit, counts: usize): bool {
  for (let app = 0; app < apps; app++) {
    if (load<u8>(counts + app) > load<u8>(permit.limits + app)) return false;
  }
  let pair = permit.pairs;
  const apartEnd = pair + permit.apart * 8;
  for (; pair < apartEnd; pair += 8) {
    if (load<u8>(counts + load<u32>(pair)) && load<u8>(counts + load<u32>(pair, 4))) return false;
  }
  const togetherEnd = apartEnd + permit.together * 8;
  for (; pair < togetherEnd; pair += 8) {
    if (load<u8>(counts + load<u32>(pair)) && !load<u8>(counts + load<u32>(pair, 4))) return false;
  }
  for (let resource: u32 = 0; resource < permit.resources; resource++) {
    let used: f64 = 0;
    for (let app = 0; app < apps; app++) {
      const count = load<u8>(counts + app);
      if (count) {
        used += <f64> count * load<f64>(permit.needs + (<usize> app * permit.resources + resource) * 8);
      }
    }
    if (used > load<f64>(permit.amounts + resource * 8)) return false;
  }
  return true;
}

/** Copies the first `count` values by rank, with FORBIDDEN where a permit says no, and one more FORBIDDEN behind them. */
export function maskTable(values: usize, count: u32, address: usize, masked: usize): void {
  const permit = changetype<Permit>(address);
  const counts = alloc(apps);
  for (let rank: u32 = 0; rank < count; rank++) {
    unrank(rank, counts);
    const at = <usize> rank * 8;
    store<f64>(masked + at, permits(permit, counts) ? load<f64>(values + at) : FORBIDDEN);
  }
  store<f64>(masked + <usize> count * 8, FORBIDDEN);
  heap.free(counts);
}
