import { suggest, UsageError } from "../domain/mod.ts";

/** A data file that comes with the project. */
export interface BundledDataset {
  /** Name to ask for it by. */
  readonly name: string;
  /** What the file holds. */
  readonly kind: "profile" | "demands";
  /** Name of the file, in this folder. */
  readonly file: string;
  /** What it is, in one line. */
  readonly summary: string;
}

/** The profile that commands work on where none is named: measured by this project. */
export const DEFAULT_PROFILE = "lab-7x8";

/** Everything that comes with the project; see README.md of this folder. */
export const BUNDLED: readonly BundledDataset[] = Object.freeze([
  {
    name: DEFAULT_PROFILE,
    kind: "profile",
    file: "lab-7x8.csv",
    summary: "Measured profile: the seven bundled workloads on a lab node of 8 slots",
  },
  {
    name: "synthetic-7x8",
    kind: "profile",
    file: "synthetic-7x8.csv",
    summary: "Synthetic profile: 7 apps, 8 slots, 600 of 6434 configurations, 3 % noise",
  },
  ...[200, 300, 400].map((containers): BundledDataset => ({
    name: `synthetic-demands-${containers}`,
    kind: "demands",
    file: `synthetic-demands-${containers}.csv`,
    summary: `Synthetic demands: 30 draws of ${containers} containers over 7 apps`,
  })),
]);

/**
 * Where a bundled dataset is.
 * @returns A file: or https: address, whichever this module was loaded from.
 * @throws {UsageError} for an unknown name, listing the known ones.
 */
export function datasetUrl(name: string): URL {
  const found = BUNDLED.find((dataset) => dataset.name === name);
  if (found === undefined) {
    const known = BUNDLED.map((dataset) => dataset.name);
    throw new UsageError(`Unknown dataset ${name}${suggest(name, known)}`);
  }
  return new URL(`./${found.file}`, import.meta.url);
}
