/**
 * Profiles as CSV: `app,...,rps:app,...`, then all of `p50:app,...` and of `p99:app,...` (milliseconds) where
 * latencies were measured, then `sd:app,...` (deviation of a single measurement's RPS) and `measurements` (how many
 * each line is the mean of) where some were repeated. One line per configuration; the values of an absent app are
 * empty, NaN or 0.
 * @module
 */
import { InputError, type Profile } from "../domain/mod.ts";
import { type CheckedProfile, checkProfile } from "./check.ts";
import type { Cell, ValueKind } from "./raw_profile.ts";
import { guardName, parseCsv, parseNumber, unguardName, writeCsv } from "./csv.ts";
import type { ReadProfileOptions } from "./npz.ts";
import { quoted } from "./quoted.ts";

const VALUE_KINDS: readonly ValueKind[] = ["rps", "p50", "p99", "sd"];
const MEASUREMENTS = "measurements";

/**
 * Reads a profile from CSV text.
 * @param file Name of the file, for messages.
 * @throws {InputError} naming file, row (from 0), line (from 1) and column.
 */
export function readCsvProfile(
  text: string,
  file: string,
  options: ReadProfileOptions = {},
): CheckedProfile {
  const [header, ...records] = parseCsv(text, file);
  const { apps, kinds, repeated } = readHeader(header!.fields, file);
  if (options.apps !== undefined && options.apps.join("\n") !== apps.join("\n")) {
    throw new InputError(
      `${file}: its apps are ${apps.map(quoted).join(", ")}, not those given: ${
        options.apps.map(quoted).join(", ")
      }`,
    );
  }
  const columnName = ({ kind, app }: Cell) =>
    kind === "count" ? apps[app]! : kind === MEASUREMENTS ? kind : `${kind}:${apps[app]!}`;
  const place = (row: number, cell?: Cell) => {
    const where = `row ${row} (line ${records[row]!.line})`;
    return cell === undefined ? where : `${where}, column ${columnName(cell)}`;
  };
  const block = (kind: Cell["kind"], index: number) => {
    const values = new Float64Array(records.length * apps.length);
    records.forEach(({ fields }, row) => {
      for (let app = 0; app < apps.length; app++) {
        values[row * apps.length + app] = parseNumber(
          fields[index * apps.length + app]!,
          () => `${file}: ${place(row, { kind, app })}`,
        );
      }
    });
    return values;
  };
  const blocks = Object.fromEntries(kinds.map((kind, at) => [kind, block(kind, at + 1)]));
  return checkProfile({
    file,
    apps,
    rows: records.length,
    counts: block("count", 0),
    rps: blocks["rps"]!,
    ...(blocks["p50"] ? { p50: blocks["p50"] } : {}),
    ...(blocks["p99"] ? { p99: blocks["p99"] } : {}),
    ...(blocks["sd"] ? { sd: blocks["sd"] } : {}),
    ...(repeated
      ? {
        measurements: Float64Array.from(records, ({ fields }, row) =>
          parseNumber(
            fields.at(-1)!,
            () => `${file}: ${place(row, { kind: MEASUREMENTS, app: 0 })}`,
          )),
      }
      : {}),
    place,
  }, options);
}

/** The apps that a header names, and which values follow the counts. */
function readHeader(
  header: readonly string[],
  file: string,
): { apps: string[]; kinds: ValueKind[]; repeated: boolean } {
  const unnamed = header.findIndex((column) => column.trim() === "");
  if (unnamed >= 0) {
    throw new InputError(
      `${file}: line 1: column ${
        unnamed + 1
      } has no name: name it, or leave it out (pandas: to_csv(..., index=False))`,
    );
  }
  const firstValue = header.findIndex((column) => column.startsWith("rps:"));
  if (firstValue < 1) {
    throw new InputError(
      `${file}: line 1 is not the header of a profile: expected app,...,rps:app,..., found ${
        quoted(header.join(","))
      }`,
    );
  }
  const apps = header.slice(0, firstValue).map(unguardName);
  const kinds: ValueKind[] = [];
  let at = firstValue;
  for (const kind of VALUE_KINDS) {
    if (!(header[at] ?? "").startsWith(`${kind}:`)) continue;
    for (const app of apps) {
      const [wanted, found] = [`${kind}:${app}`, header[at++]];
      if (found !== wanted) {
        throw new InputError(
          `${file}: line 1, column ${at}: expected ${quoted(wanted)}, found ${
            found === undefined ? "the end of the line" : quoted(found)
          }: apps keep their order`,
        );
      }
    }
    kinds.push(kind);
  }
  const repeated = header[at] === MEASUREMENTS;
  if (repeated) at++;
  if (at !== header.length) {
    throw new InputError(
      `${file}: line 1, column ${at + 1}: unknown column ${quoted(header[at]!)}`,
    );
  }
  return { apps, kinds, repeated };
}

/**
 * Writes a profile as CSV; {@link readCsvProfile} gives the same profile back, bit for bit.
 * @throws {InputError} for a profile that could not be read back.
 */
export function writeProfileCsv(profile: Profile): string {
  const { measurements, deviations, ...plain } = profile;
  const values = { ...plain, ...(deviations ? { sd: deviations } : {}) };
  checkProfile({
    ...values,
    ...(measurements ? { measurements: Float64Array.from(measurements) } : {}),
    file: "Profile to write",
    place: (row, cell) =>
      cell === undefined ? `row ${row}` : `row ${row}, ${cell.kind} of ${profile.apps[cell.app]}`,
  }, { units: "unchecked" });
  const { apps } = profile;
  const kinds = VALUE_KINDS.filter((kind) => values[kind] !== undefined);
  const records: string[][] = [[
    ...apps.map(guardName),
    ...kinds.flatMap((kind) => apps.map((app) => `${kind}:${app}`)),
    ...(measurements ? [MEASUREMENTS] : []),
  ]];
  for (let row = 0; row < profile.rows; row++) {
    const range = [row * apps.length, (row + 1) * apps.length] as const;
    records.push([
      ...Array.from(profile.counts.subarray(...range), String),
      ...kinds.flatMap((kind) =>
        // String() of a number is the shortest text that reads back as the same number.
        Array.from(values[kind]!.subarray(...range), (value) =>
          Number.isNaN(value) ? "" : String(value))
      ),
      ...(measurements ? [String(measurements[row])] : []),
    ]);
  }
  return writeCsv(records);
}
