/**
 * The containers of one service of the scripted Swarm over time: they take a while to start, and another specification
 * comes to a few of them at once, as the service's own update policy says.
 * @module
 */

/** What a container is made of. */
export interface Made {
  /** Of the service when it was made. */
  readonly hash: string;
  // deno-lint-ignore no-explicit-any
  readonly template: any;
}

/** What is in one place of a service. */
interface Slot extends Made {
  /** When it begins to start, in milliseconds; -Infinity where that was before anybody looked. */
  readonly begins: number;
  /** What it replaces. */
  readonly old: Made | null;
}

/** What may be seen in one place of a service: what runs, and what is on its way there. */
export interface Seen extends Made {
  readonly isStarting: boolean;
  /** What the specification of the service now made; what was there before it runs. */
  readonly isNew: boolean;
}

/** How a service updates its containers. */
export interface UpdatePolicy {
  /** 0: all at once. @default 1 */
  readonly Parallelism?: number;
  /** Nanoseconds. */
  readonly Delay?: number;
  readonly Order?: string;
  readonly FailureAction?: string;
}

/** The places of one service. */
export class Containers {
  #slots: Slot[] = [];
  #policy: UpdatePolicy = {};
  /** When an update stopped since a container failed: what had not begun by then never does. */
  #stoppedAt = Infinity;

  /** @param startMs How long a container takes to start; 0: everything runs at once. */
  constructor(readonly startMs: () => number, readonly now: () => number) {}

  /** Another specification, or another number of places. */
  set(count: number, made: Made, policy: UpdatePolicy = {}): void {
    const [now, startMs] = [this.now(), this.startMs()];
    const began = (slot: Slot) => slot.old === null || this.#hasBegun(slot);
    const kept = this.#slots.slice(0, count).map((slot): Slot =>
      began(slot) ? slot : { ...slot.old!, begins: -Infinity, old: null }
    );
    const { Parallelism = 1, Delay = 0 } = policy;
    const hasOld = this.#policy.Order === "start-first";
    const atOnce = Parallelism === 0 ? Infinity : Parallelism;
    this.#policy = policy;
    this.#stoppedAt = Infinity;
    let changed = 0;
    this.#slots = Array.from({ length: count }, (_, at): Slot => {
      const slot = kept[at];
      if (startMs === 0) return { ...made, begins: -Infinity, old: null };
      if (slot === undefined) return { ...made, begins: now, old: null };
      if (slot.hash === made.hash) return { ...slot, template: made.template };
      const batch = Math.floor(changed++ / atOnce);
      // What is replaced while it starts answers nobody.
      const wasUp = now - slot.begins >= startMs;
      const begins = now + batch * (startMs + Delay / 1e6);
      return { ...made, begins, old: wasUp ? slot : hasOld ? slot.old : null };
    });
  }

  /** True if an update was given up halfway. */
  get isPaused(): boolean {
    return this.#stoppedAt < Infinity;
  }

  /**
   * @param isUp Containers of the specification come up. @param isSick They fail: an update stops, unless it goes on
   * whatever fails.
   */
  look(isUp: boolean, isSick: boolean): readonly (readonly Seen[])[] {
    if (isSick && this.#policy.FailureAction !== "continue") {
      this.#stoppedAt = Math.min(this.#stoppedAt, this.now());
    }
    const startsFirst = this.#policy.Order === "start-first";
    return this.#slots.map((slot) => {
      const old = slot.old === null ? [] : [{ ...slot.old, isStarting: false, isNew: false }];
      if (!this.#hasBegun(slot)) return old;
      const isStarting = this.now() - slot.begins < this.startMs();
      const own = { hash: slot.hash, template: slot.template, isStarting, isNew: true };
      return startsFirst && (isStarting || !isUp) ? [own, ...old] : [own];
    });
  }

  #hasBegun({ begins, old }: Slot): boolean {
    return old === null || (begins <= this.now() && begins <= this.#stoppedAt);
  }
}
