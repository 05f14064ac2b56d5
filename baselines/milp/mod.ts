/**
 * Mixed integer linear programs behind one interface, solved by HiGHS in a worker.
 * @module
 */
export { HighsSolver } from "./highs_solver.ts";
export {
  checkModel,
  type MilpAnswer,
  type MilpBasis,
  type MilpModel,
  type MilpOptions,
  type MilpSolver,
  type MilpStatus,
} from "./model.ts";
