import type { Demand, Random } from "../../domain/mod.ts";
import type { TrafficModel } from "../../models/mod.ts";
import type { TrafficState } from "./state.ts";

/** How often containers are moved to where an app is that they talk to, rather than anywhere. */
const JOINING = 0.9;
/** A pair is drawn as often as this power of its traffic says: by traffic alone, the small ones would wait too long. */
const POWER = 0.5;
/** How often partners on the same node come along, and how often each of them then does. */
const ALONG = 0.6;
const EACH_ALONG = 0.7;
/** Draws of apps that make room on a node that is too full. */
const MAKING_ROOM = 6;

/** Draws moves of containers, with those that they talk to, and with those that make room for them. */
export class Proposals {
  readonly #state: TrafficState;
  readonly #demand: Demand;
  readonly #draws: Random;
  readonly #pairs: TrafficModel["pairs"];
  /** Sums of the powers of traffic up to each pair. */
  readonly #sums: Float64Array;

  /** Moves within a state that holds a whole placement of the demand. */
  constructor(state: TrafficState, demand: Demand, model: TrafficModel, draws: Random) {
    this.#state = state;
    this.#demand = demand;
    this.#draws = draws;
    this.#pairs = model.pairs.filter(({ a, b }) => demand[a]! > 0 && demand[b]! > 0);
    let sum = 0;
    this.#sums = Float64Array.from(this.#pairs, ({ traffic }) => sum += traffic ** POWER);
  }

  /**
   * Tries one move, and keeps it if it is allowed and the throughput changes by at least `least`.
   * @returns The change.
   */
  step(least: number): number {
    const move = this.#draws.uniform() < JOINING ? this.#drawJoining() : this.#drawAny();
    if (move === null) return 0;
    const { app, from, to, count } = move;
    const state = this.#state;
    const along = this.#draws.uniform() < ALONG;
    // Most moves lose too much: seeing it before anything is moved saves most of the time.
    if (!along && state.moveGain(app, from, to, count) < least) return 0;
    let gain = state.move(app, from, to, count);
    if (along) gain += this.#takeAlong(move);
    for (let tries = MAKING_ROOM; tries > 0 && gain >= least && !state.fits(to); tries--) {
      gain += this.#makeRoom(move);
    }
    if (gain >= least && state.isAllowed()) {
      state.keep();
      return gain;
    }
    state.undo();
    return 0;
  }

  /** Containers of one app of a pair, from any node to one that holds the other app. */
  #drawJoining(): Move | null {
    const { nodesOf, counts, apps } = this.#state;
    const pair = this.#drawPair();
    if (pair === undefined) return null;
    const isTurned = this.#draws.uniform() < 0.5;
    const app = isTurned ? pair.b : pair.a;
    const friend = isTurned ? pair.a : pair.b;
    const from = nodesOf.at(app, this.#draws.below(nodesOf.size(app)));
    const to = nodesOf.at(friend, this.#draws.below(nodesOf.size(friend)));
    if (from === to) return null;
    const held = counts[from * apps + app]!;
    if (this.#draws.uniform() < 0.5) {
      // As many as make the share of the app that of its friend.
      const share = counts[to * apps + friend]! / this.#demand[friend]!;
      const missing = Math.ceil(share * this.#demand[app]! - 1e-9) - counts[to * apps + app]!;
      return missing < 1 ? null : { app, from, to, count: Math.min(held, missing) };
    }
    return { app, from, to, count: this.#drawCount(held) };
  }

  /** Containers of any app, from any node to any other. */
  #drawAny(): Move | null {
    const { appsOn, counts, apps, nodes } = this.#state;
    const from = this.#draws.below(nodes);
    const to = this.#draws.below(nodes);
    if (from === to || appsOn.size(from) === 0) return null;
    const app = appsOn.at(from, this.#draws.below(appsOn.size(from)));
    return { app, from, to, count: this.#drawCount(counts[from * apps + app]!) };
  }

  #drawCount(held: number): number {
    return this.#draws.uniform() < 0.5 ? held : 1 + this.#draws.below(held);
  }

  #drawPair(): TrafficModel["pairs"][number] | undefined {
    const wanted = this.#draws.uniform() * (this.#sums.at(-1) ?? 0);
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return this.#pairs[low];
  }

  /** Moves of some partners the same share as of the app. */
  #takeAlong({ app, from, to, count }: Move): number {
    const { partners, counts, apps } = this.#state;
    let gain = 0;
    for (let at = partners.first[app]!; at < partners.first[app + 1]!; at++) {
      const partner = partners.apps[at]!;
      const held = counts[from * apps + partner]!;
      if (held === 0 || this.#draws.uniform() >= EACH_ALONG) continue;
      const same = Math.round(count / this.#demand[app]! * this.#demand[partner]!);
      if (same > 0) gain += this.#state.move(partner, from, to, Math.min(held, same));
    }
    return gain;
  }

  /** Moves containers of some other app the other way, as many as are too many. */
  #makeRoom({ app, from, to }: Move): number {
    const { appsOn, counts, apps } = this.#state;
    const other = appsOn.at(to, this.#draws.below(appsOn.size(to)));
    if (other === app) return 0;
    const count = Math.min(
      counts[to * apps + other]!,
      this.#state.excess(to, other),
      this.#state.room(from, other),
    );
    return count > 0 ? this.#state.move(other, to, from, count) : 0;
  }
}

interface Move {
  readonly app: number;
  readonly from: number;
  readonly to: number;
  readonly count: number;
}
