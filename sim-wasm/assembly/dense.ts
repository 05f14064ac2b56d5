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

/** e^x in each lane for x in [-87, 88]: 2^n times the series of 2^f, |f| <= 1/2; relative error below 3e-7. */
// @ts-ignore: decorator
@inline
export function expLanes(x: v128): v128 {
  const scaled = f32x4.mul(x, f32x4.splat(1.4426950408889634));
  const whole = f32x4.nearest(scaled);
  const f = f32x4.sub(scaled, whole);
  // Terms ln(2)^k / k!, k = 6 to 0.
  let sum = f32x4.splat(1.5403530393381608e-4);
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(1.3333558146428443e-3));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(9.618129107628477e-3));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(5.550410866482158e-2));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(0.2402265069591007));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(0.6931471805599453));
  sum = f32x4.add(f32x4.mul(sum, f), f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.trunc_sat_f32x4_s(whole), 23);
  return i32x4.add(sum, exponent);
}

/** tanh in each lane as 1 - 2 / (e^2x + 1); absolute error below 5e-7. */
// @ts-ignore: decorator
@inline
export function tanhLanes(x: v128): v128 {
  // Beyond 9.02 tanh is 1 in single precision.
  const bounded = f32x4.max(f32x4.min(x, f32x4.splat(9.02)), f32x4.splat(-9.02));
  const power = expLanes(f32x4.add(bounded, bounded));
  return f32x4.sub(
    f32x4.splat(1),
    f32x4.div(f32x4.splat(2), f32x4.add(power, f32x4.splat(1))),
  );
}
