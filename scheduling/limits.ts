import type { Simulator } from "../sim-wasm/mod.ts";
import { eachConfiguration, forbid, needTable } from "./revalue.ts";

/** Latencies that configurations are predicted to have. */
export interface LatencyForecast {
  /** 99th percentile latency in milliseconds: row-major, rows x apps; 0 if the app is absent. */
  predict(counts: Uint8Array, rows: number): Float64Array;
}

/**
 * The surface without the configurations in which some present app is predicted to be slower than its limit.
 * Latency need not grow with every container (a store may help its users), so unlike rules these
 * prohibitions are not closed downwards: searches that add container by container cannot pass through a
 * forbidden configuration to a permitted one, `optimal` looks at all that are permitted.
 * @param limits Milliseconds per app; null = none.
 * @throws {UnsupportedError} if there are too many configurations for a table.
 */
export function forbidSlow(
  simulator: Simulator,
  forecast: LatencyForecast,
  limits: readonly (number | null)[],
): Simulator {
  return forbidPresent(
    simulator,
    "Latency limits",
    () => forecast,
    (latency, app) => latency <= (limits[app] ?? Infinity),
  );
}

/**
 * The surfaces without the configurations in which some present app is predicted to run below its floor. Not closed
 * downwards either: see {@link forbidSlow}.
 * @param floors Normalised RPS per app that each of its containers must keep; null = none.
 * @throws {UnsupportedError} if there are too many configurations for a table.
 */
export function forbidStarving(
  simulator: Simulator,
  floors: readonly (number | null)[],
): Simulator {
  return forbidPresent(
    simulator,
    "Floors",
    (surface) => simulator.models[surface]!,
    (rps, app) => rps >= (floors[app] ?? -Infinity),
  );
}

/** Forbids the configurations, on each surface, of which some present app's figure is not kept. */
function forbidPresent(
  simulator: Simulator,
  what: string,
  forecastOf: (surface: number) => LatencyForecast,
  keeps: (figure: number, app: number) => boolean,
): Simulator {
  const apps = simulator.apps.length;
  const configurations = needTable(simulator, what);
  const broken = simulator.models.map((_, surface) => {
    const found = new Uint8Array(configurations);
    eachConfiguration(simulator, (counts, rows, first) => {
      const figures = forecastOf(surface).predict(counts, rows);
      for (let row = 0; row < rows; row++) {
        for (let app = 0; app < apps; app++) {
          const at = row * apps + app;
          if (counts[at]! > 0 && !keeps(figures[at]!, app)) found[first + row] = 1;
        }
      }
    });
    return found;
  });
  return forbid(simulator, (rank, surface) => broken[surface]![rank] === 1);
}
