/**
 * Plan files: where everything goes and how good that is, as `metis schedule --out` writes them. Pure; runs in
 * Deno, Node and browsers.
 * @module
 */
export {
  type AimFields,
  type NodeGroup,
  type Plan,
  PLAN_VERSION,
  planOfPlacement,
  type PlanSurface,
  planText,
  type PlanValue,
  planVersion,
  type ReadPlan,
  readPlan,
} from "./plan.ts";
export type { PlanRules } from "./plan_rules.ts";
export { aimFields, planValue } from "./value.ts";
