/** A count with its noun, in the plural where it has to be: "1 slot", "4 slots". */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
