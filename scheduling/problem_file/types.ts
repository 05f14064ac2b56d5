import type { Problem } from "../../domain/mod.ts";
import type { Objective } from "../objective.ts";
import type { Path } from "./faults.ts";
import type { NodeNames } from "./nodes.ts";

/** Where a surface comes from, as a problem file or the options say it. */
export interface SurfaceSource {
  /** A measured profile to fit a model on, a table of measurements that are the truth, a saved model, or who talks to whom. */
  readonly kind: "profile" | "table" | "model" | "traffic";
  /** The file. */
  readonly file: string;
  /** Kind of model for a profile. */
  readonly fit?: string;
  /** Kind of model for what a table lacks. */
  readonly fallback?: string;
  /** The values are raw requests per second. */
  readonly normalise?: boolean;
  /** Highest value that is believed. */
  readonly maxRps?: number;
  /** Names of the apps of a file without such. */
  readonly apps?: readonly string[];
}

/** A surface of some nodes: where it comes from, and how much faster each app runs there. */
export interface ClassSurface {
  readonly source: SurfaceSource;
  /** Factors by app; apps that are not named have 1. */
  readonly speed: Readonly<Record<string, number>>;
  /** Where the file says so. */
  readonly path: Path;
}

/** A problem file, read and checked: apps in its own order; paths of files from where the program runs. */
export interface ProblemFile extends Problem {
  /** Name of the file. */
  readonly file: string;
  /** What one container of each app takes. Length = apps. */
  readonly needs: NonNullable<Problem["needs"]>;
  /** Normalised RPS per app that its containers must keep; null = none. */
  readonly floors: readonly (number | null)[];
  /** Weight of each app in the objective. */
  readonly weights: readonly number[];
  /** Different surfaces, by the index that node classes have; empty if the file names none. */
  readonly surfaces: readonly ClassSurface[];
  /** Names of the nodes. */
  readonly nodeNames: NodeNames;
  /** What to make large. */
  readonly objective: Objective;
  /** What was filled in, for people. */
  readonly notices: readonly string[];
}
