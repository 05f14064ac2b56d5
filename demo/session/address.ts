/**
 * The state of the page in its address, after the #: what can be shared.
 * @module
 */

/** What an address says; what it leaves out, or says wrongly, is undefined. */
export interface Address {
  readonly nodes?: number | undefined;
  readonly demand?: readonly number[] | undefined;
  readonly schedulers?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}

/** Most nodes and containers of each app that an address may ask for. */
const MOST = 100_000;

/** Reads an address such as `#nodes=81&demand=37.31.28&a=spread&b=metis`. Never throws: strangers write addresses. */
export function readAddress(hash: string): Address {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const demand = fields.get("demand")?.split(".").map((count) => wholeOf(count));
  const schedulers = [fields.get("a"), fields.get("b")];
  return {
    nodes: positive(wholeOf(fields.get("nodes"))),
    demand: demand?.every((count) => count !== undefined) ? demand as number[] : undefined,
    schedulers: schedulers.every((name) => name !== null) ? schedulers as string[] : undefined,
    seed: wholeOf(fields.get("seed"), 0xffffffff),
  };
}

/** Writes an address; fields that are undefined are left out. */
export function writeAddress(address: Address): string {
  const { nodes, demand, schedulers, seed } = address;
  const fields: [string, string | number | undefined][] = [
    ["nodes", nodes],
    ["demand", demand?.join(".")],
    ["a", schedulers?.[0]],
    ["b", schedulers?.[1]],
    ["seed", seed],
  ];
  const told = fields.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  );
  return `#${told.join("&")}`;
}

function wholeOf(text: string | null, most: number = MOST): number | undefined {
  if (text === null || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}
