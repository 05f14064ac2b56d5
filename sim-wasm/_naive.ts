import type { InterferenceModel, Placement, Problem } from "../domain/mod.ts";
import { allowsConfiguration, nodeCapacities, Random } from "../domain/mod.ts";

/**
 * A deliberately plain simulator: every value is computed again from the model. It is the oracle of the
 * core's tests and the baseline of its benchmarks.
 */
export class NaiveSimulator {
  constructor(readonly model: InterferenceModel) {}

  /** Throughput of one node. */
  throughput(counts: ArrayLike<number>): number {
    const rps = this.model.predict(Uint8Array.from(counts), 1);
    return Array.from(counts).reduce((sum, count, app) => sum + count * rps[app]!, 0);
  }

  /** Total throughput of a placement. */
  evaluate(placement: Placement): number {
    let total = 0;
    for (let node = 0; node < placement.nodes; node++) {
      const at = node * placement.apps;
      total += this.throughput(placement.counts.subarray(at, at + placement.apps));
    }
    return total;
  }
}

/** A model with made-up, rugged values: every configuration has its own, so that no mix-up goes unseen. */
export function ruggedModel(apps: number, seed: number): InterferenceModel {
  return {
    kind: "rugged",
    apps: Array.from({ length: apps }, (_, app) => `app-${app}`),
    predict(counts, rows) {
      const rps = new Float64Array(rows * apps);
      for (let row = 0; row < rows; row++) {
        let mixed = seed;
        for (let app = 0; app < apps; app++) {
          mixed = Math.imul(mixed ^ counts[row * apps + app]!, 0x9e3779b1) ^ (mixed >>> 15);
        }
        const draws = new Random(mixed >>> 0);
        for (let app = 0; app < apps; app++) {
          const speed = 0.3 + draws.uniform();
          rps[row * apps + app] = counts[row * apps + app]! > 0 ? speed : 0;
        }
      }
      return rps;
    },
  };
}

/** True if one more container of the app may go on the node: the oracle of slots and rules. */
export function mayPlace(
  problem: Problem,
  placement: Placement,
  node: number,
  app: number,
): boolean {
  const at = node * placement.apps;
  const counts = Array.from(placement.counts.subarray(at, at + placement.apps));
  counts[app]!++;
  const held = counts.reduce((a, b) => a + b, 0);
  return held <= nodeCapacities(problem.cluster, problem.rules)[node]! &&
    allowsConfiguration(problem.rules, counts);
}
