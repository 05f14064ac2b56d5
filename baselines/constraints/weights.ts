/** Pairs of apps whose constraints the 2020 program weighs other than 1. */
const PAPER_WEIGHTS: readonly { subject: string; other: string; weight: number }[] = [
  { subject: "redis", other: "mms", weight: 2 },
  { subject: "redis", other: "isr", weight: 2 },
];

/**
 * Weight of a constraint where nobody gave one: 2 for (redis, mms) and (redis, isr), as in the 2020
 * program, else 1.
 */
export function defaultWeight(subject: string, other: string): number {
  return PAPER_WEIGHTS.find((pair) => pair.subject === subject && pair.other === other)?.weight ??
    1;
}
