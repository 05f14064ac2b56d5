// A box of configurations: lowest and highest counts of each app, lowest and highest stretch of each resource.

/** A box of configurations, followed by its lowest and its highest counts: u8[2][apps]. */
@unmanaged
export class Box {
  /** Nothing in the box is worth more. */
  bound: f64;
  // Lowest and highest stretch of each resource.
  low0: f64;
  low1: f64;
  low2: f64;
  low3: f64;
  high0: f64;
  high1: f64;
  high2: f64;
  high3: f64;
  // Multipliers of the last corner, of loads and of slots, for its parts to begin with.
  dual0: f64;
  dual1: f64;
  dual2: f64;
  dual3: f64;
  dual4: f64;
  /** Where to split: an app, or apps + a resource. */
  split: u32;
  /** Count of the app that the lower part may reach. */
  splitCount: u32;
}

export const NOWHERE: u32 = 0xffffffff;

// @ts-ignore: decorator
@inline
export function lowOf(box: usize, resource: u32): usize {
  return box + offsetof<Box>("low0") + (<usize> resource << 3);
}

// @ts-ignore: decorator
@inline
export function highOf(box: usize, resource: u32): usize {
  return box + offsetof<Box>("high0") + (<usize> resource << 3);
}

// @ts-ignore: decorator
@inline
export function dualOf(box: usize, row: u32): usize {
  return box + offsetof<Box>("dual0") + (<usize> row << 3);
}

// @ts-ignore: decorator
@inline
export function lowest(box: usize): usize {
  return box + offsetof<Box>();
}

// @ts-ignore: decorator
@inline
export function highest(box: usize, apps: u32): usize {
  return box + offsetof<Box>() + apps;
}

// @ts-ignore: decorator
@inline
export function stretchOf(amount: f64): f64 {
  return Math.sqrt(1 + amount * amount);
}

// @ts-ignore: decorator
@inline
export function loadAt(stretched: f64): f64 {
  return Math.sqrt(max(0, stretched * stretched - 1));
}

// @ts-ignore: decorator
@inline
export function corner(box: usize, resource: u32, at: u32): f64 {
  return load<f64>((at >> resource) & 1 ? highOf(box, resource) : lowOf(box, resource));
}
