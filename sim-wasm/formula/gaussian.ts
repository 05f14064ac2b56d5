import { type GaussianFormula, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";

/**
 * Writes a formula into a core, as sim-wasm/assembly/formula/gaussian.ts draws it.
 * @throws {ShapeError} if its arrays do not fit each other.
 */
export function placeGaussian(core: Core, { capacity, processes }: GaussianFormula): Address {
  const { functions } = core;
  const apps = processes.length;
  const features = apps + 1;
  const size = capacity + 1;
  const formula = functions.createGaussianFormula(apps, capacity);
  processes.forEach(({ tables, points, weights, mean }, app) => {
    const rows = weights.length;
    if (tables.length !== features * size ** 2) {
      throw new ShapeError("formula", features * size ** 2, tables.length);
    }
    if (points.length !== rows * features) {
      throw new ShapeError("formula", rows * features, points.length);
    }
    const at = functions.addProcess(formula, app, rows, mean);
    const bases = basesOf(tables, points, features, size);
    core.write("f64", at, ratiosOf(tables, apps, size), tables.length);
    core.write("f64", at + 8 * tables.length, bases, rows);
    core.write("f64", at + 8 * (tables.length + rows), weights, rows);
    const byFeature = points.map((_, at) => points[at % rows * features + Math.floor(at / rows)]!);
    core.write("u8", at + 8 * (tables.length + 3 * rows), byFeature, points.length);
  });
  return formula;
}

/** By feature, value of the node, value of a row: how the covariance changes from that with no container of the app. */
function ratiosOf(tables: Float64Array, apps: number, size: number): Float64Array {
  const ratios = new Float64Array(tables.length);
  for (let feature = 0; feature <= apps; feature++) {
    const table = tables.subarray(feature * size ** 2, (feature + 1) * size ** 2);
    for (let value = 0; value < size; value++) {
      for (let row = 0; row < size; row++) {
        const without = feature < apps ? table[row * size]! : 1;
        ratios[(feature * size + value) * size + row] = table[row * size + value]! / without;
      }
    }
  }
  return ratios;
}

/** By row: its covariance with the empty node, but for the total. */
function basesOf(
  tables: Float64Array,
  points: Uint8Array,
  features: number,
  size: number,
): Float64Array {
  return Float64Array.from({ length: points.length / features }, (_, row) => {
    let base = 1;
    for (let feature = 0; feature < features - 1; feature++) {
      base *= tables[(feature * size + points[row * features + feature]!) * size]!;
    }
    return base;
  });
}

/** True if all ratios are finite, and no covariance is rounded to 0. */
export function isPlaceable({ capacity, processes }: GaussianFormula): boolean {
  const size = capacity + 1;
  return processes.every(({ tables, points }) => {
    const features = processes.length + 1;
    return ratiosOf(tables, features - 1, size).every(Number.isFinite) &&
      basesOf(tables, points, features, size).every((base) => base > SMALLEST);
  });
}

/** Covariances below this lose digits. */
const SMALLEST = 1e-250;
