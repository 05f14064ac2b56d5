/**
 * Other values for the searches over a simulator's configurations: forbidden ones, or a stand-in for an objective.
 * @module
 */
import { type InterferenceModel, type SpaceModel, UnsupportedError } from "../domain/mod.ts";
import { FORBIDDEN_VALUE, Simulator } from "../sim-wasm/mod.ts";

/** Configurations that are asked for at a time. */
const CHUNK = 65536;

/** A model with other values for searches than its predictions say: of a given table, by rank. */
class RevaluedModel implements SpaceModel {
  readonly kind: string;
  readonly apps: readonly string[];

  /**
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

  /** As {@link SpaceModel.predictSpace}. @throws {UnsupportedError} if the model cannot. */
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

/**
 * A simulator whose searches see other values of the configurations, while its model still predicts the truth. To be
 * disposed of by the caller.
 * @param values By rank, of every configuration; FORBIDDEN_VALUE where it may not be.
 * @param forbids Whether any is.
 */
export function revalue(simulator: Simulator, values: Float64Array, forbids: boolean): Simulator {
  const { model, capacity } = simulator;
  const answers = model instanceof RevaluedModel ? model.model : model;
  return Simulator.create({ model: new RevaluedModel(answers, values, forbids), capacity });
}

/**
 * A simulator without some configurations, besides those that it forbids already. The empty one is always allowed. To
 * be disposed of by the caller.
 */
export function forbid(simulator: Simulator, forbidden: (rank: number) => boolean): Simulator {
  const values = simulator.table();
  for (let rank = 1; rank < values.length; rank++) {
    if (forbidden(rank)) values[rank] = FORBIDDEN_VALUE;
  }
  return revalue(simulator, values, true);
}

/** True if a placement of this total holds no configuration that its simulator forbids. */
export function isPermitted(simulator: Simulator, total: number): boolean {
  return !simulator.forbids || total > FORBIDDEN_VALUE / 2;
}

/** Number of configurations. @throws {UnsupportedError} if they are too many for a table. */
export function needTable({ dense, configurations }: Simulator, what: string): number {
  if (dense) return configurations;
  throw new UnsupportedError(
    `${what} needs a table of all configurations, but ${configurations} are too many`,
  );
}

/** Looks at all configurations, many at a time: their counts (rows x apps), how many, and the rank of the first. */
export function eachConfiguration(
  simulator: Simulator,
  look: (counts: Uint8Array, rows: number, first: number) => void,
): void {
  for (let first = 0; first < simulator.configurations; first += CHUNK) {
    const rows = Math.min(CHUNK, simulator.configurations - first);
    look(simulator.configurationCounts(first, rows), rows, first);
  }
}
