/**
 * The words of the field, defined once: every other module imports them from here.
 * Pure data and checks; runs in Deno, Node and browsers.
 * @module
 */
export * from "./amounts.ts";
export * from "./app_order.ts";
export * from "./check_problem.ts";
export * from "./cluster.ts";
export * from "./configuration.ts";
export * from "./constraint.ts";
export * from "./decode.ts";
export * from "./demands.ts";
export * from "./domain_book.ts";
export * from "./count.ts";
export * from "./errors.ts";
export * from "./formula.ts";
export * from "./model.ts";
export * from "./node_kinds.ts";
export * from "./owner.ts";
export * from "./placement.ts";
export * from "./problem.ts";
export * from "./problem_order.ts";
export * from "./profile.ts";
export * from "./random.ts";
export * from "./reserved_names.ts";
export * from "./resources.ts";
export * from "./rules.ts";
export * from "./suggest.ts";
export * from "./text.ts";
export * from "./traffic.ts";
