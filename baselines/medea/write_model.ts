import { type InterferenceConstraint, UnsupportedError } from "../../domain/mod.ts";
import type { ScheduleOptions, SchedulingProblem } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { CorePricing, type PricingOptions } from "../../sim-wasm/space/pricing.ts";
import { configurationViolations, constraintsOf, violationModel } from "../constraints/mod.ts";
import { formulate } from "../columns/mod.ts";
import { HighsSolver, type MilpModel } from "../milp/mod.ts";
import { configurationProgram, type ProgramColumn } from "./configuration_program.ts";
import { containerModel } from "./container_model.ts";
import { medeaParameters } from "./parameters.ts";

/** Most columns of a model that is written: a text of some hundred megabytes. */
const MOST_COLUMNS = 1_000_000;

/**
 * Medea's program for a problem as text, for other solvers and for reading.
 * @throws {UnsupportedError} if there are too many configurations to list.
 */
export async function medeaModelText(
  problem: SchedulingProblem,
  format: "lp" | "mps",
  options: ScheduleOptions = {},
): Promise<string> {
  const constraints = constraintsOf(problem);
  const parameters = medeaParameters(options);
  const model = parameters.formulation === "container"
    ? containerModel(problem, constraints, parameters).model
    : configurationModel(problem, constraints);
  const solver = new HighsSolver();
  try {
    return await solver.write(model, format);
  } finally {
    solver.close();
  }
}

/** The program over all configurations at once: x[k, c] = nodes of group k that hold configuration c. */
export function configurationModel(
  problem: SchedulingProblem,
  constraints: readonly InterferenceConstraint[],
): MilpModel {
  const formulation = formulate(problem);
  const { demand, groups, families, spaces, capacity: most } = formulation;
  if (groups.length === 0) throw new UnsupportedError("A model needs a node that is not fenced");
  const model = violationModel(problem.apps, constraints);
  using simulator = Simulator.create({
    model,
    more: problem.simulator.models.slice(1).map(() => model),
    capacity: most,
  });
  const configurations = spaces.map((space) => allOf(simulator, space, demand.length, most));
  const columns = groups.flatMap(({ capacity, family }, group) =>
    configurations[families[family]!.space]!.flatMap((counts): ProgramColumn[] => {
      const held = counts.reduce((sum, one) => sum + one, 0);
      if (held === 0 || held > capacity) return [];
      return [{ group, counts, violations: configurationViolations(constraints, counts) }];
    })
  );
  if (columns.length > MOST_COLUMNS) {
    throw new UnsupportedError(`A model of ${columns.length} columns is too large to write`);
  }
  const cost = Float64Array.from(columns, ({ violations }) => violations);
  return configurationProgram(formulation, columns, "minimise", cost);
}

/** All configurations of a space. @throws {UnsupportedError} if they are too many to list. */
function allOf(
  simulator: Simulator,
  space: PricingOptions,
  apps: number,
  most: number,
): Uint8Array[] {
  const pricing = new CorePricing(simulator, space);
  try {
    const everything = new Float64Array(most + 1).fill(-1e29);
    const { count, ranks } = pricing.collect(new Float64Array(apps), everything, MOST_COLUMNS);
    if (count > MOST_COLUMNS) {
      throw new UnsupportedError(`A model of ${count} configurations is too large to write`);
    }
    return [...ranks].map((rank) => {
      const counts = new Uint8Array(apps);
      pricing.unrank(rank, counts);
      return counts;
    });
  } finally {
    pricing.dispose();
  }
}
