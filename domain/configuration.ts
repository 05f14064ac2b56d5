/**
 * Number of configurations of `apps` apps on a node with `capacity` slots: C(apps + capacity, apps),
 * the empty one included. Exact up to 2^53.
 */
export function configurationCount(apps: number, capacity: number): number {
  let count = 1;
  for (let k = 1; k <= apps; k++) count = Math.round(count * (capacity + k) / k);
  return count;
}
