/**
 * Problem files: what to place, where, under which rules, and what values it, in one file.
 * @module
 */
export { problemOnApps } from "./arrange.ts";
export { problemJsonSchema } from "./json_schema.ts";
export { inspectProblemFile, type ProblemReading, readProblemFile } from "./read.ts";
export { NodeNames } from "./nodes.ts";
export { amountsForm, problemForm, withoutEmpty } from "./write.ts";
export type { ClassSurface, ProblemFile, SurfaceSource } from "./types.ts";
