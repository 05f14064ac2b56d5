import { type InterferenceConstraint, problemCapacity } from "../../domain/mod.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { violationModel } from "../constraints/mod.ts";

/** A simulator whose throughput is minus the violations: alike on all nodes, whatever values their throughput. */
export function violationSimulator(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
): Simulator {
  const model = violationModel(problem.apps, constraints);
  return Simulator.create({
    model,
    more: problem.simulator.models.slice(1).map(() => model),
    capacity: problemCapacity(problem),
    // Where the problem has no table, neither has this.
    ...(problem.simulator.dense ? {} : { denseLimit: 0 }),
  });
}
