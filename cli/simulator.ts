import { type Cluster, maxCapacity } from "../domain/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { explainMissing, type Surface } from "./input.ts";
import type { SurfaceOptions } from "./options/options.ts";
import type { Talk } from "./output/progress.ts";

/**
 * The simulator of a surface on a cluster. A module of its own, imported only when needed, since
 * it brings the WebAssembly core.
 * @throws {MissingConfigurationError} where a table lacks a configuration, with the remedy.
 */
export function createSimulator(
  surface: Surface,
  cluster: Cluster,
  options: SurfaceOptions,
  talk?: Talk,
): Simulator {
  try {
    return Simulator.create({
      model: surface.model,
      capacity: maxCapacity(cluster),
      onProgress: (fraction) => talk?.step({ fraction, text: "predicting every configuration" }),
    });
  } catch (error) {
    return explainMissing(error, options);
  }
}
