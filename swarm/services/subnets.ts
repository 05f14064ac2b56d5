/** Length of the prefix that Swarm gives a network whose file says none. */
export const USUAL_PREFIX = 24;
/** The largest network that is made unasked. */
const LARGEST_PREFIX = 16;

/** Addresses for containers in a subnet: the first and the last are none, and the second is the gateway's. */
export function addressesIn(prefix: number): number {
  return 2 ** (32 - prefix) - 3;
}

/** Length of the prefix of a subnet such as 10.200.0.0/20; null if it has none. */
export function prefixOf(subnet: string): number | null {
  const prefix = Number(/\/(\d+)$/.exec(subnet)?.[1] ?? NaN);
  return Number.isNaN(prefix) ? null : prefix;
}

/**
 * A subnet of IPv4 with so many addresses, and as many again for containers that start before others stop; at most 65,533.
 * @param taken Subnets and addresses that it keeps clear of, those of IPv4.
 * @returns null if there is none.
 */
export function roomySubnet(needed: number, taken: readonly string[]): string | null {
  const prefix = Math.max(LARGEST_PREFIX, 32 - Math.ceil(Math.log2(2 * needed + 3)));
  const others = taken.map(rangeOf).filter((range) => range !== null);
  for (let second = 200; second < 255; second++) {
    const subnet = `10.${second}.0.0/${prefix}`;
    const [from, to] = rangeOf(subnet)!;
    if (others.every(([first, last]) => last < from || first > to)) return subnet;
  }
  return null;
}

/** First and last address, as numbers; null for what is no IPv4. */
function rangeOf(subnet: string): [first: number, last: number] | null {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(subnet);
  if (parts === null) return null;
  const size = 2 ** (32 - Number(parts[5] ?? 32));
  const at = parts.slice(1, 5).reduce((sum, part) => 256 * sum + Number(part), 0);
  const from = at - at % size;
  return [from, from + size - 1];
}
