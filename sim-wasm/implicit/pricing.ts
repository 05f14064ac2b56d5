import {
  formulaOf,
  InputError,
  largeNumber,
  Random,
  ShapeError,
  UnsupportedError,
} from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import { addressOf, CoreObject, coreOf } from "../core/core_object.ts";
import { contentionCalls, pairwiseCalls, type SearchCalls } from "./calls.ts";
import type {
  CollectedConfigurations,
  PricedConfigurations,
  Pricing,
  PricingOptions,
  ProofOptions,
} from "../space/pricing.ts";
import { type PermitRules, writePermit } from "../space/permits.ts";
import type { Simulator } from "../space/simulator.ts";

/** Configurations known so far, from which climbs start, and random ones beside them. */
const KNOWN_STARTS = 8;
const RANDOM_STARTS = 8;

/** Random starts where nothing better than what is known is found sooner: the last try before a proof. */
const LAST_STARTS = 200;

/** Most different apps of a random start. */
const MOST_DRAWN = 8;

/** Configurations beside which no more are looked for. */
const MOST_COLLECTED = 3000;

/** Boxes that may be open at a time. */
const ROOM = 2 ** 18;

/** Boxes between two looks at the clock. */
const BATCH = 8;

/**
 * Pricing without a table, for a model whose formula the core knows: columns by climbing from configurations known and
 * random ones, and the bound by branch and bound (sim-wasm/assembly/implicit/). `best` proves nothing: what it says of
 * any total is Infinity. A rank is the place of a configuration among those found; 0 is the empty one.
 */
export class ImplicitPricing extends CoreObject implements Pricing {
  readonly apps: number;
  readonly capacity: number;
  /** u8[apps] of each configuration known, by rank. */
  readonly #known: Uint8Array[] = [];
  readonly #values: number[] = [];
  readonly #ranks = new Map<string, number>();
  readonly #draws: Random;
  readonly #limits: Uint8Array;
  readonly #calls: SearchCalls;
  /** Of each app, those that wait for it, and that it waits for. */
  readonly #partners: readonly (readonly number[])[];

  /**
   * @param seed Of the random starts.
   * @throws {UnsupportedError} if the surface is neither a contention model nor a pairwise one.
   * @throws {ShapeError} if there are not as many limits as apps.
   */
  constructor(simulator: Simulator, options: PricingOptions, seed: number = 1) {
    const { capacity, limits, surface = 0 } = options;
    const apps = simulator.apps.length;
    const core = coreOf(simulator);
    const { functions } = core;
    const kind = simulator.dense ? undefined : formulaOf(simulator.models[surface]!)?.kind;
    if (kind !== "contention" && kind !== "pairwise") {
      throw new UnsupportedError(
        `A proof needs a table of all configurations, or a model whose formula it knows: ${
          largeNumber(simulator.configurations)
        } configurations are too many`,
      );
    }
    if (limits.length !== apps) throw new ShapeError("limits", apps, limits.length);
    const rules: PermitRules = {
      limits: Uint8Array.from(limits, (limit) => Math.min(limit, capacity)),
      amounts: options.amounts ?? new Float64Array(),
      needs: options.needs ?? new Float64Array(),
      apart: options.apart,
      together: options.together ?? [],
    };
    const { amounts, apart, together } = rules;
    const plain = amounts.length + apart.length + together.length === 0;
    const permit = plain ? 0 : writePermit(core, rules);
    const contention = functions.formulaOf(surface);
    const calls = kind === "contention"
      ? contentionCalls(functions, contention)
      : pairwiseCalls(functions, functions.modelOf(surface));
    const search = calls.create(apps, capacity, permit, ROOM);
    super("pricing", core, search, () => {
      calls.destroy(search);
      if (!plain) functions.freeOwner(permit);
    });
    this.apps = apps;
    this.capacity = capacity;
    this.#limits = rules.limits;
    this.#calls = calls;
    core.write("u8", calls.limits(search), this.#limits, apps);
    this.#draws = new Random(seed);
    const servers = kind === "contention"
      ? core.read("i32", functions.contentionServers(contention), apps)
      : new Int32Array(apps).fill(-1);
    this.#partners = Array.from(
      servers,
      (server, app) => [
        ...(server < 0 ? [] : [server]),
        ...[...servers.keys()].filter((client) => servers[client] === app),
      ],
    );
    this.#learn(new Uint8Array(apps));
  }

  best(prices: Float64Array): PricedConfigurations {
    this.#setPrices(prices);
    const ranked = this.#reducedOfAll(prices);
    const order = Array.from(ranked, (_, rank) => rank).sort((a, b) => ranked[b]! - ranked[a]!);
    const found = new Set(order.slice(0, KNOWN_STARTS));
    const best = ranked[order[0]!]!;
    let better = false;
    const tryFrom = (start: Uint8Array): void => {
      const rank = this.#climb(start);
      found.add(rank);
      better ||= reducedValue(this.#known[rank]!, this.#values[rank]!, prices) > best + 1e-9;
    };
    for (const rank of order.slice(0, KNOWN_STARTS)) tryFrom(this.#known[rank]!);
    for (let draw = 0; draw < (better ? RANDOM_STARTS : LAST_STARTS); draw++) {
      tryFrom(this.#drawStart());
    }
    return this.#priced(prices, found, Infinity);
  }

  /**
   * The highest that any permitted configuration is worth at these prices, for nodes of some capacities, with what was
   * found on the way. Ends early where it finds a configuration that is worth more than `enough`.
   */
  prove(
    prices: Float64Array,
    { capacities, enough, tolerance, stop }: ProofOptions,
  ): PricedConfigurations & { readonly boxes: number } {
    this.#setPrices(prices);
    const core = coreOf(this);
    const calls = this.#calls;
    const search = addressOf(this);
    const found = new Set<number>();
    const bounds = new Float64Array(this.capacity + 1).fill(Infinity);
    bounds[0] = 0;
    let boxes = 0;
    const ranked = this.#reducedOfAll(prices);
    const ascending = capacities.map((capacity, at) => ({ capacity, enough: enough[at]! }))
      .sort((a, b) => a.capacity - b.capacity);
    let below = 1;
    for (const { capacity, enough } of ascending) {
      calls.capacity(search, capacity);
      let start = 0;
      ranked.forEach((reduced, rank) => {
        if (reduced > ranked[start]! && totalOf(this.#known[rank]!) <= capacity) start = rank;
      });
      core.lend([["u8", this.apps]], (counts) => {
        core.write("u8", counts, this.#known[start]!, this.apps);
        calls.begin(search, counts, tolerance);
      });
      while (!calls.proceed(search, tolerance, BATCH)) {
        if (stop() || calls.value(search) > enough + tolerance) break;
      }
      boxes += calls.boxes(search);
      found.add(this.#climb(core.read("u8", calls.best(search), this.apps)));
      bounds.fill(calls.bound(search), below, capacity + 1);
      below = capacity + 1;
    }
    calls.capacity(search, this.capacity);
    return { ...this.#priced(prices, found, 0), bestByTotal: bounds, boxes };
  }

  /** Those known, and those one step from the best of them, as far as they reach the threshold; never all there are. */
  collect(
    prices: Float64Array,
    thresholds: Float64Array,
    limit: number,
  ): CollectedConfigurations {
    const reaches = (rank: number, reduced: number): boolean =>
      reduced >= (thresholds[totalOf(this.#known[rank]!)] ?? Infinity);
    const reduced = Array.from(this.#reducedOfAll(prices));
    const waiting = reduced.flatMap((value, rank) => reaches(rank, value) ? [rank] : []);
    const byWorth = (a: number, b: number): number => reduced[b]! - reduced[a]!;
    waiting.sort(byWorth);
    const ranks = [...waiting];
    const most = Math.min(limit, MOST_COLLECTED);
    for (const rank of waiting) {
      if (ranks.length >= most) break;
      for (const counts of this.#steps(this.#known[rank]!)) {
        const value = reducedValue(counts, this.#throughput(counts), prices);
        if (value < (thresholds[totalOf(counts)] ?? Infinity)) continue;
        const found = this.#learn(counts);
        if (found < reduced.length) continue;
        reduced.push(value);
        ranks.push(found);
      }
    }
    ranks.sort(byWorth).length = Math.min(ranks.length, limit);
    return {
      count: Infinity,
      ranks: Uint32Array.from(ranks),
      reduced: Float64Array.from(ranks, (rank) => reduced[rank]!),
    };
  }

  value(rank: number): number {
    const value = this.#values[rank];
    if (value === undefined) {
      throw new InputError(`Rank ${rank} is not in 0 to ${this.#values.length - 1}`);
    }
    return value;
  }

  /** The formula knows no throughput below that of an empty node. */
  lowest(): number {
    return 0;
  }

  unrank(rank: number, counts: Uint8Array, offset: number = 0): void {
    this.value(rank);
    counts.set(this.#known[rank]!, offset);
  }

  /** Configurations found so far. */
  get known(): number {
    return this.#known.length;
  }

  /** The rank of a configuration, which is known from now on. */
  #learn(counts: Uint8Array): number {
    const key = counts.join();
    const known = this.#ranks.get(key);
    if (known !== undefined) return known;
    this.#ranks.set(key, this.#known.length);
    this.#known.push(counts);
    this.#values.push(this.#throughput(counts));
    return this.#known.length - 1;
  }

  #throughput(counts: Uint8Array): number {
    const core = coreOf(this);
    return core.lend([["u8", this.apps]], (at) => {
      core.write("u8", at, counts, this.apps);
      return this.#calls.throughput(addressOf(this), at);
    });
  }

  /** The configurations that one container more, less or another makes of one, as far as the rules allow. */
  *#steps(from: Uint8Array): Generator<Uint8Array> {
    const total = totalOf(from);
    for (let less = -1; less < this.apps; less++) {
      if (less >= 0 && from[less] === 0) continue;
      for (let more = -1; more < this.apps; more++) {
        if (more === less || (more >= 0 && from[more]! >= this.#limits[more]!)) continue;
        if (less < 0 && total >= this.capacity) continue;
        const counts = from.slice();
        if (less >= 0) counts[less]!--;
        if (more >= 0) counts[more]!++;
        if (this.#permits(counts)) yield counts;
      }
    }
  }

  #permits(counts: Uint8Array): boolean {
    const core = coreOf(this);
    return core.lend([["u8", this.apps]], (at) => {
      core.write("u8", at, counts, this.apps);
      return this.#calls.permits(addressOf(this), at);
    });
  }

  #climb(start: Uint8Array): number {
    const core = coreOf(this);
    return this.#learn(core.lend([["u8", this.apps]], (at: Address) => {
      core.write("u8", at, start, this.apps);
      this.#calls.climb(addressOf(this), at);
      return core.read("u8", at, this.apps);
    }));
  }

  /**
   * A random node that keeps the rules: a few apps, every other one drawn from those that wait for one of them or that
   * one of them waits for. Containers that may not join are left out.
   */
  #drawStart(): Uint8Array {
    const counts = new Uint8Array(this.apps);
    const drawn = [this.#draws.below(this.apps)];
    for (let more = this.#draws.below(MOST_DRAWN); more > 0; more--) {
      const near = this.#draws.below(2) === 0
        ? []
        : this.#partners[drawn[this.#draws.below(drawn.length)]!]!;
      drawn.push(near[this.#draws.below(Math.max(1, near.length))] ?? this.#draws.below(this.apps));
    }
    const fill = 1 + this.#draws.below(this.capacity);
    for (let container = 0; container < fill; container++) {
      const app = drawn[this.#draws.below(drawn.length)]!;
      if (counts[app]! >= this.#limits[app]!) continue;
      counts[app]!++;
      if (!this.#permits(counts)) counts[app]!--;
    }
    return counts;
  }

  #reducedOfAll(prices: Float64Array): Float64Array {
    return Float64Array.from(
      this.#known,
      (counts, rank) => reducedValue(counts, this.#values[rank]!, prices),
    );
  }

  #priced(
    prices: Float64Array,
    found: ReadonlySet<number>,
    bound: number,
  ): PricedConfigurations {
    const ranks = Uint32Array.from(found);
    const reduced = Float64Array.from(
      ranks,
      (rank) => reducedValue(this.#known[rank]!, this.#values[rank]!, prices),
    );
    const bestByTotal = new Float64Array(this.capacity + 1).fill(bound);
    bestByTotal[0] = 0;
    return { bestByTotal, ranks, reduced };
  }

  #setPrices(prices: Float64Array): void {
    const core = coreOf(this);
    core.write("f64", this.#calls.prices(addressOf(this)), prices, this.apps);
  }
}

function reducedValue(counts: Uint8Array, throughput: number, prices: Float64Array): number {
  let reduced = throughput;
  for (let app = 0; app < counts.length; app++) {
    if (counts[app]! > 0) reduced -= counts[app]! * prices[app]!;
  }
  return reduced;
}

function totalOf(counts: Uint8Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
