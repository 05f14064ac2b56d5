// xoshiro128** (Blackman and Vigna, 2018), seeded by SplitMix32: the same stream as domain/random.ts.

let s0: u32 = 1;
let s1: u32 = 2;
let s2: u32 = 3;
let s3: u32 = 4;
let splitState: u32 = 0;

function splitMix(): u32 {
  splitState += 0x9e3779b9;
  let mixed = splitState;
  mixed = (mixed ^ (mixed >> 16)) * 0x85ebca6b;
  mixed = (mixed ^ (mixed >> 13)) * 0xc2b2ae35;
  return mixed ^ (mixed >> 16);
}

/** Starts the stream of this seed. */
export function seedRandom(seed: u32): void {
  splitState = seed;
  s0 = splitMix();
  s1 = splitMix();
  s2 = splitMix();
  s3 = splitMix();
}

/** The next 32 random bits. */
export function randomBits(): u32 {
  const result = rotl<u32>(s1 * 5, 7) * 9;
  const shifted = s1 << 9;
  s2 ^= s0;
  s3 ^= s1;
  s1 ^= s2;
  s0 ^= s3;
  s2 ^= shifted;
  s3 = rotl<u32>(s3, 11);
  return result;
}

/** A number in [0, limit), by multiply and shift. */
// @ts-ignore: decorator
@inline
export function randomBelow(limit: u32): u32 {
  return <u32> ((<u64> randomBits() * <u64> limit) >> 32);
}

/** A number in [0, 1). */
export function randomUniform(): f64 {
  return <f64> randomBits() / 4294967296.0;
}
