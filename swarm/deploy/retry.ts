import { refuseIfAborted } from "../../domain/errors.ts";
import type { Clock } from "../clock.ts";
import { isTransient } from "../engine/client.ts";
import { EngineError } from "../errors.ts";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4000;

/** How often what others change at the same moment is tried again. */
const MOST_RACES = 10;

/** Until when, and how, something is tried again. */
export interface Patience {
  readonly clock: Clock;
  /** Milliseconds of the clock after which nothing is tried again. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does what may be done twice, again and again while the engine has no leader or does not answer, with longer
 * and longer waits up to the deadline.
 * @param salvage Looks whether a try whose outcome is unknown had its effect after all: a value, or undefined.
 * @throws The last error, or {@link InterruptedError} where the signal fires while waiting.
 */
export async function retrying<T>(
  patience: Patience,
  work: () => Promise<T>,
  salvage: () => Promise<T | undefined> = () => Promise.resolve(undefined),
): Promise<T> {
  let unknown = false;
  for (let tried = 0;; tried++) {
    try {
      // Nobody knows whether a call that broke off had its effect.
      const saved = unknown ? await salvage() : undefined;
      return saved ?? await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (!(error instanceof EngineError && error.status === 503)) unknown = true;
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tried) * jitter();
      const { clock, deadline, signal } = patience;
      if (clock.now() + wait > deadline) throw error;
      await clock.sleep(wait, signal);
      refuseIfAborted(signal);
    }
  }
}

/** Reads something and changes what it read, again where others changed it between. @throws The last error. */
export async function racing<T>(readAndChange: () => Promise<T>): Promise<T> {
  for (let races = 0;; races++) {
    try {
      return await readAndChange();
    } catch (error) {
      const isRace = error instanceof EngineError && /out of sequence/i.test(error.reason);
      if (!isRace || races >= MOST_RACES) throw error;
    }
  }
}

/** 0.75 to 1.25, so that several clients of one manager do not come all at once; no result depends on it. */
function jitter(): number {
  return 0.75 + crypto.getRandomValues(new Uint8Array(1))[0]! / 510;
}
