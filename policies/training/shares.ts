/** Slices of equal length that every part gets before gains decide. */
const FIRST_SLICES = 2;
/** Share of the time that goes by gains. */
const BY_GAIN = 0.5;
/** Slices below so many seconds would go into validations and checkpoints. */
const LEAST_SLICE = 0.5;

/** A part to train next, until it was trained so many seconds in all. */
export interface Slice {
  readonly part: number;
  readonly seconds: number;
}

interface Part {
  readonly weight: number;
  /** Seconds of a slice that goes by gain. */
  readonly slice: number;
  used: number;
  /** Seconds to give out before gains decide. */
  due: number;
  slices: number;
  running: boolean;
  over: boolean;
  score: number | null;
  /** What the last slice brought per second; null before there is one to compare. */
  gain: number | null;
}

/**
 * Divides the seconds of a training among its parts by their weights and by what they still gain: half by weight alone, the
 * other half slice by slice to the part whose weighted validation score rose most per second in its last slice. Where
 * slices would be too short, all by weight.
 */
export class TrainingShares {
  readonly #parts: Part[];
  /** Seconds that a part gets at most. */
  readonly #most: number;
  #left: number;

  /**
   * @param seconds Of all parts together, those already used included.
   * @param weights What each part is worth, above 0, 1 in all.
   * @param threads Parts that are trained side by side: no part gets more seconds than the training takes.
   * @param used Seconds that each part was trained before.
   */
  constructor(
    seconds: number,
    weights: readonly number[],
    threads: number,
    used: readonly number[] = weights.map(() => 0),
  ) {
    this.#left = seconds - used.reduce((sum, each) => sum + each, 0);
    this.#most = seconds / threads;
    const slice = this.#left * BY_GAIN / FIRST_SLICES;
    const first = this.#left * (slice / weights.length >= LEAST_SLICE ? 1 - BY_GAIN : 1);
    this.#parts = weights.map((weight, at) => ({
      weight,
      slice: Math.max(LEAST_SLICE, slice * weight),
      used: used[at]!,
      due: Math.min(first * weight, this.#most - used[at]!),
      slices: 0,
      running: false,
      over: false,
      score: null,
      gain: null,
    }));
  }

  /** What to train next, or null if the time is given out or every part with time left is being trained. */
  next(): Slice | null {
    let chosen = -1;
    this.#parts.forEach((part, at) => {
      if (part.running || part.over || !this.#hasTime(part)) return;
      if (chosen < 0 || comesBefore(part, this.#parts[chosen]!)) chosen = at;
    });
    if (chosen < 0) return null;
    const part = this.#parts[chosen]!;
    const slice = part.due > 0 ? nextOf(part) : part.slice;
    const seconds = Math.min(slice, this.#left, this.#most - part.used);
    part.due -= seconds;
    part.running = true;
    this.#left -= seconds;
    return { part: chosen, seconds: part.used + seconds };
  }

  /** What rounding and the last update of a slice leave is not worth a slice. */
  #hasTime({ due, used, slice }: Part): boolean {
    return Math.min(this.#left, this.#most - used) > (due > 0 ? 0 : slice / 10);
  }

  /**
   * A slice has ended.
   * @param seconds Of training of this part in all.
   * @param score Best validation score of the part, larger is better; null without validation.
   * @param over True if the part cannot be trained longer.
   */
  ended(
    { part: at, seconds: planned }: Slice,
    seconds: number,
    score: number | null,
    over: boolean,
  ): void {
    const part = this.#parts[at]!;
    const took = Math.max(seconds - part.used, 1e-9);
    if (score !== null && part.score !== null) part.gain = (score - part.score) / took;
    // A part that ended early gives its time back.
    this.#left += Math.max(0, planned - seconds);
    part.used = seconds;
    part.score = score;
    part.slices++;
    part.running = false;
    part.over = over;
  }
}

/** A part of what is due, or all where it would be too short. */
function nextOf({ due, slices }: Part): number {
  const slice = due / Math.max(1, FIRST_SLICES - slices);
  return slice >= LEAST_SLICE ? slice : due;
}

/** First whoever had the fewest slices of what is due, then the largest weighted gain, then who had the least. */
function comesBefore(one: Part, other: Part): boolean {
  if (one.due > 0 !== other.due > 0) return one.due > 0;
  if (one.due > 0) return one.slices < other.slices;
  const gain = one.weight * (one.gain ?? 0) - other.weight * (other.gain ?? 0);
  return gain !== 0 ? gain > 0 : one.used < other.used;
}
