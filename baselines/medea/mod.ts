/**
 * Medea (Garefalakis et al., EuroSys 2018) as the 2020 Metis release has it: an integer program that keeps
 * violations of affinity and anti-affinity constraints as few as possible.
 * Importing this module loads neither the solver nor the programs.
 * @module
 */
import type { ScheduleOptions, Scheduler, SchedulingProblem } from "../../scheduling/mod.ts";
import { MEDEA_PARAMETERS } from "./parameters.ts";

export { SECOND_OBJECTIVES, type SecondObjective } from "./parameters.ts";

/**
 * Places with the least weighted violations of `problem.constraints`. Rules, fenced nodes and nodes of
 * different capacity are kept by the formulation `configuration`; `container` takes no rules on what a node holds.
 */
export const medea: Scheduler = {
  name: "medea",
  summary: "fewest violations of affinity and anti-affinity constraints, by an integer program",
  supports: { rules: true, nodeClasses: true, denseOnly: true },
  parameters: MEDEA_PARAMETERS,
  async schedule(problem, options) {
    const { solveMedea } = await import("./solve.ts");
    return await solveMedea(problem, options);
  },
};

/** Medea's program as the text of an LP or MPS file, see write_model.ts. */
export async function medeaModelText(
  problem: SchedulingProblem,
  format: "lp" | "mps",
  options: ScheduleOptions = {},
): Promise<string> {
  const { writeMedeaModel } = await import("./write_model.ts");
  return await writeMedeaModel(problem, format, options);
}
