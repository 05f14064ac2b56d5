import { InfeasibleError, InterruptedError, refuseIfAborted } from "../domain/mod.ts";
import type { ScheduleOptions } from "./contract.ts";

/** Milliseconds of blocking work after which others have their turn. */
const TURN = 20;

/** What a scheduler says that was interrupted too early. */
const INTERRUPTED = "Interrupted before there was a placement";

/** Time or signal ended a search before it found a placement, or proved that there is none. */
export class UndecidedError extends InfeasibleError {}

/** When a piece of work has to end: at its time limit, counted from the making of this, or by its signal. */
export class Deadline {
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  #lastTurn = performance.now();

  /** Starts the clock. @param limits The time limit in seconds and the signal; without either, the work never has to end. */
  constructor(limits: Pick<ScheduleOptions, "timeLimit" | "signal"> = {}) {
    this.#end = performance.now() + 1000 * (limits.timeLimit ?? Infinity);
    this.#signal = limits.signal;
  }

  /** True once the work has to end. Needs no `this`, so it can be handed on as a function. */
  readonly passed = (): boolean => this.#signal?.aborted === true || performance.now() >= this.#end;

  /** Seconds until the time limit: at least 0.001, Infinity without a limit. */
  secondsLeft(): number {
    return Math.max(0.001, (this.#end - performance.now()) / 1000);
  }

  /** Lets timers, signals and progress through if the last time is a while ago; for between two pieces of blocking work. */
  async takeTurns(): Promise<void> {
    if (performance.now() - this.#lastTurn < TURN) return;
    await new Promise((resume) => setTimeout(resume, 0));
    this.#lastTurn = performance.now();
  }

  /** Refuses to begin. @throws {InterruptedError} if the signal has fired already. */
  refuseIfAborted(): void {
    refuseIfAborted(this.#signal, INTERRUPTED);
  }

  /** The error of a search that ended without a placement: it was interrupted, or its limits were too tight. */
  withoutPlacement(): InterruptedError | UndecidedError {
    if (this.#signal?.aborted) return new InterruptedError(INTERRUPTED);
    return new UndecidedError(
      "No placement found within the limits: give more time, or relax the rules",
    );
  }
}
