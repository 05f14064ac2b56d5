import {
  configurationCount,
  type InterferenceModel,
  ShapeError,
  type SpaceModel,
} from "../domain/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";

/** The RPS of every configuration of a surface: what a worker needs to have the same surface. */
export interface SurfaceData {
  /** Names of the apps. */
  readonly apps: readonly string[];
  /** Slots of a node. */
  readonly capacity: number;
  /** Row-major, configurations x apps, in rank order (see Simulator). */
  readonly rps: Float64Array;
}

/** Configurations that are predicted at a time. */
const CHUNK = 65536;

/**
 * Everything that a dense simulator knows of a surface, as plain data.
 * @param surface Index among its surfaces.
 * @throws {InputError} if it is not dense.
 */
export function surfaceData(simulator: Simulator, surface: number = 0): SurfaceData {
  const { apps, capacity, configurations } = simulator;
  const model = simulator.models[surface]!;
  // One that forbids some configurations may stand before a model that predicts row by row alone.
  const whole = simulator.forbids
    ? undefined
    : (model as Partial<SpaceModel>).predictSpace?.(capacity);
  if (whole !== undefined) return { apps, capacity, rps: whole };
  const rps = new Float64Array(configurations * apps.length);
  for (let first = 0; first < configurations; first += CHUNK) {
    const rows = Math.min(CHUNK, configurations - first);
    const counts = simulator.configurationCounts(first, rows);
    rps.set(model.predict(counts, rows), first * apps.length);
  }
  return { apps, capacity, rps };
}

/**
 * The simulator that {@link surfaceData} was taken of, for another thread. To be disposed by the caller.
 * @param more Its other surfaces, in their order.
 */
export function simulatorOfData(data: SurfaceData, more: readonly SurfaceData[] = []): Simulator {
  const tables = more.map((one) => new SurfaceTable(one));
  return Simulator.create({
    model: new SurfaceTable(data),
    more: tables,
    capacity: data.capacity,
  });
}

/** The surface of {@link SurfaceData} as a model: knows every configuration of at most `capacity` containers. */
export class SurfaceTable implements InterferenceModel {
  readonly kind = "surface";
  readonly apps: readonly string[];
  readonly #rps: Float64Array;
  /** terms[app][p] = C(p + app, app + 1), the terms of the rank for prefix sum p. */
  readonly #terms: readonly (readonly number[])[];

  /** Takes over the data without a copy. @throws {ShapeError} if `rps` has another length than the space. */
  constructor({ apps, capacity, rps }: SurfaceData) {
    const length = configurationCount(apps.length, capacity) * apps.length;
    if (rps.length !== length) throw new ShapeError("rps", length, rps.length);
    this.apps = apps;
    this.#rps = rps;
    const terms: number[][] = [];
    for (let app = 0; app < apps.length; app++) {
      const row = [0];
      for (let p = 1; p <= capacity; p++) {
        row.push(app === 0 ? p : row[p - 1]! + terms[app - 1]![p]!);
      }
      terms.push(row);
    }
    this.#terms = terms;
  }

  /** As {@link InterferenceModel.predict}. @inheritdoc */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const width = this.apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    const predicted = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      let rank = 0;
      let prefix = 0;
      for (let app = 0; app < width; app++) {
        prefix += counts[row * width + app]!;
        rank += this.#terms[app]![prefix]!;
      }
      predicted.set(this.#rps.subarray(rank * width, (rank + 1) * width), row * width);
    }
    return predicted;
  }
}
