/**
 * Replanning where configurations are too many for a table: what must change changes greedily, then come the single moves
 * and exchanges that bring the most. Proves nothing.
 * @module
 */
import {
  allowsOn,
  brokenSpread,
  type NodeKinds,
  nodeKinds,
  nodeSurfaces,
  type Placement,
  placingOrder,
  spreadsOverDomains,
} from "../domain/mod.ts";
import { upperBound } from "../baselines/optimal/mod.ts";
import { Deadline, steer, UndecidedError } from "../scheduling/mod.ts";
import {
  checkReplan,
  forcedStarts,
  type ReplanOptions,
  type ReplanProblem,
  startsOn,
} from "./problem.ts";

/** Seconds that a climb takes at most where the caller sets no limit. */
const CLIMB_SECONDS = 10;

/** A move that costs more than anything brings. */
const DEAR_MOVE = 1e6;

/** Gains below this are rounding. */
const LEAST_GAIN = 1e-9;

/** How a climb is limited. */
export interface ClimbLimits {
  /** Most containers that may start. */
  readonly starts: number;
  /** Normalised RPS that every start costs. */
  readonly startCost: number;
  readonly pinned: readonly boolean[];
  /** True ends the climb. */
  readonly stop: () => boolean;
  /** Told each better placement. */
  readonly onBetter?: (better: Climbed) => void;
}

/** What a climb came to. */
export interface Climbed {
  readonly placement: Placement;
  readonly total: number;
  /** Containers that start. */
  readonly starts: number;
}

/**
 * Climbs within a limit of moves, and bounds what any placement is worth.
 * @returns `boundTotal`: Infinity where the model has no formula to bound.
 * @throws {InfeasibleError | UnsupportedError} as {@link replan}.
 */
export async function climbWithBound(
  given: ReplanProblem,
  options: ReplanOptions,
  onBetter?: (better: Climbed) => void,
): Promise<{ readonly best: Climbed; readonly boundTotal: number }> {
  checkReplan(given, options);
  const { maxMoves = Infinity, pinned = [], timeLimit = CLIMB_SECONDS } = options;
  // Moves that cost more than anything are as few as greedy steps make them.
  const moveCost = options.fewestMoves ? DEAR_MOVE : options.moveCost ?? 0;
  const deadline = new Deadline({ ...options, timeLimit });
  const steered = steer(given);
  try {
    const best = new Climb(steered, {
      starts: forcedStarts(given) + maxMoves,
      startCost: moveCost,
      pinned,
      stop: deadline.passed,
      ...(onBetter === undefined ? {} : { onBetter }),
    }).run();
    const bound = await upperBound(steered, {
      effort: "lp",
      ...options,
      timeLimit: deadline.secondsLeft(),
    });
    return { best, boundTotal: Math.max(best.total, bound?.boundTotal ?? Infinity) };
  } finally {
    if (steered !== given) steered.simulator.dispose();
  }
}

/** A placement while it climbs. */
export class Climb {
  readonly #problem: ReplanProblem;
  readonly #limits: ClimbLimits;
  readonly #kinds: NodeKinds;
  readonly #surfaces: Uint32Array | undefined;
  readonly #spreads: boolean;
  readonly #apps: number;
  readonly #counts: Uint8Array;
  readonly #values: Float64Array;
  #starts = 0;

  constructor(problem: ReplanProblem, limits: ClimbLimits) {
    this.#problem = problem;
    this.#limits = limits;
    this.#kinds = nodeKinds(problem);
    this.#surfaces = nodeSurfaces(problem);
    this.#spreads = spreadsOverDomains(problem.rules);
    this.#apps = problem.apps.length;
    this.#counts = problem.current.counts.slice();
    this.#values = new Float64Array(problem.current.nodes);
  }

  /**
   * Runs to the end.
   * @throws {UndecidedError} if greedy steps do not get to a placement that keeps the rules within the limit.
   */
  run(): Climbed {
    const { nodes } = this.#problem.current;
    for (let node = 0; node < nodes; node++) this.#shed(node);
    for (let node = 0; node < nodes; node++) this.#values[node] = this.#value(node);
    this.#problem.demand.forEach((_, app) => this.#stopExcess(app));
    for (const app of placingOrder(this.#problem)) this.#startMissing(app);
    this.#starts = this.#startsInAll();
    if (this.#starts > this.#limits.starts || !this.#keepsSpread()) {
      throw new UndecidedError(
        "Greedy steps find no placement that keeps the rules within so few moves: allow more",
      );
    }
    this.#tell();
    while (!this.#limits.stop() && (this.#bestMove() || this.#firstExchange())) this.#tell();
    const total = this.#values.reduce((sum, value) => sum + value, 0);
    return { placement: this.#placement(), total, starts: this.#starts };
  }

  #placement(): Placement {
    return { nodes: this.#values.length, apps: this.#apps, counts: this.#counts.slice() };
  }

  #tell(): void {
    const total = this.#values.reduce((sum, value) => sum + value, 0);
    this.#limits.onBetter?.({ starts: this.#starts, total, placement: this.#placement() });
  }

  #value(node: number): number {
    const at = node * this.#apps;
    return this.#problem.simulator.throughput(
      this.#counts.subarray(at, at + this.#apps),
      0,
      this.#surfaces?.[node] ?? 0,
    );
  }

  #allowed(node: number): boolean {
    const kind = this.#kinds.kinds[this.#kinds.ofNode[node]!]!;
    return allowsOn(this.#problem, this.#kinds, kind, this.#counts, node * this.#apps);
  }

  /** What a change of one node brings; -Infinity where the node may not hold it. */
  #gain(node: number, app: number, by: 1 | -1): number {
    const at = node * this.#apps + app;
    if (by < 0 && this.#counts[at] === 0) return -Infinity;
    this.#counts[at]! += by;
    const gain = this.#allowed(node) ? this.#value(node) - this.#values[node]! : -Infinity;
    this.#counts[at]! -= by;
    return gain;
  }

  #change(node: number, app: number, by: 1 | -1): void {
    this.#counts[node * this.#apps + app]! += by;
    this.#values[node] = this.#value(node);
  }

  /** Containers that start on a node more, if it holds one more or less of an app. */
  #startsOf(node: number, app: number, by: 1 | -1): number {
    const at = node * this.#apps + app;
    const beyond = this.#counts[at]! - this.#problem.current.counts[at]!;
    if (by > 0) return beyond >= 0 ? 1 : 0;
    return beyond > 0 ? -1 : 0;
  }

  #startsInAll(): number {
    return startsOn(this.#counts, this.#problem.current.counts);
  }

  #keepsSpread(): boolean {
    return !this.#spreads || brokenSpread(this.#problem, this.#counts) === null;
  }

  /** Takes containers off a node until it may hold the rest: each time the one without which it is worth most. */
  #shed(node: number): void {
    while (!this.#allowed(node)) {
      let best = -1;
      let most = -Infinity;
      for (let app = 0; app < this.#apps; app++) {
        const at = node * this.#apps + app;
        if (this.#counts[at] === 0 || this.#limits.pinned[app]) continue;
        this.#counts[at]!--;
        // A node that shrank may run more than the simulator values.
        const worth = this.#allowed(node) ? this.#value(node) : -1;
        this.#counts[at]!++;
        if (worth > most) [most, best] = [worth, app];
      }
      if (best < 0) {
        throw new UndecidedError(`Greedy steps leave pinned apps on node ${node} above its rules`);
      }
      this.#counts[node * this.#apps + best]!--;
    }
  }

  #placed(app: number): number {
    let placed = 0;
    for (let at = app; at < this.#counts.length; at += this.#apps) placed += this.#counts[at]!;
    return placed;
  }

  #stopExcess(app: number): void {
    const wanted = this.#problem.demand[app]!;
    for (let placed = this.#placed(app); placed > wanted; placed--) {
      const node = this.#bestNode(app, -1);
      if (node < 0) throw this.#stuck(app, "stop");
      this.#change(node, app, -1);
    }
  }

  #startMissing(app: number): void {
    const wanted = this.#problem.demand[app]!;
    for (let placed = this.#placed(app); placed < wanted; placed++) {
      const node = this.#bestNode(app, 1);
      if (node < 0) throw this.#stuck(app, "start");
      this.#change(node, app, 1);
    }
  }

  #stuck(app: number, verb: string): UndecidedError {
    return new UndecidedError(
      `Greedy steps find no node on which a container of ${this.#problem.apps[app]} may ${verb}`,
    );
  }

  #bestNode(app: number, by: 1 | -1): number {
    let best = -1;
    let most = -Infinity;
    for (let node = 0; node < this.#values.length; node++) {
      const gain = this.#gain(node, app, by) -
        this.#limits.startCost * this.#startsOf(node, app, by);
      if (gain > most) [most, best] = [gain, node];
    }
    return best;
  }

  /** Makes the move that brings the most within the limit. @returns False if none brings anything. */
  #bestMove(): boolean {
    const left = this.#limits.starts - this.#starts;
    let most = LEAST_GAIN;
    let best: readonly [app: number, from: number, to: number] | undefined;
    for (let app = 0; app < this.#apps; app++) {
      if (this.#limits.pinned[app] || this.#limits.stop()) continue;
      const to = Array.from(
        this.#values,
        (_, node) => ({
          node,
          gain: this.#gain(node, app, 1),
          starts: this.#startsOf(node, app, 1),
        }),
      ).filter(({ gain }) => gain > -Infinity).sort((a, b) => b.gain - a.gain);
      for (let from = 0; from < this.#values.length; from++) {
        const off = this.#gain(from, app, -1);
        if (off === -Infinity) continue;
        const fewer = this.#startsOf(from, app, -1);
        for (const { node, gain, starts } of to) {
          if (node === from || starts + fewer > left) continue;
          const net = off + gain - this.#limits.startCost * (starts + fewer);
          if (net > most) [most, best] = [net, [app, from, node]];
          break;
        }
      }
    }
    if (best === undefined) return false;
    const [app, from, to] = best;
    return this.#keep([[from, app, -1], [to, app, 1]]);
  }

  /** Makes the first exchange of two containers that brings something within the limit. */
  #firstExchange(): boolean {
    for (let one = 0; one < this.#values.length; one++) {
      for (let other = one + 1; other < this.#values.length; other++) {
        if (this.#limits.stop()) return false;
        for (let a = 0; a < this.#apps; a++) {
          if (this.#counts[one * this.#apps + a] === 0 || this.#limits.pinned[a]) continue;
          for (let b = 0; b < this.#apps; b++) {
            if (a === b || this.#counts[other * this.#apps + b] === 0 || this.#limits.pinned[b]) {
              continue;
            }
            const changes = [[one, a, -1], [other, b, -1], [one, b, 1], [other, a, 1]] as const;
            if (this.#keep(changes)) return true;
          }
        }
      }
    }
    return false;
  }

  /** Makes changes of nodes together, and takes them back where they do not pay or may not be. */
  #keep(changes: readonly (readonly [node: number, app: number, by: 1 | -1])[]): boolean {
    const nodes = [...new Set(changes.map(([node]) => node))];
    const before = nodes.map((node) => this.#values[node]!);
    let starts = 0;
    for (const [node, app, by] of changes) {
      starts += this.#startsOf(node, app, by);
      this.#counts[node * this.#apps + app]! += by;
    }
    const fits = this.#starts + starts <= this.#limits.starts &&
      nodes.every((node) => this.#allowed(node));
    if (fits) {
      const gain = nodes.reduce((sum, node, at) => sum + this.#value(node) - before[at]!, 0);
      if (gain - this.#limits.startCost * starts > LEAST_GAIN && this.#keepsSpread()) {
        nodes.forEach((node) => this.#values[node] = this.#value(node));
        this.#starts += starts;
        return true;
      }
    }
    for (const [node, app, by] of changes) this.#counts[node * this.#apps + app]! -= by;
    return false;
  }
}
