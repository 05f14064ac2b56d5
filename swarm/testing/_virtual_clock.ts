import { setImmediate } from "node:timers";
import type { Clock } from "../clock.ts";

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that jumps to the next sleeper as soon as nobody has anything to do: times in tests are exact. */
export class VirtualClock implements Clock {
  #now = 0;
  #jumping = false;
  readonly #sleepers: Sleeper[] = [];

  /** Milliseconds since it was made. */
  now(): number {
    return this.#now;
  }

  /** Time passes without anybody being able to run: what a busy machine does. */
  stall(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** As {@link Clock.sleep}. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { until: this.#now + Math.max(0, milliseconds), wake: resolve };
    const after = this.#sleepers.findIndex(({ until }) => until > sleeper.until);
    this.#sleepers.splice(after < 0 ? this.#sleepers.length : after, 0, sleeper);
    signal?.addEventListener("abort", () => {
      const at = this.#sleepers.indexOf(sleeper);
      if (at >= 0) this.#sleepers.splice(at, 1);
      resolve();
    }, { once: true });
    if (!this.#jumping) void this.#jump();
    return promise;
  }

  async #jump(): Promise<void> {
    this.#jumping = true;
    for (;;) {
      // All that follows from what happened at this moment happens before the next one.
      await new Promise<void>((resolve) => setImmediate(resolve));
      const next = this.#sleepers.shift();
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.until);
      next.wake();
    }
    this.#jumping = false;
  }
}
