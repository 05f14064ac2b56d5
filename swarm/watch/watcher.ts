/**
 * A standing watch over a stack: looks, waits until nothing changes, replans, and acts where that is worth it.
 * @module
 */
import { InfeasibleError, MetisError } from "../../domain/mod.ts";
import { UndecidedError } from "../../scheduling/mod.ts";
import type { Clock } from "../clock.ts";
import { type Lock, LockedError } from "../deploy/lock.ts";
import { oneLine } from "../errors.ts";
import {
  decide,
  HOUR,
  leftTooSoon,
  movesLeft,
  nextChangeAt,
  type Proposal,
  type Sight,
  startsOf,
  type WatchRules,
} from "./decide.ts";
import { type Entry, History, type PastAct } from "./history.ts";
import type { Gauges } from "./gauges.ts";

/** What a watch asks for. */
export interface Asked {
  /** Most moves beyond what is forced. */
  readonly maxMoves: number;
  /** Apps whose containers stay. */
  readonly pinned: readonly string[];
}

/** What a watch does to the world. */
export interface World {
  look(): Promise<Sight>;
  /**
   * The best that can be had; where what runs does not do, what puts that right with the fewest moves.
   * @throws {InfeasibleError} if there is nothing within the moves.
   */
  propose(asked: Asked): Promise<Proposal>;
  /** Makes it so, if all is still as it was when it was proposed. @throws {MetisError} if it cannot. */
  carryOut(proposal: Proposal): Promise<void>;
  /** What watches of the stack did lately, on whatever machine. */
  recall(): Promise<readonly PastAct[]>;
  /** Keeps that for whoever watches next. */
  remember(acts: readonly PastAct[]): Promise<void>;
  /** Takes the lock of the watch. @throws {LockedError} if another watch holds it. */
  lock(): Promise<Lock>;
  /** Keeps an entry for good. */
  note(entry: Entry): void;
}

/** How to watch. */
export interface WatchOptions extends WatchRules {
  /** Seconds between two looks. */
  readonly every: number;
  /** Change the Swarm, instead of only saying what would be changed. */
  readonly act: boolean;
  /** End after the first look that says what to do. */
  readonly once: boolean;
  readonly clock: Clock;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** After a failure nothing is tried for this many times `settle`; twice as long after each further one, up to the longest. */
const LONGEST_REST = 3600;

/** Watches until the signal fires; what fails meanwhile is noted, and tried again. @param past Entries of the journal. */
export async function watch(
  world: World,
  past: readonly Entry[],
  options: WatchOptions,
  gauges: Gauges,
): Promise<void> {
  const { clock, signal, every, once } = options;
  const watcher = new Watcher(world, past, options, gauges);
  try {
    while (!signal.aborted) {
      const isOver = await watcher.round();
      if (once && isOver) break;
      await clock.sleep(every * 1000, signal);
    }
  } finally {
    await watcher.end();
  }
}

class Watcher {
  readonly #history: History;
  #lock: Lock | null = null;
  /** The last look, and since when it has been as it is. */
  #seen: { readonly print: string; readonly since: number } | null = null;
  /** What was last decided on, and when to look at it again though nothing changed. */
  #decided: { readonly print: string; readonly until: number } | null = null;
  #said = "";
  #failures = 0;

  constructor(
    readonly world: World,
    past: readonly Entry[],
    readonly options: WatchOptions,
    readonly gauges: Gauges,
  ) {
    this.#history = new History(past);
    this.#note({ kind: "begins", at: options.now(), acts: options.act });
  }

  /** Looks once. @returns Whether it has come to a decision. */
  async round(): Promise<boolean> {
    const { options, gauges } = this;
    const now = options.now();
    let sight: Sight;
    try {
      sight = await this.world.look();
    } catch (error) {
      if (options.once) throw error;
      gauges.lookFailed(messageOf(error));
      this.#say(`cannot look: ${messageOf(error)}`);
      return false;
    }
    gauges.looked(sight, now, movesLeft(this.#history, options, now));
    if (this.#seen?.print !== sight.print) {
      this.#note({ kind: "sees", at: now, what: sight.text });
      // Of what a single look finds nobody knows how long it has been so.
      this.#seen = { print: sight.print, since: options.once ? -Infinity : now };
    }
    if (now - this.#seen.since < options.settle) return false;
    if (this.#decided?.print === sight.print && now < this.#decided.until) return true;
    if (!await this.#holdsLock()) return options.once;
    const until = await this.#act(now);
    this.#decided = { print: sight.print, until };
    return true;
  }

  async end(): Promise<void> {
    await this.#lock?.release();
  }

  /** Decides, and acts. @returns Until when that is good if nothing changes. */
  async #act(now: number): Promise<number> {
    const { options, gauges, world } = this;
    const later = nextChangeAt(this.#history, options, now);
    let proposal: Proposal;
    try {
      proposal = await this.#propose(now);
    } catch (error) {
      gauges.replanned(null);
      this.#say(messageOf(error));
      // What the time did not suffice for may be there: only what cannot be is not asked for again.
      const cannotBe = error instanceof InfeasibleError && !(error instanceof UndecidedError);
      if (cannotBe) return later;
      return now + this.#rest();
    }
    const verdict = decide(proposal, this.#history, options, now);
    gauges.replanned(proposal);
    if (!verdict.acts) {
      this.#say(verdict.why);
      return later;
    }
    const { change, gain } = proposal;
    const entry = {
      at: now,
      moves: change.moves,
      forced: change.forced,
      started: startsOf(proposal),
      gain: gain === null ? null : { mean: gain.mean, low: gain.low, high: gain.high },
      why: verdict.why,
    };
    if (!options.act) {
      this.#note({ kind: "would act", ...entry });
      return later;
    }
    this.#note({ kind: "acts", ...entry });
    gauges.acts();
    try {
      // Whoever takes over counts it, even if we end in the middle of it.
      await world.remember(this.#history.since(now - Math.max(HOUR, options.hold)));
      await world.carryOut(proposal);
    } catch (error) {
      if (options.signal.aborted) throw error;
      gauges.acted(entry.moves, false);
      this.#note({ kind: "failed", at: options.now(), why: messageOf(error) });
      return options.now() + this.#rest();
    }
    this.#failures = 0;
    gauges.acted(entry.moves, true);
    this.#note({ kind: "done", at: options.now(), seconds: options.now() - now });
    // What it did is not what others changed: only what comes after is waited for.
    const sight = await world.look().catch(() => null);
    if (sight !== null) this.#seen = { print: sight.print, since: this.#seen!.since };
    return options.now();
  }

  /** The best within the budget that moves nothing twice; apps with such containers stay as they are, where nothing else helps. */
  async #propose(now: number): Promise<Proposal> {
    const { options, world } = this;
    const maxMoves = movesLeft(this.#history, options, now);
    const free = await world.propose({ maxMoves, pinned: [] });
    const held = this.#history.startedSince(now - options.hold);
    if (free.must !== null || leftTooSoon(free, held) === null) return free;
    return await world.propose({ maxMoves, pinned: [...new Set(held.map(({ app }) => app))] });
  }

  /** True if no other watch acts on the stack; who only looks on needs no lock. */
  async #holdsLock(): Promise<boolean> {
    if (!this.options.act) return true;
    try {
      this.#lock?.check();
      if (this.#lock === null) {
        this.#lock = await this.world.lock();
        this.#history.merge(await this.world.recall());
      }
      this.gauges.leads(true);
      return true;
    } catch (error) {
      this.#lock = null;
      this.gauges.leads(false);
      this.#say(
        error instanceof LockedError ? `stands by: ${error.message}` : messageOf(error),
      );
      return false;
    }
  }

  #rest(): number {
    return Math.min(LONGEST_REST, Math.max(1, this.options.settle) * 2 ** this.#failures++);
  }

  /** Says why nothing is done, once. */
  #say(why: string): void {
    if (why === this.#said) return;
    this.#note({ kind: "stays", at: this.options.now(), why });
    this.#said = why;
  }

  #note(entry: Entry): void {
    if (entry.kind !== "stays") this.#said = "";
    this.#history.add(entry);
    this.world.note(entry);
  }
}

function messageOf(error: unknown): string {
  return error instanceof MetisError ? error.message : oneLine(String(error));
}
