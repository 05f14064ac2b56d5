/**
 * The generator of numpy.random.RandomState (MT19937: Matsumoto and Nishimura 1998), as far as
 * whole numbers need it, so that published figures can be repeated exactly.
 */
export class MersenneTwister {
  readonly #state = new Uint32Array(624);
  #next = 624;

  /** @param seed 0 to 2^32 - 1. */
  constructor(seed: number) {
    this.#state[0] = seed;
    for (let i = 1; i < 624; i++) {
      const before = this.#state[i - 1]!;
      this.#state[i] = Math.imul(before ^ (before >>> 30), 1812433253) + i;
    }
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    if (this.#next === 624) this.#renew();
    let bits = this.#state[this.#next++]!;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  }

  /** A whole number from 0 to `most`, by rejection under the next power of two. */
  upTo(most: number): number {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    while (true) {
      const value = (this.uint32() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  #renew(): void {
    const state = this.#state;
    for (let i = 0; i < 624; i++) {
      const joined = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff);
      state[i] = state[(i + 397) % 624]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }
}

/**
 * The row order of scikit-learn's `train_test_split(rows, random_state=seed)` (numpy's
 * `RandomState(seed).permutation(rows)`): its first ceil(share x rows) rows are the test part.
 * @param rows Number of rows. @param seed 0 to 2^32 - 1.
 */
export function referenceOrder(rows: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const generator = new MersenneTwister(seed);
  for (let last = rows - 1; last > 0; last--) {
    const other = generator.upTo(last);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
