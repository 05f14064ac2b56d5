/**
 * Other values for the searches over a simulator's configurations: forbidden ones.
 * @module
 */
import {
  type InterferenceModel,
  largeNumber,
  type SpaceModel,
  UnsupportedError,
} from "../domain/mod.ts";
import { FORBIDDEN_VALUE, Simulator } from "../sim-wasm/mod.ts";

/** Configurations that are asked for at a time. */
const CHUNK = 65536;

/** A model of which some configurations may not be: of a given table of values, by rank. */
class RevaluedModel implements SpaceModel {
  readonly kind: string;
  readonly apps: readonly string[];
  readonly forbids = true;

  /** @param values By rank, of every configuration of at most the capacity that is asked for; FORBIDDEN_VALUE where it may not be. */
  constructor(readonly model: InterferenceModel, readonly values: Float64Array) {
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
 * A simulator without some configurations, besides those that it forbids already. The empty one is always allowed. To
 * be disposed of by the caller.
 * @param forbidden By rank and index of the surface.
 */
export function forbid(
  simulator: Simulator,
  forbidden: (rank: number, surface: number) => boolean,
): Simulator {
  const [model, ...more] = simulator.models.map((model, surface) => {
    const values = simulator.table(surface);
    for (let rank = 1; rank < values.length; rank++) {
      if (forbidden(rank, surface)) values[rank] = FORBIDDEN_VALUE;
    }
    return new RevaluedModel(model instanceof RevaluedModel ? model.model : model, values);
  });
  return Simulator.create({ model: model!, more, capacity: simulator.capacity });
}

/** True if a placement of this total holds no configuration that its simulator forbids. */
export function isPermitted(simulator: Simulator, total: number): boolean {
  return !simulator.forbids || total > FORBIDDEN_VALUE / 2;
}

/** Number of configurations. @throws {UnsupportedError} if they are too many for a table. */
export function needTable({ dense, configurations }: Simulator, what: string): number {
  if (dense) return configurations;
  throw new UnsupportedError(
    `${what} needs a table of all configurations, but ${largeNumber(configurations)} are too many`,
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
