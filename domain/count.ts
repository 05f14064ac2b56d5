/** A count with its noun, in the plural where it has to be: "1 slot", "4 slots". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Names of large numbers, each a thousand times the one before. */
const LARGE = ["million", "billion", "trillion"];

/** A number of things that nobody counts one by one, for people: `30 million`, `more than 1000 trillion`. */
export function largeNumber(value: number): string {
  if (value < 1e6) return `${value}`;
  if (!(value < 1e15)) return "more than 1000 trillion";
  const at = Math.min(LARGE.length - 1, Math.floor(Math.log10(value) / 3) - 2);
  return `${Number((value / 1000 ** (at + 2)).toPrecision(3))} ${LARGE[at]}`;
}
