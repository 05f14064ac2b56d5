/**
 * Linear programs over all configurations of a node, by column generation, and placements from their answers: what
 * the schedulers `optimal` and `medea` and the planning of measurements have in common.
 * @module
 */
export { lagrangianBound } from "./column_generation.ts";
export { columnsWithin, type LossColumn } from "./cost_fixing.ts";
export {
  type DomainRow,
  type FewestDomains,
  leastValues,
  pricesIn,
  skewedApps,
} from "./domain_rows.ts";
export { FamilyPricing, familySize } from "./family_pricing.ts";
export { formulate, type Formulation, type NodeGroup } from "./formulation.ts";
export { invert } from "./invert.ts";
export { familyPrices } from "./prices.ts";
export { roundWithin } from "./round_within.ts";
export { roundRelaxation, spreadOverNodes } from "./rounding.ts";
export {
  onlyFractionsFit,
  pricesAll,
  pricingOf,
  type RelaxedProblem,
  relaxProblem,
} from "./relaxed_problem.ts";
