/**
 * The options of the command line, by what they ask for. Each file says its options once: how they are called, the type of
 * their values, and what is loaded by them. Each function makes a new option, since commander keeps state in its options.
 * @module
 */
export * from "./asked.ts";
export * from "./bound.ts";
export * from "./cluster.ts";
export * from "./demand.ts";
export * from "./objective.ts";
export * from "./output.ts";
export * from "./parse.ts";
export * from "./placing.ts";
export * from "./plan.ts";
export * from "./problem.ts";
export * from "./risk.ts";
export * from "./rules.ts";
export * from "./schedulers.ts";
export * from "./surface.ts";
