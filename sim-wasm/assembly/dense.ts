// What dense layers are made of, four lanes at a time: rows added to sums, and the functions after them.
// Used by the scorer of choices (metis/), the networks of the paper's schedulers and their episodes (paper/).

/** What a layer applies to its sums. */
export const LINEAR: u32 = 0;
export const RELU: u32 = 1;
export const TANH: u32 = 2;

/** Numbers rounded up to whole lanes. */
// @ts-ignore: decorator
@inline
export function lanesOf(numbers: u32): u32 {
  return (numbers + 3) & ~3;
}

/** sums += x * row, over `lanes` (a multiple of four) numbers. */
// @ts-ignore: decorator
@inline
export function addRow(sums: usize, row: usize, x: f32, lanes: u32): void {
  const factor = f32x4.splat(x);
  const bytes = <usize> lanes << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    v128.store(
      sums + at,
      f32x4.add(v128.load(sums + at), f32x4.mul(factor, v128.load(row + at))),
    );
  }
}

// @ts-ignore: decorator
@inline
export function activateLanes(activation: u32, sums: v128): v128 {
  if (activation == TANH) return tanhLanes(sums);
  return activation == LINEAR ? sums : f32x4.max(sums, f32x4.splat(0));
}

/** Sum of the four lanes, first to last. */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 2) +
    f32x4.extract_lane(x, 3);
}

/** Sum of the four lanes, as two pairs. */
// @ts-ignore: decorator
@inline
export function sumPairs(x: v128): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1)) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}

// Four copies of each constant. Loads are cheap; engines make other vector constants again in each round of a loop.
// prettier-ignore
const CONSTANTS: usize = memory.data<f32>([
  1.4426950408889634, 1.4426950408889634, 1.4426950408889634, 1.4426950408889634,
  12582912, 12582912, 12582912, 12582912,
  1.5403530393381608e-4, 1.5403530393381608e-4, 1.5403530393381608e-4, 1.5403530393381608e-4,
  1.3333558146428443e-3, 1.3333558146428443e-3, 1.3333558146428443e-3, 1.3333558146428443e-3,
  9.618129107628477e-3, 9.618129107628477e-3, 9.618129107628477e-3, 9.618129107628477e-3,
  5.550410866482158e-2, 5.550410866482158e-2, 5.550410866482158e-2, 5.550410866482158e-2,
  0.2402265069591007, 0.2402265069591007, 0.2402265069591007, 0.2402265069591007,
  0.6931471805599453, 0.6931471805599453, 0.6931471805599453, 0.6931471805599453,
  1, 1, 1, 1,
  9.02, 9.02, 9.02, 9.02,
  -9.02, -9.02, -9.02, -9.02,
  2, 2, 2, 2,
]);
const LOG2E: usize = 0;
/** 1.5 x 2^23: a sum with it is rounded to a whole number, which its lowest bits hold. */
const WHOLE: usize = 16;
/** Terms ln(2)^k / k!, k = 6 to 1. */
const TERMS: usize = 32;
const ONE: usize = 128;
const MOST: usize = 144;
const LEAST: usize = 160;
const TWO: usize = 176;

/** e^x in each lane for x in [-87, 88]: 2^n times the series of 2^f, |f| <= 1/2; relative error below 3e-7. */
// @ts-ignore: decorator
@inline
export function expLanes(x: v128): v128 {
  const scaled = f32x4.mul(x, v128.load(CONSTANTS, LOG2E));
  const shifted = f32x4.add(scaled, v128.load(CONSTANTS, WHOLE));
  const f = f32x4.sub(scaled, f32x4.sub(shifted, v128.load(CONSTANTS, WHOLE)));
  let sum = v128.load(CONSTANTS, TERMS);
  sum = f32x4.add(f32x4.mul(sum, f), v128.load(CONSTANTS, TERMS + 16));
  sum = f32x4.add(f32x4.mul(sum, f), v128.load(CONSTANTS, TERMS + 32));
  sum = f32x4.add(f32x4.mul(sum, f), v128.load(CONSTANTS, TERMS + 48));
  sum = f32x4.add(f32x4.mul(sum, f), v128.load(CONSTANTS, TERMS + 64));
  sum = f32x4.add(f32x4.mul(sum, f), v128.load(CONSTANTS, TERMS + 80));
  sum = f32x4.add(f32x4.mul(sum, f), v128.load(CONSTANTS, ONE));
  return i32x4.add(sum, i32x4.shl(shifted, 23));
}

/** tanh in each lane as 1 - 2 / (e^2x + 1); absolute error below 5e-7. */
// @ts-ignore: decorator
@inline
export function tanhLanes(x: v128): v128 {
  // One instruction each, unlike min and max; what is not a number stays so.
  const bounded = f32x4.pmax(
    f32x4.pmin(x, v128.load(CONSTANTS, MOST)),
    v128.load(CONSTANTS, LEAST),
  );
  const power = expLanes(f32x4.add(bounded, bounded));
  return f32x4.sub(
    v128.load(CONSTANTS, ONE),
    f32x4.div(v128.load(CONSTANTS, TWO), f32x4.add(power, v128.load(CONSTANTS, ONE))),
  );
}
