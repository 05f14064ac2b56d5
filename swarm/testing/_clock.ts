import { setImmediate } from "node:timers";
import type { Clock } from "../clock.ts";

/**
 * A clock that stands still while anything happens, and jumps to the next sleeper when nothing does: hours
 * pass in milliseconds, and the same in every run, however busy the machine is.
 * @param isBusy True while an answer is on its way.
 */
export function jumpingClock(isBusy: () => boolean = () => false): Clock {
  let now = 0;
  let order = 0;
  const sleepers: { at: number; order: number; wake: () => void }[] = [];
  let isPumping = false;
  const pump = () => {
    // Whatever is ready to run has run when this turn of the event loop comes.
    if (isBusy()) return void setImmediate(pump);
    sleepers.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = sleepers.shift();
    isPumping = next !== undefined;
    if (next === undefined) return;
    now = Math.max(now, next.at);
    next.wake();
    setImmediate(pump);
  };
  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const sleeper = {
          at: now + Math.max(0, milliseconds),
          order: order++,
          wake: () => {
            signal?.removeEventListener("abort", abort);
            resolve();
          },
        };
        const abort = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          resolve();
        };
        signal?.addEventListener("abort", abort, { once: true });
        sleepers.push(sleeper);
        if (!isPumping) setImmediate(pump);
        isPumping = true;
      }),
  };
}
