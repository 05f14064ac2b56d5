// Failure domains: how many containers of each app each holds, and which steps keep the rules about them.

import { alloc, blockOf, Owner } from "../memory";
import { apps } from "./space";

@unmanaged
export class Domains extends Owner {
  count: u32;
  /** u32[nodes]: domain of each node. */
  ofNode: usize;
  /** u8[count][apps]: 1 where a domain could hold an app. */
  eligible: usize;
  /** u32[count][apps]: containers held. */
  held: usize;
  /** u32[3][apps]: most in a domain, fewest domains, most skew; NONE where there is no such rule. */
  rules: usize;
  /** u32[apps]: containers that are not placed yet. */
  left: usize;
  /** u32[apps]: the demand. */
  demand: usize;
}

const NONE: u32 = 0xffffffff;

/** Domains of a state, for the host to fill. */
export function createDomains(count: u32, nodes: u32): usize {
  const domains = changetype<Domains>(alloc(offsetof<Domains>()));
  domains.count = count;
  domains.ofNode = blockOf(domains, <usize> nodes * 4);
  domains.eligible = blockOf(domains, <usize> count * apps);
  domains.held = blockOf(domains, <usize> count * apps * 4);
  domains.rules = blockOf(domains, <usize> apps * 12);
  domains.left = blockOf(domains, <usize> apps * 4);
  domains.demand = blockOf(domains, <usize> apps * 4);
  return changetype<usize>(domains);
}

export function domainsOfNode(address: usize): usize {
  return changetype<Domains>(address).ofNode;
}

export function domainsEligible(address: usize): usize {
  return changetype<Domains>(address).eligible;
}

export function domainsRules(address: usize): usize {
  return changetype<Domains>(address).rules;
}

export function domainsDemand(address: usize): usize {
  return changetype<Domains>(address).demand;
}

// @ts-ignore: decorator
@inline
function ruleOf(domains: Domains, rule: u32, app: i32): u32 {
  return load<u32>(domains.rules + (<usize> rule * apps + app) * 4);
}

// @ts-ignore: decorator
@inline
function heldAt(domains: Domains, domain: u32, app: i32): usize {
  return domains.held + (<usize> domain * apps + app) * 4;
}

// @ts-ignore: decorator
@inline
export function domainOf(domains: Domains, node: u32): u32 {
  return load<u32>(domains.ofNode + (<usize> node << 2));
}

/** Forgets what is held. */
export function clearDomains(domains: Domains): void {
  memory.fill(domains.held, 0, <usize> domains.count * apps * 4);
  memory.copy(domains.left, domains.demand, <usize> apps * 4);
}

/** Notes that a node lost a container of `less` and got one of `more`; either may be below 0. */
export function noteDomains(domains: Domains, node: u32, less: i32, more: i32): void {
  const domain = domainOf(domains, node);
  if (less >= 0) {
    const at = heldAt(domains, domain, less);
    store<u32>(at, load<u32>(at) - 1);
    store<u32>(domains.left + less * 4, load<u32>(domains.left + less * 4) + 1);
  }
  if (more >= 0) {
    const at = heldAt(domains, domain, more);
    store<u32>(at, load<u32>(at) + 1);
    store<u32>(domains.left + more * 4, load<u32>(domains.left + more * 4) - 1);
  }
}

/** True if the next container of the app may go to a domain: as DomainBook.allows says it. */
export function mayPlaceIn(domains: Domains, domain: u32, app: i32): bool {
  const here = load<u32>(heldAt(domains, domain, app));
  if (here >= ruleOf(domains, 0, app)) return false;
  const fewest = ruleOf(domains, 1, app);
  const skew = ruleOf(domains, 2, app);
  if (fewest == NONE && skew == NONE) return true;
  let least = NONE;
  let used: u32 = 0;
  for (let other: u32 = 0; other < domains.count; other++) {
    if (!load<u8>(domains.eligible + <usize> other * apps + app)) continue;
    const count = load<u32>(heldAt(domains, other, app));
    if (count) used++;
    least = min(least, count);
  }
  if (skew != NONE && here + 1 - least > skew) return false;
  const left = load<u32>(domains.left + app * 4);
  return fewest == NONE || here == 0 || used >= fewest || left > fewest - used;
}

/** True if a container of the app may go from one domain to another, once all are placed. */
export function mayMoveBetween(domains: Domains, from: u32, to: u32, app: i32): bool {
  if (from == to || app < 0) return true;
  if (load<u32>(heldAt(domains, to, app)) >= ruleOf(domains, 0, app)) return false;
  const fewest = ruleOf(domains, 1, app);
  const skew = ruleOf(domains, 2, app);
  if (fewest == NONE && skew == NONE) return true;
  let least = NONE;
  let most: u32 = 0;
  let used: u32 = 0;
  for (let other: u32 = 0; other < domains.count; other++) {
    if (!load<u8>(domains.eligible + <usize> other * apps + app)) continue;
    let count = load<u32>(heldAt(domains, other, app));
    if (other == from) count--;
    if (other == to) count++;
    if (count) used++;
    least = min(least, count);
    most = max(most, count);
  }
  return (skew == NONE || most - least <= skew) && (fewest == NONE || used >= fewest);
}
