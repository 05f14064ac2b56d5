import {
  configurationCount,
  type Formula,
  formulaOf,
  InputError,
  type InterferenceModel,
  largeNumber,
  MAX_CAPACITY,
  type Placement,
  type Problem,
  ShapeError,
  type SpaceModel,
} from "../../domain/mod.ts";
import { ClusterState } from "./cluster_state.ts";
import type { Address } from "../build/core_exports.ts";
import { Core } from "../core/core.ts";
import { CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import { isQuick, placeFormula } from "../formula/place.ts";
import { placeContention } from "../implicit/contention.ts";

/** Spaces up to this many configurations are held as one table, larger ones as a hashed cache. */
export const DENSE_LIMIT = 2 ** 24;

/** Default of SimulatorOptions.transitionLimit. */
const TRANSITION_LIMIT = 2 ** 23;

/** Largest limit of either kind: a table of so many numbers still fits the core's memory. */
const MAX_LIMIT = 2 ** 27;

/** Bytes of the keys of a hashed cache, and entries that it has at most, where the caller does not say. */
const CACHE_BYTES = 2 ** 27;
const CACHE_ENTRIES = 2 ** 20;

/** Most apps of a simulator: an app and its absence are told apart in two bytes. */
export const MAX_APPS = 65_534;

/** Most surfaces of a simulator: the cache tells them apart in one byte. */
const MAX_SURFACES = 256;

/** Configurations that a model predicts at a time: bounds the memory of filling a table. */
const CHUNK = 65536;

/** What a simulator is made of. */
export interface SimulatorOptions {
  /** Says how fast each app runs in each configuration. */
  readonly model: InterferenceModel;
  /** Further surfaces over the same apps, for node classes with one of their own; `model` is surface 0. @default none */
  readonly more?: readonly InterferenceModel[];
  /** Slots of the largest node, 1 to 255. */
  readonly capacity: number;
  /** Size of the hashed cache where the space is too large for a table; a power of two. @default at most 2^20 and 128 MB */
  readonly cacheEntries?: number;
  /** Most configurations that are held as a table. @default DENSE_LIMIT */
  readonly denseLimit?: number;
  /** Most entries of the tables of transitions (4 bytes each, two tables). @default 2^23 */
  readonly transitionLimit?: number;
  /** Told now and then which share, 0 to 1, of the table is filled: large ones take many seconds. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * The throughput of every configuration under one model, in the WebAssembly core: the surface that
 * schedulers search. Dense spaces (see DENSE_LIMIT) are filled at creation, so that a node's
 * throughput is one table read; larger ones evaluate the model's formula where it has one, else they ask the model; what
 * takes long they do on first use, and keep the answers.
 *
 * Configurations are ranked with prefix sums p_i of their counts: rank = sum over i of C(p_i + i - 1, i). Those
 * with a total of at most s are the ranks below C(s + apps, apps); rank 0 is the empty one.
 */
export class Simulator extends CoreObject {
  /** Names of the apps, in the order of every count vector. */
  readonly apps: readonly string[];
  /** Model of the first surface. */
  readonly model: InterferenceModel;
  /** Models of all surfaces; NodeClass.surface is an index here. */
  readonly models: readonly InterferenceModel[];
  /** Slots of the largest node. */
  readonly capacity: number;
  /** Number of configurations, the empty one included. */
  readonly configurations: number;
  /** True if all throughputs are in one table. */
  readonly dense: boolean;
  /** True if the core evaluates formulas instead of a table, as fast as it would look into a cache, for all surfaces. */
  readonly byFormula: boolean;
  /** True if the core never asks a model: it has a table, or knows the formulas of all surfaces, quick ones or slow. */
  readonly inCore: boolean;
  /** True if the core holds tables of what each step makes of a configuration: policies need them. */
  readonly hasTransitions: boolean;
  /** True if some configurations may not be, whatever the rules say: their value is FORBIDDEN_VALUE. */
  readonly forbids: boolean;

  /** Use {@link Simulator.create}. */
  private constructor(options: SimulatorOptions) {
    const { model, capacity } = options;
    const apps = model.apps.length;
    const configurations = configurationCount(apps, capacity);
    const dense = configurations <= (options.denseLimit ?? DENSE_LIMIT);
    let stride = 1;
    while (stride <= apps) stride *= 2;
    const hasTransitions = dense &&
      (configurations + 1) * stride <= (options.transitionLimit ?? TRANSITION_LIMIT);
    const models = [model, ...options.more ?? []];
    const core: Core = new Core(
      "simulator",
      (counts, surface) => predictOne(core, models[surface]!, counts),
    );
    const { functions } = core;
    const formulas = dense ? [] : models.map(formulaOf);
    const byFormula = formulas.every((formula) => formula !== undefined && isQuick(formula));
    if (dense) {
      functions.createDense(apps, capacity, configurations, models.length, hasTransitions);
    } else {
      const entries = byFormula ? 1 : options.cacheEntries ?? usualEntries(apps);
      functions.createHashed(apps, capacity, models.length, entries);
      const placed = new Map<Formula, Address>();
      formulas.forEach((formula, surface) => {
        if (formula === undefined) return;
        if (formula.kind === "contention") {
          functions.setFormula(surface, placeContention(core, formula));
        } else functions.setModel(surface, placeFormula(core, apps, formula, placed));
      });
    }
    super("simulator", core, dense ? functions.valuesOf(0) : 0, () => core.dispose());
    this.apps = model.apps;
    this.model = model;
    this.models = models;
    this.capacity = capacity;
    this.configurations = configurations;
    this.dense = dense;
    this.inCore = formulas.every((formula) => formula !== undefined);
    this.byFormula = !dense && byFormula;
    this.hasTransitions = hasTransitions;
    this.forbids = models.some((one) => (one as Partial<SpaceModel>).forbids === true);
    if (!dense) return;
    models.forEach((one, surface) =>
      this.#fillTable(one, surface, (fraction) => {
        options.onProgress?.((surface + fraction) / models.length);
      })
    );
  }

  /**
   * Makes a simulator, and fills its table where the space is dense: seconds to minutes for millions of configurations.
   * @throws {InputError} for a capacity or limit out of range, too many apps or surfaces, or surfaces of other apps.
   * @throws {MissingConfigurationError} if the model is a table with gaps.
   */
  static create(options: SimulatorOptions): Simulator {
    const { model, more = [], capacity, cacheEntries = CACHE_ENTRIES } = options;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
      throw new InputError(`Capacity must be a whole number from 1 to 255: got ${capacity}`);
    }
    if (model.apps.length < 1 || model.apps.length > MAX_APPS) {
      throw new InputError(`A simulator takes 1 to ${MAX_APPS} apps: got ${model.apps.length}`);
    }
    if (more.length >= MAX_SURFACES) {
      throw new InputError(`A simulator takes at most ${MAX_SURFACES} surfaces`);
    }
    const names = model.apps.join("\n");
    for (const { apps } of more) {
      if (apps.join("\n") !== names) {
        throw new InputError(
          `Surfaces of one simulator have the same apps: got ${apps.join(", ")} beside ${
            model.apps.join(", ")
          }`,
        );
      }
    }
    if (cacheEntries < 16 || cacheEntries > 2 ** 24 || Math.log2(cacheEntries) % 1 !== 0) {
      throw new InputError(
        `cacheEntries must be a power of two from 16 to 2^24: got ${cacheEntries}`,
      );
    }
    const { denseLimit = DENSE_LIMIT, transitionLimit = TRANSITION_LIMIT } = options;
    for (const [name, limit] of Object.entries({ denseLimit, transitionLimit })) {
      if (!Number.isInteger(limit) || limit < 0 || limit > MAX_LIMIT) {
        throw new InputError(`${name} must be a whole number from 0 to ${MAX_LIMIT}: got ${limit}`);
      }
    }
    return new Simulator(options);
  }

  /** Bytes of memory that the space and its states take. */
  get memoryBytes(): number {
    return coreOf(this).memoryBytes;
  }

  /**
   * Dense index of a configuration.
   * @param counts Read from `offset`, one count per app.
   * @throws {InputError} if the counts do not fit the capacity, or the space is hashed.
   */
  rank(counts: ArrayLike<number>, offset: number = 0): number {
    this.#needDense("rank");
    return this.#withCounts(counts, offset, functionsOf(this).rankOf);
  }

  /** Counts of the configuration with this index. Length = apps. */
  unrank(rank: number): Uint8Array {
    return this.configurationCounts(rank, 1);
  }

  /** Counts of `rows` configurations from index `first` on: row-major, rows x apps. */
  configurationCounts(first: number, rows: number): Uint8Array {
    this.#needDense("configurationCounts");
    if (
      !Number.isInteger(first) || !Number.isInteger(rows) || first < 0 || rows < 0 ||
      first + rows > this.configurations
    ) {
      throw new InputError(
        `Configurations ${first} to ${first + rows} are not all in 0 to ${this.configurations}`,
      );
    }
    const length = rows * this.apps.length;
    const core = coreOf(this);
    return core.lend([["u8", length]], (counts) => {
      core.functions.unrankMany(first, rows, counts);
      return core.read("u8", counts, length);
    });
  }

  /**
   * Throughput of one node: sum over apps of count x normalised RPS.
   * @param surface Index of the surface that values it.
   * @throws {InputError} above capacity.
   */
  throughput(counts: ArrayLike<number>, offset: number = 0, surface: number = 0): number {
    return this.#withCounts(counts, offset, (at) => functionsOf(this).throughputOf(at, surface));
  }

  /** A copy of a surface's throughputs by rank. Length = configurations. @throws {InputError} for a hashed space. */
  table(surface: number = 0): Float64Array {
    this.#needDense("table");
    const core = coreOf(this);
    return core.read("f64", core.functions.valuesOf(surface), this.configurations);
  }

  /**
   * Total throughput of a placement.
   * @param surfaces Index of the surface that values each node; the first for all if it is not given.
   * @throws {InputError} if a node holds more than `capacity`.
   */
  evaluate(placement: Placement, surfaces?: ArrayLike<number>): number {
    const { counts, nodes } = placement;
    if (surfaces === undefined) return this.evaluateMany(counts, 1, nodes)[0]!;
    const apps = this.apps.length;
    return this.models.reduce((total, _, surface) => {
      const own = Array.from({ length: nodes }, (_, node) => node)
        .filter((node) => surfaces[node] === surface);
      const rows = new Uint8Array(own.length * apps);
      own.forEach((node, row) =>
        rows.set(counts.subarray(node * apps, (node + 1) * apps), row * apps)
      );
      return total + this.evaluateMany(rows, 1, own.length, surface)[0]!;
    }, 0);
  }

  /**
   * Total throughput of many placements of one size.
   * @param counts Row-major, placements x nodes x apps.
   * @param surface Index of the surface that values all nodes.
   * @returns Length = placements.
   * @throws {ShapeError} if `counts` has another length.
   * @throws {InputError} if a node holds more than `capacity`.
   */
  evaluateMany(
    counts: Uint8Array,
    placements: number,
    nodes: number,
    surface: number = 0,
  ): Float64Array {
    const length = placements * nodes * this.apps.length;
    if (counts.length !== length) throw new ShapeError("counts", length, counts.length);
    const core = coreOf(this);
    const totals = core.lend([["u8", length + 8], ["f64", placements]], (block, out) => {
      core.write("u8", block, counts, length);
      core.functions.evaluateMany(block, placements, nodes, surface, out);
      return core.read("f64", out, placements);
    });
    const broken = totals.findIndex(Number.isNaN);
    if (broken >= 0) {
      throw new InputError(
        `A node of placement ${broken} holds more than ${this.capacity} containers`,
      );
    }
    return totals;
  }

  /**
   * Total throughput of nodes whose configurations are known by rank: one table read a node.
   * @param ranks Each from 0 to configurations - 1.
   * @throws {InputError} for a rank out of range, or a hashed space.
   */
  evaluateRanks(ranks: Uint32Array): number {
    this.#needDense("evaluateRanks");
    const core = coreOf(this);
    return core.lend([["u32", ranks.length]], (block) => {
      core.write("u32", block, ranks, ranks.length);
      const total = core.functions.sumRanks(block, ranks.length);
      if (Number.isNaN(total)) {
        throw new InputError(`A rank is not in 0 to ${this.configurations - 1}`);
      }
      return total;
    });
  }

  /**
   * A cluster state for a problem: its nodes, their slots, its rules; empty at first. Dispose of it after use.
   * @throws {InputError} if the problem's apps differ from the simulator's, or a node is larger than `capacity`.
   */
  clusterState(problem: Problem): ClusterState {
    return new ClusterState(this, problem);
  }

  #needDense(what: string): void {
    if (!this.dense) {
      throw new InputError(
        `${what} needs a table, but ${
          largeNumber(this.configurations)
        } configurations are too many (limit ${DENSE_LIMIT})`,
      );
    }
  }

  #withCounts(
    counts: ArrayLike<number>,
    offset: number,
    use: (counts: Address) => number,
  ): number {
    const apps = this.apps.length;
    if (counts.length < offset + apps) throw new ShapeError("counts", offset + apps, counts.length);
    let total = 0;
    for (let app = 0; app < apps; app++) {
      const count = counts[offset + app]!;
      if (!Number.isInteger(count) || count < 0) {
        throw new InputError(`Counts must be whole numbers, 0 or more: got ${count}`);
      }
      total += count;
    }
    if (total > this.capacity) {
      throw new InputError(
        `${total} containers are more than the ${this.capacity} slots of a node`,
      );
    }
    const core = coreOf(this);
    return core.lend([["u8", apps + 8]], (at) => {
      const view = core.view("u8", at, apps);
      for (let app = 0; app < apps; app++) view[app] = counts[offset + app]!;
      return use(at);
    });
  }

  #fillTable(
    model: InterferenceModel,
    surface: number,
    onProgress: (fraction: number) => void,
  ): void {
    const address = coreOf(this).functions.valuesOf(surface);
    const whole = (model as Partial<SpaceModel>).throughputSpace?.(this.capacity, onProgress);
    if (whole !== undefined) {
      coreOf(this).write("f64", address, whole, this.configurations);
      return;
    }
    const apps = this.apps.length;
    for (let first = 0; first < this.configurations; first += CHUNK) {
      const rows = Math.min(CHUNK, this.configurations - first);
      const counts = this.configurationCounts(first, rows);
      const rps = model.predict(counts, rows);
      const values = coreOf(this).view("f64", address + first * 8, rows);
      for (let row = 0; row < rows; row++) {
        let throughput = 0;
        for (let at = row * apps; at < (row + 1) * apps; at++) throughput += counts[at]! * rps[at]!;
        values[row] = throughput;
      }
      onProgress((first + rows) / this.configurations);
    }
  }
}

/** What the model says of a configuration that a hashed space asks for. */
function predictOne(core: Core, model: InterferenceModel, address: Address): number {
  const counts = core.read("u8", address, model.apps.length);
  const rps = model.predict(counts, 1);
  return counts.reduce((sum, count, app) => sum + count * rps[app]!, 0);
}

/** Entries of the cache: a power of two. */
function usualEntries(apps: number): number {
  return Math.min(CACHE_ENTRIES, 2 ** Math.floor(Math.log2(CACHE_BYTES / (apps + 8))));
}
