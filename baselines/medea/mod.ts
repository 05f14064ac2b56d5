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
 * Places with the fewest weighted violations of `problem.constraints`. Rules, fenced nodes and nodes of
 * different capacity are kept by the formulation `configuration`; `container` takes no rules on what a node holds.
 */
export const medea: Scheduler = {
  name: "medea",
  summary: "fewest violations of affinity and anti-affinity constraints, by an integer program",
  supports: { rules: true, nodeClasses: true, denseOnly: true },
  parameters: MEDEA_PARAMETERS,
  schedule: solveMedea,
};
