/**
 * The checks that every profile passes, whatever file it came from.
 * @module
 */
import {
  configurationKey,
  hasUnprintable,
  InputError,
  MAX_CAPACITY,
  type Profile,
  reservedProblem,
  UsageError,
} from "../domain/mod.ts";
import { quoted } from "./quoted.ts";
import type { RawProfile, ValueKind } from "./raw_profile.ts";
import { bringToUnits, type UnitOptions } from "./units.ts";

/** A checked profile and what its reader should be told about it, a line each. */
export interface CheckedProfile {
  /** The profile, sound. */
  readonly profile: Profile;
  /** What its reader should know, a line each. */
  readonly notices: string[];
}

/** Longest name of an app. */
export const MAX_NAME_LENGTH = 100;

/** How a table is checked. */
export interface CheckOptions extends UnitOptions {
  /** Slots of a node, 1 to 255, where known: rows that hold more are kept, and told. @default 255 */
  readonly capacity?: number;
}

/**
 * Checks a table and makes a profile of it. Values of absent apps become NaN. Rows that repeat a configuration are
 * kept: with other values they are further measurements, with the same values copies of one.
 * @throws {InputError} naming file, row and column of the first cell that cannot be used.
 * @throws {UsageError} if an option is out of its range.
 */
export function checkProfile(raw: RawProfile, options: CheckOptions = {}): CheckedProfile {
  const { capacity = MAX_CAPACITY } = options;
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY) {
    throw new UsageError(
      `Capacity must be a whole number from 1 to ${MAX_CAPACITY}: got ${capacity}`,
    );
  }
  checkAppNames(raw.apps, raw.file);
  if (raw.rows === 0) throw new InputError(`${raw.file}: has no rows: nothing was measured`);
  const { counts, above } = checkCounts(raw, capacity);
  const rps = checkValues(raw, counts, "rps", raw.rps);
  const p50 = raw.p50 && checkValues(raw, counts, "p50", raw.p50);
  const p99 = raw.p99 && checkValues(raw, counts, "p99", raw.p99);
  const deviations = raw.sd && checkValues(raw, counts, "sd", raw.sd);
  const measurements = raw.measurements && checkMeasurements(raw, raw.measurements);
  bringToUnits(raw, counts, rps, deviations, options);
  const profile: Profile = {
    apps: [...raw.apps],
    rows: raw.rows,
    counts,
    rps,
    ...(p50 ? { p50 } : {}),
    ...(p99 ? { p99 } : {}),
    ...(measurements ? { measurements } : {}),
    ...(deviations ? { deviations } : {}),
  };
  const notices = describeRepeats(profile).map((text) => `${raw.file}: ${text}`);
  if (above > 0) {
    notices.push(
      `${raw.file}: ${above} of ${raw.rows} rows hold more than the ${capacity} containers of a node: models learn from them, but plans do not use them`,
    );
  }
  return { profile, notices };
}

/**
 * Checks that names are unique, short, printable and not mistaken for another column.
 * @throws {InputError} naming the file and the app.
 */
export function checkAppNames(apps: readonly string[], file: string): void {
  if (apps.length === 0) throw new InputError(`${file}: has no apps: its header names none`);
  const seen = new Set<string>();
  apps.forEach((app, at) => {
    const place = `${file}: column ${at + 1}`;
    if (app === "" || app !== app.trim()) {
      throw new InputError(`${place}: app name ${quoted(app)} is empty or has spaces around it`);
    }
    if (app.length > MAX_NAME_LENGTH || hasUnprintable(app) || !app.isWellFormed()) {
      throw new InputError(
        `${place}: app name ${
          quoted(app)
        } is longer than ${MAX_NAME_LENGTH} or holds unprintable characters`,
      );
    }
    if (/^'?(rps|p50|p99|sd):/.test(app)) {
      throw new InputError(
        `${place}: app name ${
          quoted(app)
        } looks like a column of values: begin with one column per app`,
      );
    }
    const reserved = reservedProblem(app);
    if (reserved !== null) throw new InputError(`${place}: ${reserved}`);
    if (seen.has(app)) throw new InputError(`${place}: app ${quoted(app)} is named twice`);
    seen.add(app);
  });
}

function checkCounts(
  raw: RawProfile,
  capacity: number,
): { readonly counts: Uint8Array; readonly above: number } {
  const apps = raw.apps.length;
  const counts = new Uint8Array(raw.rows * apps);
  let above = 0;
  for (let row = 0; row < raw.rows; row++) {
    let total = 0;
    for (let app = 0; app < apps; app++) {
      const count = raw.counts[row * apps + app]!;
      const problem = countProblem(count);
      if (problem !== null) {
        throw new InputError(`${raw.file}: ${raw.place(row, { kind: "count", app })}: ${problem}`);
      }
      counts[row * apps + app] = count;
      total += count;
    }
    if (total > MAX_CAPACITY) {
      throw new InputError(
        `${raw.file}: ${
          raw.place(row)
        }: holds ${total} containers, above ${MAX_CAPACITY}, the most a node holds`,
      );
    }
    if (total > capacity) above++;
  }
  return { counts, above };
}

function countProblem(count: number): string | null {
  if (Number.isNaN(count)) return "the count is missing";
  if (count < 0) return `count ${count} is negative`;
  if (!Number.isInteger(count)) return `count ${count} is not a whole number`;
  if (count > MAX_CAPACITY) return `count ${count} is above ${MAX_CAPACITY}, the most a node holds`;
  return null;
}

function checkValues(
  raw: RawProfile,
  counts: Uint8Array,
  kind: ValueKind,
  values: Float64Array,
): Float64Array {
  const apps = raw.apps.length;
  const checked = new Float64Array(counts.length);
  const word = {
    rps: "RPS",
    p50: "median latency",
    p99: "99th percentile latency",
    sd: "standard deviation",
  }[kind];
  counts.forEach((count, at) => {
    const value = values[at]!;
    const refuse = (problem: string): never => {
      const place = raw.place(Math.floor(at / apps), { kind, app: at % apps });
      throw new InputError(`${raw.file}: ${place}: ${problem}`);
    };
    if (value < 0) refuse(`${word} ${value} is negative`);
    if (value === Infinity) refuse(`${word} is infinite`);
    if (count > 0 && kind === "rps" && Number.isNaN(value)) {
      refuse(`${word} is missing (NaN), but the row holds ${count} of ${raw.apps[at % apps]}`);
    }
    // Some tables write 0 if an app is absent (rps), which says the same as an empty cell.
    if (count === 0 && !Number.isNaN(value) && value !== 0) {
      refuse(`${word} is ${value}, but the row holds no ${raw.apps[at % apps]}`);
    }
    checked[at] = count === 0 ? NaN : value;
  });
  return checked;
}

function checkMeasurements(raw: RawProfile, measurements: Float64Array): Uint32Array {
  measurements.forEach((count, row) => {
    if (Number.isInteger(count) && count >= 1 && count <= 0xffffffff) return;
    const place = raw.place(row, { kind: "measurements", app: 0 });
    throw new InputError(
      `${raw.file}: ${place}: measurements must be a whole number, at least 1: got ${count}`,
    );
  });
  return Uint32Array.from(measurements);
}

/** What rows that repeat a configuration mean, in words; nothing where none does. */
function describeRepeats(profile: Profile): string[] {
  const { rps, p50, p99, deviations } = profile;
  const apps = profile.apps.length;
  const kinds = [rps, p50, p99, deviations].filter((values) => values !== undefined);
  const seen = new Map<string, Set<string>>();
  let [copies, again] = [0, 0];
  for (let row = 0; row < profile.rows; row++) {
    const key = configurationKey(profile.counts, row * apps, apps);
    const values = kinds.map((kind) => kind.subarray(row * apps, (row + 1) * apps).join()).join();
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, new Set([values]));
    else if (earlier.has(values)) copies++;
    else {
      earlier.add(values);
      again++;
    }
  }
  const say = (count: number) =>
    `${count} of ${profile.rows} rows ${
      count === 1 ? "repeats" : "repeat"
    } an earlier configuration`;
  return [
    ...(copies > 0
      ? [`${say(copies)} with the same values (${seen.size} differ): copies count once`]
      : []),
    ...(again > 0 ? [`${say(again)} with other values: these are further measurements`] : []),
  ];
}
