/**
 * The integer program over what runs and what should run, under a limit of starts.
 * @module
 */
export { assignNear, knownPlacement } from "./assign.ts";
export { fewestStarts, leastStarts } from "./fewest.ts";
export { MoveProgram } from "./relaxation.ts";
export { type Known, type MoveAnswer, MoveSearch, TooFewStartsError } from "./search.ts";
