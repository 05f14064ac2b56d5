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
  used: number;
  slices: number;
  running: boolean;
  over: boolean;
  score: number | null;
  /** What the last slice brought per second; null before there is one to compare. */
  gain: number | null;
}

/**
 * Divides the seconds of a training among its parts by what they still gain: half evenly, the other half slice by slice
 * to the part whose validation score rose most per second in its last slice. Where slices would be too short, all evenly.
 */
export class TrainingShares {
  readonly #parts: Part[];
  readonly #slice: number;
  #left: number;

  /**
   * @param seconds Of all parts together, those already used included.
   * @param used Seconds that each part was trained before.
   */
  constructor(seconds: number, used: readonly number[]) {
    this.#parts = used.map((used) => ({
      used,
      slices: 0,
      running: false,
      over: false,
      score: null,
      gain: null,
    }));
    this.#left = seconds - used.reduce((sum, each) => sum + each, 0);
    const first = this.#left * (1 - BY_GAIN) / (FIRST_SLICES * used.length);
    this.#slice = first >= LEAST_SLICE ? first : this.#left / used.length;
  }

  /** What to train next, or null if the time is given out or every part with time left is being trained. */
  next(): Slice | null {
    // What rounding and the last update of a slice leave is not worth a slice.
    if (this.#left <= this.#slice / 10) return null;
    let chosen = -1;
    this.#parts.forEach((part, at) => {
      if (part.running || part.over) return;
      if (chosen < 0 || comesBefore(part, this.#parts[chosen]!)) chosen = at;
    });
    if (chosen < 0) return null;
    const part = this.#parts[chosen]!;
    const seconds = Math.min(this.#slice, this.#left);
    part.running = true;
    this.#left -= seconds;
    return { part: chosen, seconds: part.used + seconds };
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

/** First whoever lacks first slices, then the largest gain, then who had the least. */
function comesBefore(one: Part, other: Part): boolean {
  const first = Math.min(one.slices, FIRST_SLICES) - Math.min(other.slices, FIRST_SLICES);
  if (first !== 0) return first < 0;
  const gain = (one.gain ?? 0) - (other.gain ?? 0);
  return gain !== 0 && one.slices >= FIRST_SLICES ? gain > 0 : one.used < other.used;
}
