import { Random } from "../../../domain/random.ts";

/** Skew of the Zipfian distribution in YCSB. */
export const ZIPFIAN_SKEW = 0.99;

/**
 * Draws items whose popularity falls with their rank: item of rank r (from 1) with probability proportional to
 * 1 / r^skew. The generator of YCSB (Cooper et al., SoCC 2010), which has it from Gray et al., "Quickly generating
 * billion-record synthetic databases" (SIGMOD 1994): exact for the two most popular, and close to it beyond.
 */
export class Zipfian {
  readonly #items: number;
  readonly #random: Random;
  readonly #zeta: number;
  readonly #alpha: number;
  readonly #eta: number;
  readonly #second: number;
  /** Item by rank: popular ones are spread over the keys, as YCSB does by hashing. */
  readonly #order: Uint32Array;

  /** @param items At least 2. @param skew In (0, 1). */
  constructor(items: number, random: Random, skew: number = ZIPFIAN_SKEW) {
    this.#items = items;
    this.#random = random;
    this.#zeta = zeta(items, skew);
    this.#alpha = 1 / (1 - skew);
    this.#eta = (1 - (2 / items) ** (1 - skew)) / (1 - zeta(2, skew) / this.#zeta);
    this.#second = 1 + 0.5 ** skew;
    // The same for every seed: all clients of a data set must agree on what is popular.
    this.#order = new Random(items).shuffle(Uint32Array.from({ length: items }, (_, at) => at));
  }

  /** An item, from 0. */
  next(): number {
    return this.#order[this.nextRank()]!;
  }

  /** A rank, from 0 for the most popular item. */
  nextRank(): number {
    const uniform = this.#random.uniform();
    const scaled = uniform * this.#zeta;
    if (scaled < 1) return 0;
    if (scaled < this.#second) return 1;
    const rank = Math.floor(this.#items * (this.#eta * uniform - this.#eta + 1) ** this.#alpha);
    return Math.min(rank, this.#items - 1);
  }
}

/** Sum of 1 / r^skew for r = 1 to items. */
export function zeta(items: number, skew: number): number {
  let sum = 0;
  for (let rank = items; rank >= 1; rank--) sum += rank ** -skew;
  return sum;
}
