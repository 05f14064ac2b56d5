import { InputError, type InterferenceModel, ShapeError, type TrafficPair } from "../domain/mod.ts";

/** What a model of traffic is made of. */
export interface TrafficModelOptions {
  /** Names of the apps, in the order of every count vector. */
  readonly apps: readonly string[];
  /** Containers of each app in all: a node's share of an app is its count divided by this. Length = apps. */
  readonly demand: readonly number[];
  /** Who talks to whom; a pair that is listed twice counts twice. */
  readonly pairs: readonly TrafficPair[];
}

/**
 * Affinity that is known instead of measured: what a node keeps of the traffic between apps, where every container of an
 * app exchanges as much with every container of the other. A node is worth the sum over pairs of traffic x min(share of
 * the one app there, share of the other there), in units in which all traffic is worth the number of containers. So the
 * mean of a placement is the share of all traffic that stays on one machine, which "Resource Allocation with Service
 * Affinity" (RASA, ICDE 2024) calls gained affinity; it is at most 1.
 */
export class TrafficModel implements InterferenceModel {
  readonly kind = "traffic";
  readonly apps: readonly string[];
  /** Containers of each app in all. */
  readonly demand: readonly number[];
  /** Who talks to whom. */
  readonly pairs: readonly TrafficPair[];
  /** Throughput per unit of traffic that is kept: containers / all traffic; 0 without traffic. */
  readonly scale: number;

  /**
   * Takes the pairs as the truth.
   * @throws {InputError} naming the pair that is not of two different apps, or whose traffic is no number above 0.
   * @throws {ShapeError} if `demand` has another length than `apps`.
   */
  constructor({ apps, demand, pairs }: TrafficModelOptions) {
    if (demand.length !== apps.length) throw new ShapeError("demand", apps.length, demand.length);
    for (const { a, b, traffic } of pairs) {
      if (apps[a] === undefined || apps[b] === undefined || a === b) {
        throw new InputError(`Traffic needs pairs of two different apps: got ${a}, ${b}`);
      }
      if (!(traffic > 0 && traffic < Infinity)) {
        throw new InputError(
          `Traffic of ${apps[a]} and ${apps[b]} must be a number above 0: got ${traffic}`,
        );
      }
    }
    this.apps = apps;
    this.demand = demand;
    this.pairs = pairs;
    const containers = demand.reduce((sum, count) => sum + count, 0);
    const all = pairs.reduce((sum, { traffic }) => sum + traffic, 0);
    this.scale = all === 0 ? 0 : containers / all;
  }

  /**
   * As {@link InterferenceModel.predict}: of what a pair keeps on a node, half counts for each of the two apps. A node that
   * holds more of an app than the demand has keeps as much as one that holds all of it.
   */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const width = this.apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    const rps = new Float64Array(counts.length);
    for (let first = 0; first < counts.length; first += width) {
      for (const { a, b, traffic } of this.pairs) {
        const countA = counts[first + a]!;
        const countB = counts[first + b]!;
        if (countA === 0 || countB === 0) continue;
        const kept = Math.min(1, countA / this.demand[a]!, countB / this.demand[b]!);
        const half = this.scale * traffic * kept / 2;
        rps[first + a]! += half / countA;
        rps[first + b]! += half / countB;
      }
    }
    return rps;
  }
}
