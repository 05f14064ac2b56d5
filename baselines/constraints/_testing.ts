/**
 * The reference data of the 2020 release for tests, where it is present.
 * @module
 */
import { type Demand, type InterferenceConstraint, Random } from "../../domain/mod.ts";
import { readConstraints } from "./csv.ts";

const SHARED = new URL("../../../shared/data/", import.meta.url);

/** The apps of the paper, in its order. */
export const PAPER_APPS = [
  "redis",
  "mms",
  "checksum",
  "ycsb-a",
  "ycsb-b",
  "scene-detect",
  "isr",
];

/** True where the reference data is absent: tests that need it say so in their names. */
export const NO_REFERENCE_DATA: boolean = !exists("metis-interference.csv");

/** The text of a reference file. */
export function referenceText(name: string): string {
  return Deno.readTextFileSync(new URL(name, SHARED));
}

/** The constraints of the 2020 release. */
export function paperConstraints(): readonly InterferenceConstraint[] {
  return readConstraints(referenceText("metis-interference.csv"), PAPER_APPS, "reference")
    .constraints;
}

/** A row of batch-<containers>.csv. */
export function batchDemand(containers: number, row: number): Demand {
  const line = referenceText(`batch-${containers}.csv`).split("\n")[row + 1]!;
  return line.split(",").map(Number);
}

/** Constraints among `apps` apps that are drawn from a seed, each pair and kind at most once. */
export function randomConstraints(
  apps: number,
  capacity: number,
  seed: number,
): InterferenceConstraint[] {
  const draws = new Random(seed);
  return Array.from({ length: apps * apps }, (_, pair): InterferenceConstraint[] => {
    if (draws.below(3) === 0) return [];
    const kind = draws.below(4) === 0 ? "at-least" : "at-most";
    return [{
      subject: Math.floor(pair / apps),
      other: pair % apps,
      kind,
      threshold: draws.below(capacity) + (kind === "at-least" ? 1 : 0),
      weight: 1 + draws.below(3),
    }];
  }).flat();
}

function exists(name: string): boolean {
  try {
    Deno.statSync(new URL(name, SHARED));
    return true;
  } catch {
    return false;
  }
}
