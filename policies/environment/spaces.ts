/** Whole numbers from 0 to n - 1. */
export interface DiscreteSpace {
  /** Which kind of space this is. */
  readonly type: "discrete";
  /** How many there are, at least 1. */
  readonly n: number;
}

/** Arrays of numbers, each within bounds of its own. */
export interface BoxSpace {
  /** Which kind of space this is. */
  readonly type: "box";
  /** Numbers along each dimension. */
  readonly shape: readonly number[];
  /** What the numbers are stored as. */
  readonly dtype: "float32";
  /** Least value of each number. Length = product of the shape. */
  readonly low: readonly number[];
  /** Largest value of each number. Length = product of the shape. */
  readonly high: readonly number[];
}

/** What observations and actions can be, as plain data with the meaning of Gymnasium's spaces. */
export type Space = DiscreteSpace | BoxSpace;

/** Numbers of one element of a space. */
export function sizeOf(space: Space): number {
  return space.type === "discrete" ? 1 : space.shape.reduce((size, length) => size * length, 1);
}

/** True if the space has this element. @param values Read from `offset`, as many as {@link sizeOf} says. */
export function contains(space: Space, values: ArrayLike<number>, offset: number = 0): boolean {
  if (space.type === "discrete") {
    const value = values[offset]!;
    return Number.isInteger(value) && value >= 0 && value < space.n;
  }
  for (let at = 0; at < sizeOf(space); at++) {
    const value = values[offset + at]!;
    // Written so that NaN is outside.
    if (!(value >= space.low[at]! && value <= space.high[at]!)) return false;
  }
  return true;
}
