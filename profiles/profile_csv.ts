/**
 * Profiles as CSV: `app,...,rps:app,...`, then all of `p50:app,...` and of `p99:app,...` where latencies were
 * measured. One line per configuration; the values of an absent app are empty, NaN or 0.
 * @module
 */
import { InputError, type Profile } from "../domain/mod.ts";
import { type CellKind, type CheckedProfile, checkProfile } from "./check.ts";
import { guardName, parseCsv, parseNumber, unguardName, writeCsv } from "./csv.ts";
import type { ReadProfileOptions } from "./npz.ts";
import { quoted } from "./quoted.ts";

const VALUE_KINDS = ["rps", "p50", "p99"] as const;

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
  const { apps, kinds } = readHeader(header!.fields, file);
  if (options.apps !== undefined && options.apps.join("\n") !== apps.join("\n")) {
    throw new InputError(
      `${file}: its apps are ${apps.map(quoted).join(", ")}, not those given: ${
        options.apps.map(quoted).join(", ")
      }`,
    );
  }
  const columnName = (kind: CellKind, app: number) =>
    kind === "count" ? apps[app]! : `${kind}:${apps[app]!}`;
  const place = (row: number, cell?: { kind: CellKind; app: number }) => {
    const where = `row ${row} (line ${records[row]!.line})`;
    return cell === undefined ? where : `${where}, column ${columnName(cell.kind, cell.app)}`;
  };
  const block = (kind: CellKind, index: number) => {
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
    place,
  }, options.capacity);
}

/** The apps that a header names, and which values follow the counts. */
function readHeader(
  header: readonly string[],
  file: string,
): { apps: string[]; kinds: ("rps" | "p50" | "p99")[] } {
  const firstValue = header.findIndex((column) => column.startsWith("rps:"));
  if (firstValue < 1) {
    throw new InputError(
      `${file}: line 1 is not the header of a profile: expected app,...,rps:app,..., found ${
        quoted(header.join(","))
      }`,
    );
  }
  const apps = header.slice(0, firstValue).map(unguardName);
  const kinds: ("rps" | "p50" | "p99")[] = [];
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
  if (at !== header.length) {
    throw new InputError(
      `${file}: line 1, column ${at + 1}: unknown column ${quoted(header[at]!)}`,
    );
  }
  return { apps, kinds };
}

/**
 * Writes a profile as CSV; {@link readCsvProfile} gives the same profile back, bit by bit.
 * @throws {InputError} for a profile that could not be read back.
 */
export function writeProfileCsv(profile: Profile): string {
  checkProfile({
    ...profile,
    file: "Profile to write",
    place: (row, cell) =>
      cell === undefined ? `row ${row}` : `row ${row}, ${cell.kind} of ${profile.apps[cell.app]}`,
  });
  const { apps } = profile;
  const kinds = VALUE_KINDS.filter((kind) => profile[kind] !== undefined);
  const records: string[][] = [[
    ...apps.map(guardName),
    ...kinds.flatMap((kind) => apps.map((app) => `${kind}:${app}`)),
  ]];
  for (let row = 0; row < profile.rows; row++) {
    const range = [row * apps.length, (row + 1) * apps.length] as const;
    records.push([
      ...Array.from(profile.counts.subarray(...range), String),
      ...kinds.flatMap((kind) =>
        // String() of a number is the shortest text that reads back as the same number.
        Array.from(profile[kind]!.subarray(...range), (value) =>
          Number.isNaN(value) ? "" : String(value))
      ),
    ]);
  }
  return writeCsv(records);
}
