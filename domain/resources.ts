/** Amounts of resources by name, each 0 or more: cpu in cores, memory in bytes, or whatever else is counted. */
export type Resources = Readonly<Record<string, number>>;

/** Sums of amounts are rounded: a node that is full to the last digit still counts as full, not as over. */
const ROUNDING = 1e-9;

/** The most that sums of amounts may reach where there is `have`. */
export function withRounding(have: number): number {
  return have * (1 + ROUNDING);
}

/** True if `used` of a resource fits `have`, up to the rounding of sums. */
export function fitsAmount(used: number, have: number): boolean {
  return used <= withRounding(have);
}

/** Most containers that fit where each takes `need` of what there is `have` of; Infinity where they take none. */
export function mostThatFit(need: number, have: number): number {
  return need > 0 ? Math.floor(withRounding(have) / need) : Infinity;
}
