import {
  configurationCount,
  InputError,
  largeNumber,
  type Rules,
  ShapeError,
  UnsupportedError,
} from "../../domain/mod.ts";
import { CORE_CONSTANTS } from "../build/core_exports.ts";
import { addressOf, CoreObject, coreOf } from "../core/core_object.ts";
import { maskedTable, type PermitRules, permitsAll, writePermit } from "./permits.ts";
import { DENSE_LIMIT, type Simulator } from "./simulator.ts";

/** Value of a configuration that may not be: far below any throughput, yet finite. */
export const FORBIDDEN_VALUE: number = CORE_CONSTANTS.FORBIDDEN;

/** Which configurations are searched. */
export interface PricingOptions {
  /** Slots of the largest node, at most the simulator's. */
  readonly capacity: number;
  /** Most containers of each app on a node, length apps. */
  readonly limits: ArrayLike<number>;
  /** Pairs of apps that may not share a node. */
  readonly apart: Rules["apart"];
  /** Pairs of apps of which the first is only where the second is. @default none */
  readonly together?: Rules["apart"];
  /** Row-major, apps x resources: what one container takes. @default nothing */
  readonly needs?: Float64Array;
  /** What a node has of each resource. @default no resources */
  readonly amounts?: Float64Array;
  /** Which surface of the simulator values configurations. @default 0 */
  readonly surface?: number;
}

/** The best configurations at given prices, as {@link Pricing.best} finds them. */
export interface PricedConfigurations {
  /** Highest throughput minus price of any permitted configuration, by total; length capacity + 1. */
  readonly bestByTotal: Float64Array;
  /** Ranks of good and varied configurations: the best of each total and remainder of the rank. */
  readonly ranks: Uint32Array;
  /** Throughput minus price of each of these. */
  readonly reduced: Float64Array;
}

/** Configurations above a threshold, as {@link Pricing.collect} finds them. */
export interface CollectedConfigurations {
  /** How many there are; more than were returned where it exceeds the limit. */
  readonly count: number;
  readonly ranks: Uint32Array;
  /** Throughput minus price of each of these. */
  readonly reduced: Float64Array;
}

/** What a proof of the best value is to reach. */
export interface ProofOptions {
  /** Slots of each group of nodes, for which a bound is wanted. */
  readonly capacities: readonly number[];
  /** Value above which a configuration is a column that is still missing, by capacity. */
  readonly enough: readonly number[];
  /** Distance of the bound to the best that is exact enough. */
  readonly tolerance: number;
  /** Asked several times a second; true ends the proof with the bound so far. */
  readonly stop: () => boolean;
}

/** The best configuration of a node at given costs. */
export interface PricedConfiguration {
  readonly rank: number;
  /** Throughput minus costs; {@link FORBIDDEN_VALUE} or less where nothing is permitted. */
  readonly reduced: number;
}

/** Searches all permitted configurations under prices per container. */
export interface Pricing extends Disposable {
  readonly apps: number;
  readonly capacity: number;
  /** The best configurations. @param prices Of one container of each app; length apps. */
  best(prices: Float64Array): PricedConfigurations;
  /**
   * Only where `best` looks at some configurations only, and says Infinity: what all are worth at most. Ends early
   * where it finds a configuration that is worth more than enough.
   */
  prove?(prices: Float64Array, options: ProofOptions): PricedConfigurations;
  /**
   * All permitted configurations whose throughput minus price reaches the threshold of their total.
   * @param thresholds Length capacity + 1. @param limit Most to return.
   */
  collect(prices: Float64Array, thresholds: Float64Array, limit: number): CollectedConfigurations;
  /** Throughput of a configuration, {@link FORBIDDEN_VALUE} where it may not be. */
  value(rank: number): number;
  /** Lowest throughput of any permitted configuration; at most 0, that of the empty one. */
  lowest(): number;
  /** Writes the counts of a configuration. */
  unrank(rank: number, counts: Uint8Array, offset?: number): void;
  /** Gives the memory back; calling it again does nothing. */
  dispose(): void;
}

/** Per total, how many different remainders of the rank give a column: more is more varied. */
const BUCKETS = 64;

/**
 * Pricing by the compiled core (sim-wasm/assembly/space/pricing.ts): one pass over the simulator's table per
 * call. Where rules or limits forbid configurations, over a copy of it that says so.
 */
export class CorePricing extends CoreObject implements Pricing {
  readonly apps: number;
  readonly capacity: number;
  readonly #space: RankedSpace;

  /**
   * @throws {UnsupportedError} if the simulator holds no table.
   * @throws {ShapeError} if there are not as many limits as apps.
   * @throws {InputError} if the capacity is out of the simulator's range.
   */
  constructor(simulator: Simulator, options: PricingOptions) {
    const { capacity, limits, surface = 0 } = options;
    const apps = simulator.apps.length;
    if (!simulator.dense) {
      throw new UnsupportedError(
        `A proof needs a table of all configurations: ${
          largeNumber(simulator.configurations)
        } configurations are too many`,
      );
    }
    if (capacity > simulator.capacity) {
      throw new InputError(
        `Pricing up to ${capacity} slots needs a simulator of that capacity: it has ${simulator.capacity}`,
      );
    }
    if (limits.length !== apps) throw new ShapeError("limits", apps, limits.length);
    const space = new RankedSpace(apps, capacity);
    const rules: PermitRules = {
      limits: Uint8Array.from(limits),
      amounts: options.amounts ?? new Float64Array(),
      needs: options.needs ?? new Float64Array(),
      apart: options.apart,
      together: options.together ?? [],
    };
    const core = coreOf(simulator);
    const masked = !permitsAll(rules, capacity);
    const values = masked
      ? core.owning(
        writePermit(core, rules),
        (permit) => maskedTable(core, surface, space.configurations, permit),
      )
      : core.functions.valuesOf(surface);
    super("pricing", core, values, () => {
      if (masked) core.free(values);
    });
    this.apps = apps;
    this.capacity = capacity;
    this.#space = space;
  }

  best(prices: Float64Array): PricedConfigurations {
    const { best, ranks } = this.#pass(this.#linear(prices));
    return summarise(best, ranks, this.capacity);
  }

  collect(prices: Float64Array, thresholds: Float64Array, limit: number): CollectedConfigurations {
    return this.#collect(this.#linear(prices), this.capacity, thresholds, limit);
  }

  /**
   * The best configuration of a node where what the containers of an app cost is any function of their number.
   * @param costs Row-major, apps x (slots + 1): cost of so many containers of the app. @param slots Of the node.
   */
  bestAt(costs: Float64Array, slots: number): PricedConfiguration {
    const core = coreOf(this);
    return core.lend(
      [["f64", costs.length], ["f64", this.#scratch(slots)], ["f64", 1]],
      (costOffset, scratch, best) => {
        core.write("f64", costOffset, costs, costs.length);
        const rank = core.functions.priceTop(
          addressOf(this),
          this.apps,
          slots,
          costOffset,
          scratch,
          best,
        );
        return { rank, reduced: core.view("f64", best, 1)[0]! };
      },
    );
  }

  /** All configurations of a node whose throughput minus costs reaches the threshold. As {@link bestAt}. */
  collectAt(
    costs: Float64Array,
    slots: number,
    threshold: number,
    limit: number,
  ): CollectedConfigurations {
    return this.#collect(costs, slots, new Float64Array(slots + 1).fill(threshold), limit);
  }

  /** Costs of so many containers, where each of an app has the same price. */
  #linear(prices: Float64Array): Float64Array {
    if (prices.length !== this.apps) throw new ShapeError("prices", this.apps, prices.length);
    const width = this.capacity + 1;
    return Float64Array.from(
      { length: this.apps * width },
      (_, at) => prices[Math.floor(at / width)]! * (at % width),
    );
  }

  #pass(costs: Float64Array): { readonly best: Float64Array; readonly ranks: Uint32Array } {
    const { capacity } = this;
    const core = coreOf(this);
    const size = (capacity + 1) * BUCKETS;
    return core.lend(
      [["f64", costs.length], ["f64", this.#scratch(capacity)], ["f64", size], ["u32", size]],
      (costOffset, scratch, bestOffset, rankOffset) => {
        core.write("f64", costOffset, costs, costs.length);
        core.view("f64", bestOffset, size).fill(FORBIDDEN_VALUE / 2);
        core.functions.priceBest({
          values: addressOf(this),
          apps: this.apps,
          capacity,
          given: costOffset,
          scratch,
          buckets: BUCKETS,
          best: bestOffset,
          ranks: rankOffset,
        });
        return {
          best: core.read("f64", bestOffset, size),
          ranks: core.read("u32", rankOffset, size),
        };
      },
    );
  }

  #collect(
    costs: Float64Array,
    capacity: number,
    thresholds: Float64Array,
    limit: number,
  ): CollectedConfigurations {
    const core = coreOf(this);
    const totals = capacity + 1;
    return core.lend(
      [
        ["f64", costs.length],
        ["f64", this.#scratch(capacity)],
        ["f64", totals],
        ["u32", limit],
        ["f64", limit],
      ],
      (costOffset, scratch, thresholdOffset, found, reduced) => {
        core.write("f64", costOffset, costs, costs.length);
        core.write("f64", thresholdOffset, thresholds, totals);
        const count = core.functions.priceCollect({
          values: addressOf(this),
          apps: this.apps,
          capacity,
          given: costOffset,
          scratch,
          thresholds: thresholdOffset,
          limit,
          found,
          reducedValues: reduced,
        });
        const kept = Math.min(count, limit);
        return {
          count,
          ranks: core.read("u32", found, kept),
          reduced: core.read("f64", reduced, kept),
        };
      },
    );
  }

  #scratch(capacity: number): number {
    return coreOf(this).functions.pricingScratch(this.apps, capacity);
  }

  value(rank: number): number {
    if (!Number.isInteger(rank) || rank < 0 || rank >= this.#space.configurations) {
      throw new InputError(`Rank ${rank} is not in 0 to ${this.#space.configurations - 1}`);
    }
    return coreOf(this).view("f64", addressOf(this) + rank * 8, 1)[0]!;
  }

  lowest(): number {
    const values = coreOf(this).view("f64", addressOf(this), this.#space.configurations);
    return values.reduce(
      (low, value) => value > FORBIDDEN_VALUE / 2 ? Math.min(low, value) : low,
      0,
    );
  }

  unrank(rank: number, counts: Uint8Array, offset: number = 0): void {
    this.#space.unrank(rank, counts, offset);
  }
}

/** Drops empty buckets and takes the best of each total. best: row-major, totals x buckets. */
function summarise(
  best: Float64Array,
  ranks: Uint32Array,
  capacity: number,
): PricedConfigurations {
  const kept: number[] = [];
  const bestByTotal = new Float64Array(capacity + 1).fill(FORBIDDEN_VALUE);
  best.forEach((reduced, at) => {
    if (reduced <= FORBIDDEN_VALUE / 2) return;
    const total = Math.floor(at / BUCKETS);
    kept.push(at);
    bestByTotal[total] = Math.max(bestByTotal[total]!, reduced);
  });
  return {
    bestByTotal,
    ranks: Uint32Array.from(kept, (at) => ranks[at]!),
    reduced: Float64Array.from(kept, (at) => best[at]!),
  };
}

/** Counts by rank without a call into the core; the order is that of sim-wasm/assembly/space/space.ts. */
export class RankedSpace {
  readonly configurations: number;
  /** Element (i - 1) * (capacity + 2) + p is C(p + i - 1, i): the first rank whose i-th prefix sum is p. */
  readonly #terms: Float64Array;

  /** @throws {UnsupportedError} if the space is too large for a table. */
  constructor(readonly apps: number, readonly capacity: number) {
    this.configurations = configurationCount(apps, capacity);
    if (!(this.configurations <= DENSE_LIMIT)) {
      throw new UnsupportedError(
        `${apps} apps and ${capacity} slots give ${
          largeNumber(this.configurations)
        } configurations: too many for a table`,
      );
    }
    const width = capacity + 2;
    this.#terms = new Float64Array(apps * width);
    for (let i = 1; i <= apps; i++) {
      // C(p + i - 1, i) = C(p + i - 2, i) + C(p + i - 2, i - 1): Pascal's rule along p.
      for (let p = 1; p < width; p++) {
        const lower = i === 1 ? 1 : this.#terms[(i - 2) * width + p]!;
        this.#terms[(i - 1) * width + p] = this.#terms[(i - 1) * width + p - 1]! + lower;
      }
    }
  }

  /** Writes the counts of a rank. */
  unrank(rank: number, counts: Uint8Array, offset: number = 0): void {
    const width = this.capacity + 2;
    let above = 0;
    let prefix = this.capacity;
    for (let i = this.apps; i >= 1; i--) {
      while (this.#terms[(i - 1) * width + prefix]! > rank) prefix--;
      rank -= this.#terms[(i - 1) * width + prefix]!;
      if (i < this.apps) counts[offset + i] = above - prefix;
      above = prefix;
    }
    counts[offset] = above;
  }
}
