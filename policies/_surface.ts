// A small surface for tests that need no reference data: three apps on nodes of four slots.
import type { InterferenceModel, Problem, Rules } from "../domain/mod.ts";
import { NO_RULES, uniformCluster } from "../domain/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";

/** Apps a and b help each other, containers of c disturb. */
export const smallModel: InterferenceModel = {
  kind: "test",
  apps: ["a", "b", "c"],
  predict(counts, rows) {
    const rps = new Float64Array(rows * 3);
    for (let row = 0; row < rows; row++) {
      const [a, b, c] = [counts[row * 3]!, counts[row * 3 + 1]!, counts[row * 3 + 2]!];
      if (a > 0) rps[row * 3] = 1 + 0.5 * Number(b > 0) - 0.1 * (a - 1) - 0.2 * c;
      if (b > 0) rps[row * 3 + 1] = 1 + 0.2 * Number(a > 0) - 0.05 * (b - 1) - 0.1 * c;
      if (c > 0) rps[row * 3 + 2] = 1 - 0.15 * (c - 1) - 0.05 * (a + b);
    }
    return rps;
  },
};

/** The small model's surface. */
export function smallSimulator(): Simulator {
  return Simulator.create({ model: smallModel, capacity: 4 });
}

/** A problem on equal nodes of four slots. */
export function smallProblem(
  nodes: number,
  demand: readonly number[],
  rules: Partial<Rules> = {},
): Problem {
  const cluster = uniformCluster(nodes, 4);
  return { apps: smallModel.apps, cluster, demand, rules: { ...NO_RULES, ...rules } };
}
