/**
 * From measurements to what a scheduler works on: a {@link Surface} says how fast every app runs in every
 * configuration, and where that is known from; it becomes a simulator, and with a demand and a cluster a problem.
 * @module
 */
import {
  aboutFile,
  type Cluster,
  type Demand,
  type InterferenceConstraint,
  type InterferenceModel,
  NO_RULES,
  type Profile,
  type Resources,
  type Rules,
  UnsupportedError,
} from "../domain/mod.ts";
import {
  type Arrangement,
  arrangeModel,
  describeKind,
  fitLatency,
  fitModel,
  type LatencyModel,
  TableModel,
  usualFit,
} from "../models/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import type { SchedulingProblem } from "./contract.ts";
import { forbidSlow, forbidStarving, type LatencyForecast } from "./limits.ts";
import type { Objective } from "./objective.ts";

/** What every surface is made with. */
export interface SurfaceOptions {
  /** File or dataset that it comes from, for messages and results. */
  readonly source: string;
  /** Seed of everything that is fitted. @default 1 */
  readonly seed?: number | undefined;
}

/** How a surface is fitted on a profile. */
export interface ProfileSurfaceOptions extends SurfaceOptions {
  /** Kind of model, one of fitNames(). @default what usualFit says */
  readonly fit?: string | undefined;
}

/** How the rows of a profile are taken as the truth. */
export interface TableSurfaceOptions extends SurfaceOptions {
  /** Kind of model that answers for configurations that were not measured. @default none */
  readonly fallback?: string | undefined;
  /** How the user names a fallback: told where a configuration is missing, such as "--fallback extra-trees". */
  readonly remedy?: string | undefined;
}

/** How a simulator of a surface is made. */
export interface SurfaceSimulatorOptions {
  /** Milliseconds of tail latency that no present app may be predicted to exceed; null = none. */
  readonly limits?: readonly (number | null)[];
  /** Normalised RPS per app that no container may be predicted to run below; null = none. */
  readonly floors?: readonly (number | null)[];
  /** Surfaces of the same apps for classes of nodes with one of their own: NodeClass.surface is the index, from 1. */
  readonly more?: readonly Surface[];
  /** Entries of the cache of a space that is too large for a table; see SimulatorOptions. */
  readonly cacheEntries?: number;
  /** Told which share, 0 to 1, of the configurations is predicted. */
  readonly onProgress?: (fraction: number) => void;
}

/** The measurements behind a surface, and how a model is fitted on such. */
interface Measured {
  readonly profile: Profile;
  readonly fit: (profile: Profile) => InterferenceModel;
  /** True if the rows are the truth. */
  readonly isTable: boolean;
}

/**
 * How fast every app runs in every configuration, and where that is known from. Made by
 * {@link surfaceFromProfile}, {@link surfaceFromTable} or {@link surfaceFromModel}.
 */
export class Surface {
  #latencies: LatencyModel | null | undefined;

  /** Use the functions that make surfaces. */
  constructor(
    /** Predicts normalised RPS. */
    readonly model: InterferenceModel,
    /** File or dataset that it comes from. */
    readonly source: string,
    private readonly measured: Measured | null,
    /** What it was arranged from. */
    private readonly original: Surface | null = null,
  ) {}

  /** Names of the apps, in the order of every count vector. */
  get apps(): readonly string[] {
    return this.model.apps;
  }

  /** Kind of model that answers for what was not measured, with what `auto` chose; "table" for a table. */
  get kind(): string {
    if (this.original !== null) return this.original.kind;
    return this.measured?.isTable ? "table" : learnedKind(this.model) ?? describeKind(this.model);
  }

  /** Kind of model that answers for configurations that a table lacks; null without a table, or without such a model. */
  get fallback(): string | null {
    if (this.original !== null) return this.original.fallback;
    return this.measured?.isTable ? learnedKind(this.model) : null;
  }

  /** The rows that it was fitted on, or that are its truth; absent for a saved model. */
  get profile(): Profile | undefined {
    return this.measured?.profile;
  }

  /** The surface of some of its apps, in another order, or at other speeds: what was measured is not known of it. */
  arranged(arrangement: Arrangement): Surface {
    const model = arrangeModel(this.model, arrangement);
    return model === this.model ? this : new Surface(model, this.source, null, this);
  }

  /**
   * Predicts 99th percentile latencies, fitted as the surface itself, at the first call; null if it was not
   * measured with such.
   * @throws {InputError} naming the source, where its latencies cannot be learned from.
   */
  latencies(): LatencyModel | null {
    if (this.#latencies === undefined) {
      const { measured, source } = this;
      this.#latencies = measured?.profile.p99 === undefined
        ? null
        : aboutFile(source, () => fitLatency(measured.profile, measured.fit));
    }
    return this.#latencies;
  }

  /**
   * The throughput of every configuration of at most `capacity` containers, without those in which a latency is
   * predicted to be above its limit, or a container below its floor. To be disposed by the caller.
   * @throws {InputError} for a capacity out of range.
   * @throws {MissingConfigurationError} naming source and remedy, where a table has gaps and no fallback.
   * @throws {UnsupportedError} for limits on a surface without latencies, and for limits or floors with too many
   * configurations.
   */
  simulator(capacity: number, options: SurfaceSimulatorOptions = {}): Simulator {
    const { limits = [], floors = [], more = [], ...rest } = options;
    if (more.length > 0) return this.#simulatorOfMany(capacity, more, options);
    let made = Simulator.create({ model: this.model, capacity, ...rest });
    const narrow = (without: (simulator: Simulator) => Simulator): void => {
      using wider = made;
      made = without(wider);
    };
    if (limits.some((limit) => limit !== null)) {
      narrow((simulator) => forbidSlow(simulator, this.#forecast(), limits));
    }
    if (floors.some((floor) => floor !== null)) {
      narrow((simulator) => forbidStarving(simulator, floors));
    }
    return made;
  }

  /** A simulator of several surfaces, each without what limits and floors forbid on it. */
  #simulatorOfMany(
    capacity: number,
    more: readonly Surface[],
    { limits = [], floors = [], onProgress, ...rest }: SurfaceSimulatorOptions,
  ): Simulator {
    const forbids = [...limits, ...floors].some((limit) => limit !== null);
    const surfaces = [this, ...more];
    const models = surfaces.map((surface, at) => {
      if (!forbids) return surface.model;
      using narrow = surface.simulator(capacity, {
        limits,
        floors,
        onProgress: (fraction) => onProgress?.((at + fraction) / surfaces.length),
      });
      return narrow.model;
    });
    return Simulator.create({
      ...rest,
      model: models[0]!,
      more: models.slice(1),
      capacity,
      ...(onProgress === undefined || forbids ? {} : { onProgress }),
    });
  }

  /** @throws {UnsupportedError} if latencies were not measured. */
  #forecast(): LatencyForecast {
    const forecast = this.latencies();
    if (forecast !== null) return forecast;
    throw new UnsupportedError(
      `${this.source}: latency limits need measured latencies: it has none`,
    );
  }
}

/**
 * The surface that a model makes of a measured profile.
 * @throws {UsageError} for an unknown kind of model.
 * @throws {InputError} naming the source, for a profile that such a model cannot learn from.
 *
 * @example
 * ```ts
 * import { datasetUrl, problemOn, readProfile, surfaceFromProfile, uniformCluster } from "../mod.ts";
 *
 * const bytes = new Uint8Array(await (await fetch(datasetUrl("lab-7x8"))).arrayBuffer());
 * const { profile } = await readProfile(bytes, "lab-7x8.csv");
 * const surface = surfaceFromProfile(profile, { source: "lab-7x8" });
 * const problem = problemOn(surface.simulator(8), {
 *   cluster: uniformCluster(81, 8),
 *   demand: [27, 32, 12, 37, 30, 34, 28],
 * });
 * ```
 */
export function surfaceFromProfile(profile: Profile, options: ProfileSurfaceOptions): Surface {
  const { source, seed = 1, fit = usualFit(profile) } = options;
  return fitted(profile, source, false, (rows) => fitModel(fit, rows, { seed }));
}

/**
 * The surface whose truth is the rows of a profile.
 * @throws {UsageError} for an unknown kind of fallback.
 * @throws {InputError} naming the source, for a profile that is no table, or that the fallback cannot learn from.
 */
export function surfaceFromTable(profile: Profile, options: TableSurfaceOptions): Surface {
  const { source, seed = 1, fallback, remedy } = options;
  const explainMissing = (message: string): string =>
    `${source}: ${message}${remedy === undefined ? "" : ` (${remedy})`}`;
  return fitted(
    profile,
    source,
    true,
    (rows) =>
      fitModel("table", rows, {
        seed,
        explainMissing,
        ...(fallback === undefined ? {} : { fallback }),
      }),
  );
}

/** The surface of a model that there is already, such as a saved one. */
export function surfaceFromModel(
  model: InterferenceModel,
  { source }: Pick<SurfaceOptions, "source">,
): Surface {
  return new Surface(model, source, null);
}

/** Kind of the model behind the measurements that it was told to trust; null if there is none. */
function learnedKind(model: InterferenceModel): string | null {
  return model instanceof TableModel && model.fallback !== null
    ? describeKind(model.fallback)
    : null;
}

function fitted(
  profile: Profile,
  source: string,
  isTable: boolean,
  fit: Measured["fit"],
): Surface {
  return new Surface(aboutFile(source, () => fit(profile)), source, { profile, fit, isTable });
}

/** What a placement is to reach on a surface. */
export interface Aim {
  /** What to make large. */
  readonly objective: Objective;
  /** Milliseconds of tail latency per app that must not be exceeded; null = none. */
  readonly limits: readonly (number | null)[];
  /** Predicts latencies, where the surface was measured with them. */
  readonly latency: LatencyForecast | null;
  /** Normalised RPS per app that each of its containers must keep; null = none. @default none */
  readonly floors?: readonly (number | null)[];
  /** By app: how often one of its containers counts; see SchedulingProblem. @default 1 each */
  readonly weights?: readonly number[];
}

/** What makes a problem of a surface. */
export interface ProblemParts {
  /** Nodes to place on. */
  readonly cluster: Cluster;
  /** Containers of each app, in the order of the surface. */
  readonly demand: Demand;
  /** What a placement must keep. @default nothing */
  readonly rules?: Rules | undefined;
  /** What one container of each app takes, besides its slot. @default nothing */
  readonly needs?: readonly Resources[] | undefined;
  /** For the schedulers that work by them; see SchedulingProblem. */
  readonly constraints?: readonly InterferenceConstraint[] | undefined;
  /** What to make large. @default throughput */
  readonly objective?: Objective | undefined;
  /** By app: how often one of its containers counts; see SchedulingProblem. @default 1 each */
  readonly weights?: readonly number[] | undefined;
}

/** The problem of placing a demand on a cluster, valued by a simulator. */
export function problemOn(simulator: Simulator, parts: ProblemParts): SchedulingProblem {
  const { cluster, demand, rules = NO_RULES, needs, constraints, objective, weights } = parts;
  return {
    apps: simulator.apps,
    cluster,
    demand,
    rules,
    simulator,
    ...(needs === undefined ? {} : { needs }),
    ...(constraints === undefined ? {} : { constraints }),
    ...(objective === undefined ? {} : { objective }),
    ...(weights === undefined ? {} : { weights }),
  };
}
