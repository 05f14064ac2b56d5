import { SolverError, spreadOf } from "../../domain/mod.ts";
import { Heap } from "./heap.ts";
import { Underway } from "./underway.ts";
import type { Act, Passage } from "./work.ts";

/** What is worth doing first: the higher, the sooner. @param left How many of this start or stop are left, at least 1. */
export type Worth = (
  kind: Act["kind"],
  node: number,
  app: number,
  left: number,
  state: Underway,
) => number;

interface Entry {
  readonly node: number;
  readonly value: number;
  readonly stamp: number;
}

/**
 * Orders starts and stops one by one, the worthiest of what is allowed first: a start, then at once the stop that it makes
 * possible. Where nothing is allowed, a container is parked; where none can be, one is stopped first; at last rules about
 * company and failure domains, or the floors, are broken.
 * @param patience How often nothing may be allowed before there is no order. @returns null where patience ends.
 */
export function orderGreedily(
  passage: Passage,
  worth: Worth,
  patience: number = Infinity,
): Act[] | null {
  return new Greedy(passage, worth).run(patience);
}

class Greedy {
  readonly #state: Underway;
  /** Row-major, nodes x apps: what is left to do. */
  readonly #left: Readonly<Record<Act["kind"], Uint8Array>>;
  /** By app: how many are left. */
  readonly #open: Readonly<Record<Act["kind"], number[]>>;
  readonly #heaps: Readonly<Record<Act["kind"], Heap<Entry>[]>>;
  /** Nodes where something starts or stops. */
  readonly #nodes = new Set<number>();
  /** By node: how often it changed. */
  readonly #stamps: Uint32Array;
  readonly #acts: Act[] = [];
  readonly #apps: number;
  /** Containers that may still be parked: each once. */
  #parkings = 0;

  constructor(readonly passage: Passage, readonly worth: Worth) {
    const { problem, current, next } = passage;
    this.#state = new Underway(problem, current);
    this.#apps = problem.apps.length;
    this.#stamps = new Uint32Array(current.nodes);
    const perApp = <T>(make: () => T): T[] => problem.apps.map(make);
    this.#left = {
      start: new Uint8Array(current.counts.length),
      stop: new Uint8Array(current.counts.length),
    };
    this.#open = { start: perApp(() => 0), stop: perApp(() => 0) };
    this.#heaps = { start: perApp(() => new Heap()), stop: perApp(() => new Heap()) };
    next.counts.forEach((count, at) => {
      const more = count - current.counts[at]!;
      if (more === 0) return;
      const kind = more > 0 ? "start" : "stop";
      this.#left[kind][at] = Math.abs(more);
      this.#open[kind][at % this.#apps]! += Math.abs(more);
      this.#nodes.add(Math.floor(at / this.#apps));
    });
    this.#parkings = this.#open.stop.reduce((sum, count) => sum + count, 0);
    this.#nodes.forEach((node) => this.#offer(node));
  }

  run(patience: number): Act[] | null {
    const isOpen = (count: number): boolean => count > 0;
    let stuck = 0;
    while (this.#open.start.some(isOpen) || this.#open.stop.some(isOpen)) {
      if (this.#stopReplaced() || this.#startBest()) continue;
      if (++stuck > patience) return null;
      if (this.#park() || this.#stopFirst() || this.#breakRule() || this.#stopBelowFloor()) {
        continue;
      }
      throw new SolverError("Steps end nowhere: report this as a bug");
    }
    return this.#acts;
  }

  /** Stops one of an app of which more run than need to; the app that started last comes first. */
  #stopReplaced(): boolean {
    const last = this.#acts.at(-1)?.app;
    for (const app of last === undefined ? this.#everyApp() : [last, ...this.#everyApp()]) {
      if (this.#open.stop[app] === 0 || !this.#isSpare(app)) continue;
      const best = this.#best("stop", app);
      if (best === null) continue;
      this.#do({ kind: "stop", node: best.node, app });
      return true;
    }
    return false;
  }

  #startBest(): boolean {
    let chosen: (Entry & { readonly app: number }) | null = null;
    for (const app of this.#everyApp()) {
      if (this.#open.start[app] === 0) continue;
      const best = this.#best("start", app);
      if (best === null) continue;
      const freed = this.#open.stop[app] === 0 ? null : this.#best("stop", app);
      const value = best.value + (freed?.value ?? 0);
      if (chosen === null || value > chosen.value) chosen = { ...best, app, value };
    }
    if (chosen === null) return false;
    this.#do({ kind: "start", node: chosen.node, app: chosen.app });
    return true;
  }

  /** Lets one wait on a node that has room for it whatever comes, where that makes room for a start. */
  #park(): boolean {
    if (this.#parkings === 0) return false;
    const places = new Map<number, number | null>();
    const placeOf = (app: number): number | null => {
      if (!places.has(app)) places.set(app, this.#spareNode(app));
      return places.get(app)!;
    };
    const found = this.#blocking((node, app) => {
      const place = placeOf(app);
      if (place === null) return false;
      this.#state.start(place, app);
      const may = this.#state.canStop(node, app);
      this.#state.stop(place, app);
      return may;
    });
    if (found === null) return false;
    const { node, app } = found;
    const place = placeOf(app)!;
    this.#parkings--;
    this.#left.stop[place * this.#apps + app]!++;
    this.#open.stop[app]!++;
    this.#nodes.add(place);
    this.#perform({ kind: "start", node: place, app, extra: true });
    this.#do({ kind: "stop", node, app });
    return true;
  }

  #stopFirst(): boolean {
    const found = this.#blocking((node, app) =>
      this.#state.canStop(node, app) && this.#keepsFloor(app)
    );
    if (found !== null) this.#do({ kind: "stop", ...found, first: true });
    return found !== null;
  }

  /** Starts or stops one against a rule about company or failure domains. */
  #breakRule(): boolean {
    for (const kind of ["start", "stop"] as const) {
      for (const node of this.#nodes) {
        for (const app of this.#everyApp()) {
          if (this.#left[kind][node * this.#apps + app] === 0) continue;
          const may = kind === "start" ? this.#state.hasRoom(node, app) : this.#keepsFloor(app);
          if (!may) continue;
          this.#do({ kind, node, app, broken: true });
          return true;
        }
      }
    }
    return false;
  }

  /** Stops one of the app of which the most run, although too few keep running. */
  #stopBelowFloor(): boolean {
    const rank = (app: number): number => this.#state.running[app]! - this.passage.floors[app]!;
    const apps = this.#everyApp().sort((a, b) => rank(b) - rank(a));
    for (const app of apps) {
      const found = this.#blocking((_, other) => other === app);
      if (found === null) continue;
      this.#do({ kind: "stop", ...found, first: true, down: true });
      return true;
    }
    return false;
  }

  /** The worthiest stop after which something may start in its place; else on a node that waits for room; else any. */
  #blocking(
    may: (node: number, app: number) => boolean,
  ): { readonly node: number; readonly app: number } | null {
    let chosen: { node: number; app: number; use: number; value: number } | null = null;
    for (const node of this.#nodes) {
      const starting = this.#leftOn("start", node);
      for (const app of this.#leftOn("stop", node)) {
        if (!may(node, app)) continue;
        this.#state.stop(node, app);
        const opens = starting.some((other) => this.#state.canStart(node, other));
        this.#state.start(node, app);
        const use = opens ? 2 : Math.min(1, starting.length);
        if (chosen !== null && use < chosen.use) continue;
        const left = this.#left.stop[node * this.#apps + app]!;
        const value = this.worth("stop", node, app, left, this.#state);
        if (chosen === null || use > chosen.use || value > chosen.value) {
          chosen = { node, app, use, value };
        }
      }
    }
    return chosen && { node: chosen.node, app: chosen.app };
  }

  /** A node that may hold one more of the app, now and when all that is to start there has started. */
  #spareNode(app: number): number | null {
    for (let node = 0; node < this.#stamps.length; node++) {
      const first = node * this.#apps;
      const coming = this.#left.start.subarray(first, first + this.#apps);
      if (coming[app] === 0 && this.#state.canStart(node, app, coming)) return node;
    }
    return null;
  }

  #do(act: Act): void {
    this.#left[act.kind][act.node * this.#apps + act.app]!--;
    this.#open[act.kind][act.app]!--;
    this.#perform(act);
  }

  #perform(act: Act): void {
    this.#state[act.kind](act.node, act.app);
    this.#acts.push(act);
    this.#offer(act.node);
  }

  /** What is left on a node, by its worth now. */
  #offer(node: number): void {
    const stamp = ++this.#stamps[node]!;
    for (const kind of ["start", "stop"] as const) {
      for (const app of this.#leftOn(kind, node)) {
        const left = this.#left[kind][node * this.#apps + app]!;
        const value = this.worth(kind, node, app, left, this.#state);
        this.#heaps[kind][app]!.push({ node, value, stamp });
      }
    }
  }

  /** The worthiest of an app that is allowed. */
  #best(kind: Act["kind"], app: number): Entry | null {
    const heap = this.#heaps[kind][app]!;
    const isCoupled = spreadOf(this.passage.problem.rules, app) !== null;
    const later: Entry[] = [];
    let found: Entry | null = null;
    while (found === null && heap.top !== undefined) {
      const { node, stamp } = heap.top;
      const isFresh = stamp === this.#stamps[node];
      const may = kind === "start"
        ? this.#state.canStart(node, app)
        : this.#state.canStop(node, app);
      if (isFresh && may) found = heap.top;
      else {
        const entry = heap.pop()!;
        // What other nodes hold may allow it later; else only a change of its own node can, which offers it again.
        if (isFresh && isCoupled) later.push(entry);
      }
    }
    later.forEach((entry) => heap.push(entry));
    return found;
  }

  #leftOn(kind: Act["kind"], node: number): number[] {
    return this.#everyApp().filter((app) => this.#left[kind][node * this.#apps + app]! > 0);
  }

  #isSpare(app: number): boolean {
    return this.#state.running[app]! > this.passage.least[app]!;
  }

  #keepsFloor(app: number): boolean {
    return this.#state.running[app]! > this.passage.floors[app]!;
  }

  #everyApp(): number[] {
    return Array.from({ length: this.#apps }, (_, app) => app);
  }
}
