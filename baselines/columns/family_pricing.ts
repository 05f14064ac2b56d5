import {
  allowsConfiguration,
  configurationCount,
  InputError,
  NO_RULES,
  Owner,
  type Rules,
  withRounding,
} from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import {
  type CollectedConfigurations,
  FORBIDDEN_VALUE,
  type PricedConfigurations,
  type Pricing,
  type PricingOptions,
} from "../../sim-wasm/space/pricing.ts";

/** Most configurations of a family: each is valued once by the model, and looked at in every pass. */
const MOST_CONFIGURATIONS = 200_000;

/** Per total, how many different remainders of the rank give a column: more is more varied. */
const BUCKETS = 64;

/** Configurations that are valued at a time. */
const CHUNK = 4096;

/** The most different apps on a node of which all configurations can be looked at; at least 1. */
export function familySize(apps: number, capacity: number): number {
  let configurations = 1;
  for (let kinds = 1; kinds <= Math.min(apps, capacity); kinds++) {
    // So many sets of apps, and ways to share at most `capacity` slots among them: both binomial coefficients.
    configurations += configurationCount(kinds, apps - kinds) *
      configurationCount(kinds, capacity - kinds);
    if (configurations > MOST_CONFIGURATIONS) return Math.max(1, kinds - 1);
  }
  return Math.min(apps, capacity);
}

/**
 * Pricing within a family of configurations: those of at most so many different apps on a node. It looks at all of them, so what it
 * says is true of the family, and proves nothing about other configurations. A rank is the place in the family; 0 is the
 * empty one.
 */
export class FamilyPricing extends Owner implements Pricing {
  readonly apps: number;
  readonly capacity: number;
  /** Row-major, configurations x apps. */
  readonly #counts: Uint8Array;
  readonly #totals: Uint8Array;
  readonly #values: Float64Array;

  /** Values all configurations of the family. @param kinds Most different apps on a node. */
  constructor(simulator: Simulator, options: PricingOptions, kinds: number) {
    const { capacity, limits, surface = 0, apart, together } = options;
    super("pricing");
    const { needs = new Float64Array(), amounts = new Float64Array() } = options;
    this.apps = simulator.apps.length;
    this.capacity = capacity;
    const most = amounts.map(withRounding);
    const rules: Rules = {
      ...NO_RULES,
      maxPerNode: Array.from(limits),
      apart,
      ...(together === undefined ? {} : { together }),
    };
    const allows = (counts: Uint8Array): boolean =>
      allowsConfiguration(rules, counts) &&
      most.every((amount, resource) =>
        counts.reduce(
          (sum, count, app) => sum + count * needs[app * most.length + resource]!,
          0,
        ) <= amount
      );
    const family = [...configurations(this.apps, capacity, kinds)].filter(allows);
    this.#counts = new Uint8Array(family.length * this.apps);
    family.forEach((counts, rank) => this.#counts.set(counts, rank * this.apps));
    this.#totals = Uint8Array.from(
      family,
      (counts) => counts.reduce((sum, count) => sum + count, 0),
    );
    this.#values = new Float64Array(family.length);
    for (let first = 0; first < family.length; first += CHUNK) {
      const rows = Math.min(CHUNK, family.length - first);
      const part = this.#counts.subarray(first * this.apps, (first + rows) * this.apps);
      this.#values.set(simulator.evaluateMany(part, rows, 1, surface), first);
    }
  }

  best(prices: Float64Array): PricedConfigurations {
    const bestByTotal = new Float64Array(this.capacity + 1).fill(FORBIDDEN_VALUE);
    const found = new Map<number, number>();
    const reduced = this.#reduced(prices);
    reduced.forEach((value, rank) => {
      const total = this.#totals[rank]!;
      bestByTotal[total] = Math.max(bestByTotal[total]!, value);
      const bucket = total * BUCKETS + rank % BUCKETS;
      const known = found.get(bucket);
      if (known === undefined || value > reduced[known]!) found.set(bucket, rank);
    });
    return this.#chosen([...found.values()], reduced, bestByTotal);
  }

  collect(
    prices: Float64Array,
    thresholds: Float64Array,
    limit: number,
  ): CollectedConfigurations {
    const reduced = this.#reduced(prices);
    const ranks: number[] = [];
    reduced.forEach((value, rank) => {
      if (value >= thresholds[this.#totals[rank]!]!) ranks.push(rank);
    });
    const count = ranks.length;
    ranks.length = Math.min(count, limit);
    return {
      count,
      ranks: Uint32Array.from(ranks),
      reduced: Float64Array.from(ranks, (rank) => reduced[rank]!),
    };
  }

  value(rank: number): number {
    const value = this.#values[rank];
    if (value !== undefined) return value;
    throw new InputError(`Rank ${rank} is not in 0 to ${this.#values.length - 1}`);
  }

  lowest(): number {
    return this.#values.reduce((low, value) => Math.min(low, value), 0);
  }

  unrank(rank: number, counts: Uint8Array, offset: number = 0): void {
    this.value(rank);
    counts.set(this.#counts.subarray(rank * this.apps, (rank + 1) * this.apps), offset);
  }

  /** Its memory is no core's. */
  protected override release(): void {}

  #reduced(prices: Float64Array): Float64Array {
    const { apps } = this;
    return this.#values.map((value, rank) => {
      let reduced = value;
      for (let app = 0; app < apps; app++) {
        const count = this.#counts[rank * apps + app]!;
        if (count > 0) reduced -= count * prices[app]!;
      }
      return reduced;
    });
  }

  #chosen(
    ranks: readonly number[],
    reduced: Float64Array,
    bestByTotal: Float64Array,
  ): PricedConfigurations {
    return {
      bestByTotal,
      ranks: Uint32Array.from(ranks),
      reduced: Float64Array.from(ranks, (rank) => reduced[rank]!),
    };
  }
}

/** All configurations of at most so many different apps, the empty one first. */
function* configurations(apps: number, capacity: number, kinds: number): Generator<Uint8Array> {
  const counts = new Uint8Array(apps);
  function* from(first: number, left: number, more: number): Generator<Uint8Array> {
    yield counts.slice();
    if (more === 0) return;
    for (let app = first; app < apps; app++) {
      for (let count = 1; count <= left; count++) {
        counts[app] = count;
        yield* from(app + 1, left - count, more - 1);
      }
      counts[app] = 0;
    }
  }
  yield* from(0, capacity, kinds);
}
