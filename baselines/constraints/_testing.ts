/**
 * The reference data of the 2020 release for tests, where it is present.
 * @module
 */
import { type Demand, type InterferenceConstraint, Random } from "../../domain/mod.ts";
import { referenceDemands, type ReferenceSize } from "../../reference/data.ts";
import { referenceText } from "../../reference/folder.ts";
import { readConstraints } from "./csv.ts";

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

/** The constraints of the 2020 release. */
export function paperConstraints(): readonly InterferenceConstraint[] {
  return readConstraints(referenceText("metis-interference.csv"), PAPER_APPS, "reference")
    .constraints;
}

/** A row of batch-<containers>.csv. */
export function batchDemand(containers: ReferenceSize, row: number): Demand {
  return referenceDemands(containers)[row]!;
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
