import { type ContentionFormula, ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import type { Core } from "../core/core.ts";

/** Contended resources of a node. */
const RESOURCES = 4;

/** Numbers of an app: see assembly/implicit/contention.ts. */
const NUMBERS = 12;

/**
 * Writes a formula into a core, to be given back by destroyContention. Returns where it is.
 * @throws {ShapeError} if its arrays do not fit the number of apps.
 */
export function placeContention(core: Core, formula: ContentionFormula): Address {
  const { loads, times, waits, servers, served, alone } = formula;
  const apps = alone.length;
  const lengths = [loads.length, times.length].map((length) => length / RESOURCES);
  for (const length of [...lengths, waits.length, servers.length, served.length]) {
    if (length !== apps) throw new ShapeError("formula", apps, length);
  }
  const { functions } = core;
  const model = functions.createContention(apps);
  const numbers = new Float64Array(apps * NUMBERS);
  for (let app = 0; app < apps; app++) {
    const shares = times.subarray(app * RESOURCES, (app + 1) * RESOURCES);
    const fixed = shares.reduce((left, share) => left - share, 1);
    numbers.set(loads.subarray(app * RESOURCES, (app + 1) * RESOURCES), app * NUMBERS);
    numbers.set(shares, app * NUMBERS + RESOURCES);
    numbers.set([fixed, waits[app]!, served[app]!, alone[app]!], app * NUMBERS + 2 * RESOURCES);
  }
  core.write("f64", functions.contentionParameters(model), numbers, numbers.length);
  core.write("i32", functions.contentionServers(model), servers, apps);
  return model;
}
