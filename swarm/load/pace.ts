import type { Clock } from "../clock.ts";

/** Share of a measurement that the generator may miss before it is void. */
export const MOST_BEHIND = 0.01;
const BEAT_MS = 10;
/** Timers and a busy machine's scheduler are late by a few milliseconds without meaning anything. */
const LATE_MS = 10;

/** Watches whether the generator itself keeps up: figures of one that does not say nothing about the target. */
export class Pace {
  readonly #clock: Clock;
  readonly #length: number;
  readonly #windows: { readonly start: number; stalled: number; due: number; late: number }[];

  /** @param starts Begin of each measurement in milliseconds. @param length Of each, likewise. */
  constructor(clock: Clock, starts: readonly number[], length: number) {
    this.#clock = clock;
    this.#length = length;
    this.#windows = starts.map((start) => ({ start, stalled: 0, due: 0, late: 0 }));
  }

  /** Notices when nothing could run, until the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    for (let last = this.#clock.now(); !signal.aborted;) {
      await this.#clock.sleep(BEAT_MS, signal);
      const now = this.#clock.now();
      const late = now - last - BEAT_MS;
      if (late > LATE_MS) this.#stalled(now - late, now);
      last = now;
    }
  }

  /** Notes a request of a schedule. @param due When it was meant to be sent. */
  sent(due: number): void {
    const window = this.#windows.find(({ start }) => due >= start && due < start + this.#length);
    if (window === undefined) return;
    window.due++;
    if (this.#clock.now() - due > LATE_MS) window.late++;
  }

  /** Why a measurement is void, or null. @param at Its index. */
  excuse(at: number): string | null {
    const { stalled, due, late } = this.#windows[at]!;
    const behind = Math.max(stalled / this.#length, due === 0 ? 0 : late / due);
    if (behind <= MOST_BEHIND) return null;
    return `the generator fell behind by ${
      (100 * behind).toFixed(1)
    } %: give it priority by --generator-realtime, or CPUs of its own by --generator-cpus`;
  }

  #stalled(from: number, to: number): void {
    for (const window of this.#windows) {
      const within = Math.min(to, window.start + this.#length) - Math.max(from, window.start);
      window.stalled += Math.max(0, within);
    }
  }
}
