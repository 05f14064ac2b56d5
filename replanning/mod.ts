/**
 * From what runs to what is better: how many moves that takes, and in which order they are safe. Pure; runs in Deno, Node
 * and browsers.
 * @module
 */
export {
  type Change,
  changeOf,
  type Current,
  currentOf,
  type Dropped,
  type Running,
} from "./change.ts";

export { orderSteps, type StepOptions } from "./steps/order.ts";
export type { KeepRunning } from "./steps/work.ts";
export type { Step, Steps } from "./steps/step.ts";
export {
  type FrontierEnd,
  type MoveFrontier,
  type MoveFrontierOptions,
  type MovePoint,
  replanFrontier,
} from "./frontier.ts";
export { frontierSentence, kneeOf, type MoveGain, shareSentence, sharesOf } from "./gains.ts";
export type { ReplanOptions, ReplanProblem } from "./problem.ts";
export { replan, type Replanned } from "./replan.ts";
export * from "./trace/mod.ts";
