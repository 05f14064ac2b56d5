/**
 * What the reference data owe to numpy: its generator of random numbers, and its files.
 * @module
 */
import { crc32 } from "../profiles/crc32.ts";

const MASK_64 = (1n << 64n) - 1n;
const MASK_128 = (1n << 128n) - 1n;
const PCG_MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/** numpy.random.default_rng(seed): PCG64 (O'Neill 2014), seeded by numpy's SeedSequence. */
export class NumpyGenerator {
  #state: bigint;
  readonly #increment: bigint;

  /** @param seed 0 to 2^32 - 1. */
  constructor(seed: number) {
    const [a, b, c, d] = seedSequence(seed) as [bigint, bigint, bigint, bigint];
    this.#increment = ((((c << 64n) | d) << 1n) | 1n) & MASK_128;
    this.#state = this.#increment + ((a << 64n) | b);
    this.#step();
  }

  /** From 0 to below 1. */
  uniform(): number {
    this.#step();
    const folded = ((this.#state >> 64n) ^ this.#state) & MASK_64;
    const turn = this.#state >> 122n;
    const bits = ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
    return Number(bits >> 11n) / 2 ** 53;
  }

  /** How many of `count` fall to each of `kinds` kinds of equal chance: numpy's multinomial(). */
  evenMultinomial(count: number, kinds: number): number[] {
    const chance = 1 / kinds;
    const drawn = new Array<number>(kinds).fill(0);
    let [left, share] = [count, 1];
    for (let kind = 0; kind < kinds - 1 && left > 0; kind++) {
      drawn[kind] = this.binomial(left, chance / share);
      left -= drawn[kind]!;
      share -= chance;
    }
    drawn[kinds - 1] = left;
    return drawn;
  }

  /**
   * How many of `count` attempts succeed: BTPE (Kachitvichyanukul and Schmeiser 1988), as numpy draws.
   * @param chance Of a success. Both outcomes must be expected more than 30 times.
   * @throws {RangeError} if they are not: numpy then draws in another way.
   */
  binomial(count: number, chance: number): number {
    if (chance > 0.5) return count - this.binomial(count, 1 - chance);
    const [p, q] = [chance, 1 - chance];
    if (count * p <= 30) throw new RangeError(`Too few successes are expected: ${count * p}`);
    const centre = count * p + p;
    const mode = Math.floor(centre);
    const spread = Math.floor(2.195 * Math.sqrt(count * p * q) - 4.6 * q) + 0.5;
    const middle = mode + 0.5;
    const [from, to] = [middle - spread, middle + spread];
    const height = 0.134 + 20.5 / (15.3 + mode);
    const slope = (edge: number) => edge * (1 + edge / 2);
    const leftSlope = slope((centre - from) / (centre - from * p));
    const rightSlope = slope((to - centre) / (to * q));
    const triangle = spread * (1 + 2 * height);
    const leftTail = triangle + height / leftSlope;
    const rightTail = leftTail + height / rightSlope;
    for (;;) {
      const u = this.uniform() * rightTail;
      let v = this.uniform();
      if (u <= spread) return Math.floor(middle - spread * v + u);
      let y: number;
      if (u <= triangle) {
        const x = from + (u - spread) / height;
        v = v * height + 1 - Math.abs(mode - x + 0.5) / spread;
        if (v > 1) continue;
        y = Math.floor(x);
      } else if (u <= leftTail) {
        y = Math.floor(from + Math.log(v) / leftSlope);
        if (y < 0 || v === 0) continue;
        v = v * (u - triangle) * leftSlope;
      } else {
        y = Math.floor(to - Math.log(v) / rightSlope);
        if (y > count || v === 0) continue;
        v = v * (u - leftTail) * rightSlope;
      }
      if (this.#accepts(count, p, mode, y, v)) return y;
    }
  }

  #accepts(count: number, p: number, mode: number, y: number, v: number): boolean {
    const q = 1 - p;
    const variance = count * p * q;
    const distance = Math.abs(y - mode);
    if (distance <= 20 || distance >= variance / 2 - 1) {
      const odds = p / q;
      const scaled = odds * (count + 1);
      let f = 1;
      for (let i = mode + 1; i <= y; i++) f *= scaled / i - odds;
      for (let i = y + 1; i <= mode; i++) f /= scaled / i - odds;
      return v <= f;
    }
    const rho = (distance / variance) *
      ((distance * (distance / 3 + 0.625) + 0.16666666666666666) / variance + 0.5);
    const normal = -distance * distance / (2 * variance);
    const logarithm = Math.log(v);
    if (logarithm < normal - rho) return true;
    if (logarithm > normal + rho) return false;
    const [x1, f1, z, w] = [y + 1, mode + 1, count + 1 - mode, count - y + 1];
    const stirling = (x: number) => {
      const s = x * x;
      return (13680 - (462 - (132 - (99 - 140 / s) / s) / s) / s) / x / 166320;
    };
    return logarithm <= (mode + 0.5) * Math.log(f1 / x1) + (count - mode + 0.5) * Math.log(z / w) +
        (y - mode) * Math.log(w * p / (x1 * q)) + stirling(f1) + stirling(z) + stirling(x1) +
        stirling(w);
  }

  #step(): void {
    this.#state = (this.#state * PCG_MULTIPLIER + this.#increment) & MASK_128;
  }
}

/** Four numbers of 64 bits from a seed: numpy.random.SeedSequence(seed).generate_state(4, uint64). */
function seedSequence(seed: number): bigint[] {
  let hash = 0x43b0d7e5;
  const hashed = (value: number): number => {
    value = (value ^ hash) >>> 0;
    hash = Math.imul(hash, 0x931e8875) >>> 0;
    value = Math.imul(value, hash) >>> 0;
    return (value ^ (value >>> 16)) >>> 0;
  };
  const mixed = (x: number, y: number): number => {
    const result = (Math.imul(x, 0xca01f9dd) - Math.imul(y, 0x4973f715)) >>> 0;
    return (result ^ (result >>> 16)) >>> 0;
  };
  const pool = [seed, 0, 0, 0].map(hashed);
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) {
      if (from !== to) pool[to] = mixed(pool[to]!, hashed(pool[from]!));
    }
  }
  let output = 0x8b51f9dd;
  const words = Array.from({ length: 8 }, (_, at) => {
    let value = (pool[at % 4]! ^ output) >>> 0;
    output = Math.imul(output, 0x58f38ded) >>> 0;
    value = Math.imul(value, output) >>> 0;
    return BigInt((value ^ (value >>> 16)) >>> 0);
  });
  return [0, 2, 4, 6].map((at) => words[at]! | (words[at + 1]! << 32n));
}

/** A matrix or vector of 32-bit floating-point numbers. */
export interface FloatArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** An `.npz` file as `numpy.savez` writes it, byte for byte. */
export function writeNpz(arrays: ReadonlyMap<string, FloatArray>): Uint8Array {
  const entries: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, array] of arrays) {
    const path = new TextEncoder().encode(`${name}.npy`);
    const npy = writeNpy(array);
    const sum = crc32(npy);
    // numpy asks for 64-bit sizes in the entries, and zipfile then drops them from the directory.
    const sizes = [[2, 1], [2, 16], [8, npy.length], [8, npy.length]] as const;
    const common = [[2, 0], [2, 0], [2, 0], [2, 0x21], [4, sum], [4, npy.length], [4, npy.length]];
    const entry = joined([
      numbers([[4, 0x04034b50], [2, 20], ...common, [2, path.length], [2, 20]]),
      path,
      numbers(sizes),
      npy,
    ]);
    entries.push(entry);
    directory.push(
      numbers([[4, 0x02014b50], [2, 0x0314], [2, 20], ...common, [2, path.length], [2, 0]]),
      numbers([[2, 0], [2, 0], [2, 0], [4, 0o600 << 16], [4, offset]]),
      path,
    );
    offset += entry.length;
  }
  const listed = joined(directory);
  return joined([
    ...entries,
    listed,
    numbers([[4, 0x06054b50], [2, 0], [2, 0], [2, arrays.size], [2, arrays.size]]),
    numbers([[4, listed.length], [4, offset], [2, 0]]),
  ]);
}

function writeNpy({ shape, data }: FloatArray): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const values = new Uint8Array(data.slice().buffer);
  return joined([
    Uint8Array.of(0x93),
    new TextEncoder().encode("NUMPY"),
    numbers([[2, 1], [2, 118]]),
    new TextEncoder().encode(`${header.padEnd(117)}\n`),
    values,
  ]);
}

/** Little-endian whole numbers, each with its number of bytes. */
function numbers(fields: readonly (readonly number[])[]): Uint8Array {
  return joined(fields.map(([bytes, value]) => {
    const field = new DataView(new ArrayBuffer(8));
    field.setBigUint64(0, BigInt(value!), true);
    return new Uint8Array(field.buffer, 0, bytes);
  }));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
