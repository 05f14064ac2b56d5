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
  const apps = simulator.apps.length;
  const slow = new Uint8Array(needTable(simulator, "Latency limits"));
  eachConfiguration(simulator, (counts, rows, first) => {
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
