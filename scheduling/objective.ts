import { FORBIDDEN_VALUE, type Simulator } from "../sim-wasm/mod.ts";
import { eachConfiguration, needTable, revalue } from "./revalue.ts";

/** What a placement is to make large: the total throughput, or the RPS of its slowest container. */
export type Objective = "throughput" | "worst";

/** Names of the objectives. */
export const OBJECTIVES: readonly Objective[] = ["throughput", "worst"];

/** RPS of the slowest container of every configuration, by rank; Infinity for the empty one. */
export function slowestByRank(simulator: Simulator): Float64Array {
  const apps = simulator.apps.length;
  const slowest = new Float64Array(needTable(simulator, "The objective worst")).fill(Infinity);
  eachConfiguration(simulator, (counts, rows, first) => {
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
export function steer<P extends { readonly simulator: Simulator; readonly objective?: Objective }>(
  problem: P,
): P {
  if (problem.objective !== "worst") return problem;
  const { simulator } = problem;
  const apps = simulator.apps.length;
  needTable(simulator, "The objective worst");
  const values = simulator.table();
  eachConfiguration(simulator, (counts, rows, first) => {
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
  return { ...problem, simulator: revalue(simulator, values, simulator.forbids) };
}
