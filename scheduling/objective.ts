import { type InterferenceModel, type SpaceModel, UnsupportedError } from "../domain/mod.ts";
import { FORBIDDEN_VALUE, Simulator } from "../sim-wasm/mod.ts";
import type { SchedulingProblem } from "./contract.ts";

/** What a placement is to make large: the total throughput, or the RPS of its slowest container. */
export type Objective = "throughput" | "worst";

/** Names of the objectives. */
export const OBJECTIVES: readonly Objective[] = ["throughput", "worst"];

/** Configurations that are asked for at a time. */
const CHUNK = 65536;

/** A surface whose values for searches are given, by rank, while its answers are those of a model. */
export class GivenSurface implements SpaceModel {
  readonly kind: string;
  readonly apps: readonly string[];

  /**
   * A surface over a model.
   * @param values By rank, of every configuration of at most the capacity that is asked for; FORBIDDEN_VALUE
   * where it may not be.
   * @param forbids Whether any is.
   */
  constructor(
    readonly model: InterferenceModel,
    readonly values: Float64Array,
    readonly forbids: boolean,
  ) {
    this.kind = model.kind;
    this.apps = model.apps;
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.model.predict(counts, rows);
  }

  /** As {@link SpaceModel.predictSpace}. @throws {UnsupportedError} where the model cannot. */
  predictSpace(capacity: number): Float64Array {
    const space = this.model as Partial<SpaceModel>;
    if (space.predictSpace === undefined) {
      throw new UnsupportedError(`A model of kind ${this.kind} does not predict whole spaces`);
    }
    return space.predictSpace(capacity);
  }

  /** As {@link SpaceModel.throughputSpace}. */
  throughputSpace(): Float64Array {
    return this.values;
  }
}

/** Latencies that configurations are predicted to have. */
export interface LatencyForecast {
  /** 99th percentile latency in milliseconds: row-major, rows x apps; 0 where the app is absent. */
  predict(counts: Uint8Array, rows: number): Float64Array;
}

/**
 * The surface without the configurations in which some present app is predicted to be slower than its limit.
 * Latency need not grow with every container (a store may help its users), so unlike rules these
 * prohibitions are not closed downwards: searches that add container by container cannot pass through a
 * forbidden configuration to a permitted one, `optimal` looks at all that are permitted.
 * @param limits Milliseconds per app; null = none.
 * @throws {UnsupportedError} where there are too many configurations for a table.
 */
export function forbidSlow(
  simulator: Simulator,
  forecast: LatencyForecast,
  limits: readonly (number | null)[],
): Simulator {
  const apps = simulator.apps.length;
  const slow = new Uint8Array(needTable(simulator, "Latency limits"));
  eachChunk(simulator, (counts, rows, first) => {
    const latencies = forecast.predict(counts, rows);
    for (let row = 0; row < rows; row++) {
      for (let app = 0; app < apps; app++) {
        const limit = limits[app] ?? Infinity;
        const at = row * apps + app;
        if (counts[at]! > 0 && !(latencies[at]! <= limit)) slow[first + row] = 1;
      }
    }
  });
  return forbid(simulator, (rank) => slow[rank] === 1);
}

/** The surface without some configurations, besides those that it forbids already. Never the empty one. */
export function forbid(simulator: Simulator, forbidden: (rank: number) => boolean): Simulator {
  const values = simulator.table();
  for (let rank = 1; rank < values.length; rank++) {
    if (forbidden(rank)) values[rank] = FORBIDDEN_VALUE;
  }
  return withValues(simulator, values, true);
}

/** RPS of the slowest container of every configuration, by rank; Infinity for the empty one. */
export function slowestByRank(simulator: Simulator): Float64Array {
  const apps = simulator.apps.length;
  const slowest = new Float64Array(needTable(simulator, "The objective worst")).fill(Infinity);
  eachChunk(simulator, (counts, rows, first) => {
    const rps = simulator.model.predict(counts, rows);
    for (let at = 0; at < rows * apps; at++) {
      const rank = first + Math.floor(at / apps);
      if (counts[at]! > 0) slowest[rank] = Math.min(slowest[rank]!, rps[at]!);
    }
  });
  return slowest;
}

/** How much more a slow container weighs than a fast one: the power of their ratio. */
const SHARPNESS = 12;
/** RPS below which a container counts as no slower. */
const SLOWEST = 0.01;

/**
 * The problem on the surface that a search for its objective climbs. For the slowest container that is a
 * smooth stand-in, minus the sum of RPS ^ -12: each halving weighs 4096 times, so the slowest decide.
 */
export function steer(problem: SchedulingProblem): SchedulingProblem {
  if (problem.objective !== "worst") return problem;
  const { simulator } = problem;
  const apps = simulator.apps.length;
  needTable(simulator, "The objective worst");
  const values = simulator.table();
  eachChunk(simulator, (counts, rows, first) => {
    const rps = simulator.model.predict(counts, rows);
    for (let row = 0; row < rows; row++) {
      if (values[first + row]! <= FORBIDDEN_VALUE / 2) continue;
      let value = 0;
      for (let at = row * apps; at < (row + 1) * apps; at++) {
        if (counts[at]! > 0) value -= counts[at]! * Math.max(SLOWEST, rps[at]!) ** -SHARPNESS;
      }
      values[first + row] = value;
    }
  });
  return { ...problem, simulator: withValues(simulator, values, simulator.forbids) };
}

/** True where a placement holds no configuration that its surface forbids. */
export function isPermitted(simulator: Simulator, total: number): boolean {
  return !simulator.forbids || total > FORBIDDEN_VALUE / 2;
}

function withValues(simulator: Simulator, values: Float64Array, forbids: boolean): Simulator {
  const { model, capacity } = simulator;
  const answers = model instanceof GivenSurface ? model.model : model;
  return Simulator.create({ model: new GivenSurface(answers, values, forbids), capacity });
}

/** Number of configurations. @throws {UnsupportedError} where they are too many for a table. */
function needTable({ dense, configurations }: Simulator, what: string): number {
  if (dense) return configurations;
  throw new UnsupportedError(
    `${what} needs a table of all configurations, but ${configurations} are too many`,
  );
}

function eachChunk(
  simulator: Simulator,
  look: (counts: Uint8Array, rows: number, first: number) => void,
): void {
  for (let first = 0; first < simulator.configurations; first += CHUNK) {
    const rows = Math.min(CHUNK, simulator.configurations - first);
    look(simulator.configurationCounts(first, rows), rows, first);
  }
}
