/** Where a replay stands, and how it runs: both panels show the same moment. */
export class Playback {
  /** Containers shown. */
  step = 0;
  /** Containers in all. */
  last = 0;
  playing = false;
  /** Share of the replay that a second shows, as a power of two: 0 = all in a second, -4 = in 16 seconds. */
  speed = -2;
  #exact = 0;

  /** Another placement: shown whole. */
  reset(last: number): void {
    this.last = last;
    this.playing = false;
    this.seek(last);
  }

  /** Shows the moment when this many containers are placed. */
  seek(step: number): void {
    this.#exact = Math.max(0, Math.min(this.last, step));
    this.step = Math.floor(this.#exact);
  }

  /** Starts, from the beginning where the end is reached, or pauses. */
  toggle(): void {
    if (!this.playing && this.step >= this.last) this.seek(0);
    this.playing = !this.playing && this.last > 0;
  }

  /** Containers a second. */
  get rate(): number {
    return Math.max(1, this.last * 2 ** this.speed);
  }

  /** Lets time pass. @returns True if there is something new to show. */
  advance(seconds: number): boolean {
    if (!this.playing) return false;
    const before = this.step;
    this.seek(this.#exact + seconds * this.rate);
    if (this.step >= this.last) this.playing = false;
    return this.step !== before || !this.playing;
  }
}
