/**
 * Medea (Garefalakis et al., EuroSys 2018) as the 2020 Metis release has it: an integer program that keeps
 * violations of affinity and anti-affinity constraints as few as possible.
 * Importing this module does not load HiGHS: that is for the first call to do.
 * @module
 */
import type { Scheduler } from "../../scheduling/mod.ts";
import { MEDEA_PARAMETERS } from "./parameters.ts";
import { solveMedea } from "./solve.ts";

export { medeaModelText } from "./write_model.ts";
export { SECOND_OBJECTIVES, type SecondObjective } from "./parameters.ts";

/**
 * Places with the fewest weighted violations of `problem.constraints`, which hold on all nodes alike. Both formulations
 * keep resources and all rules as rows of the program. Floors, latency limits and other objectives than throughput are
 * not of its kind: it does not predict throughput. Without a table of all configurations see {@link solveWithoutTable}.
 */
export const medea: Scheduler = {
  name: "medea",
  summary: "fewest violations of affinity and anti-affinity constraints, by an integer program",
  supports: { rules: true, nodeClasses: true, general: true, denseOnly: false },
  parameters: MEDEA_PARAMETERS,
  schedule: solveMedea,
};
