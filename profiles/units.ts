/**
 * Whether the values of a profile are what they should be: requests per second of a container, divided by those of a
 * container alone on a node.
 * @module
 */
import { InputError, UsageError } from "../domain/mod.ts";
import type { Cell, RawProfile } from "./raw_profile.ts";

/** What the values of a file are, and what is done about it. */
export interface UnitOptions {
  /**
   * "normalised" = a container alone has about 1: others are refused. "raw" = requests per second: each app is divided
   * by the mean of its rows alone. "unchecked" = taken as they are.
   * @default "normalised"
   */
  readonly units?: "normalised" | "raw" | "unchecked";
  /** Highest normalised RPS that is believed. @default 100 */
  readonly maxRps?: number;
}

/** Highest normalised RPS that is believed where nobody asks for more. */
export const MAX_RPS = 100;

/** A container alone runs at 1; measured again it may differ by this factor, not by more. */
const MOST_AWAY = 1.25;

/**
 * Brings the values of a profile to normalised RPS, or refuses them.
 * @param counts Row-major, rows x apps, checked.
 * @param rps As `counts`; changed in place where the units are "raw".
 * @param deviations As `rps`.
 * @throws {InputError} naming file, row, column and remedy.
 * @throws {UsageError} if `maxRps` is not a positive number.
 */
export function bringToUnits(
  raw: Pick<RawProfile, "file" | "apps" | "rows" | "place">,
  counts: Uint8Array,
  rps: Float64Array,
  deviations: Float64Array | undefined,
  options: UnitOptions,
): void {
  const { units = "normalised", maxRps = MAX_RPS } = options;
  if (!(maxRps > 0)) throw new UsageError(`The highest RPS must be above 0: got ${maxRps}`);
  if (units === "unchecked") return;
  const width = raw.apps.length;
  const alone = rowsAlone(counts, rps, raw.rows, width);
  const refuse = (row: number, cell: Cell, problem: string): never => {
    throw new InputError(`${raw.file}: ${raw.place(row, cell)}: ${problem}`);
  };
  if (units === "raw") {
    alone.forEach((rows, app) => {
      if (rows.length > 0) return;
      throw new InputError(
        `${raw.file}: no row holds one ${
          raw.apps[app]
        } alone, so nothing says what to divide its RPS by: measure it alone`,
      );
    });
    const scale = alone.map((rows, app) => mean(rows.map((row) => rps[row * width + app]!)));
    for (let at = 0; at < rps.length; at++) {
      rps[at]! /= scale[at % width]!;
      if (deviations !== undefined) deviations[at]! /= scale[at % width]!;
    }
  } else {
    alone.forEach((rows, app) => {
      const value = mean(rows.map((row) => rps[row * width + app]!));
      if (rows.length === 0 || (value <= MOST_AWAY && value >= 1 / MOST_AWAY)) return;
      refuse(
        rows[0]!,
        { kind: "rps", app },
        `one ${raw.apps[app]} alone has RPS ${value}, but normalised RPS are 1 there: ` +
          "divide raw requests per second by those of a container alone (--normalise does)",
      );
    });
  }
  rps.forEach((value, at) => {
    if (!(value > maxRps)) return;
    refuse(
      Math.floor(at / width),
      { kind: "rps", app: at % width },
      `RPS ${value} is above ${maxRps} times a container alone: correct it, or allow it (--max-rps)`,
    );
  });
}

/** By app, the rows in which one container of it runs alone; rows in which nothing ran are left out. */
function rowsAlone(
  counts: Uint8Array,
  rps: Float64Array,
  rows: number,
  width: number,
): number[][] {
  const alone: number[][] = Array.from({ length: width }, () => []);
  for (let row = 0; row < rows; row++) {
    const held = counts.subarray(row * width, (row + 1) * width);
    if (held.reduce((sum, count) => sum + count, 0) !== 1) continue;
    const app = held.indexOf(1);
    if (rps[row * width + app]! > 0) alone[app]!.push(row);
  }
  return alone;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
