import { decimal, InputError, type Profile } from "../../domain/mod.ts";

/** Last column of the 2020 file of counts. */
const TOTAL = "Total-Throughput";
/** How far the total of a row may be from the sum of its containers: both are rounded to four digits. */
const TOLERANCE = 0.01;

/** True for text in the form of the 2020 file of pairs: counts and a total, no RPS per app. */
export function isPairwise(text: string): boolean {
  return (text.split(/\r?\n/, 1)[0] ?? "").endsWith(`"${TOTAL}"`) ||
    (text.split(/\r?\n/, 1)[0] ?? "").endsWith(`,${TOTAL}`);
}

/**
 * Reads the two 2020 files of one- and two-app configurations: counts and total throughput in one, the normalised
 * RPS of each app in the other, row by row.
 * @throws {InputError} naming file and line.
 */
export function readPairwise(
  counts: { readonly text: string; readonly file: string },
  perApp: { readonly text: string; readonly file: string },
): Profile {
  const left = table(counts.text, counts.file);
  const right = table(perApp.text, perApp.file);
  const apps = left.header.slice(0, -1);
  if (left.header.at(-1) !== TOTAL || apps.length === 0) {
    throw new InputError(`${counts.file}: the first line must be apps, then ${TOTAL}`);
  }
  if (new Set(apps).size !== apps.length || apps.includes("")) {
    throw new InputError(`${counts.file}: line 1: apps must have different names`);
  }
  if (right.header.join() !== apps.join()) {
    throw new InputError(`${perApp.file}: the first line must be the apps of ${counts.file}`);
  }
  if (right.rows.length !== left.rows.length) {
    throw new InputError(
      `${perApp.file}: has ${right.rows.length} rows, but ${counts.file} has ${left.rows.length}`,
    );
  }
  const rows = left.rows.length;
  const profile = {
    apps,
    rows,
    counts: new Uint8Array(rows * apps.length),
    rps: new Float64Array(rows * apps.length).fill(NaN),
  };
  left.rows.forEach((row, at) => {
    let total = 0;
    apps.forEach((app, index) => {
      const count = row[index]!;
      if (!Number.isInteger(count) || count < 0 || count > 255) {
        throw new InputError(
          `${counts.file}: line ${
            at + 2
          }: ${app} must be a whole number from 0 to 255: got ${count}`,
        );
      }
      const rps = right.rows[at]![index]!;
      if (count === 0 && rps !== 0) {
        throw new InputError(
          `${perApp.file}: line ${at + 2}: ${app} is absent and must have the RPS 0: got ${rps}`,
        );
      }
      if (count > 0 && !(rps > 0)) {
        throw new InputError(
          `${perApp.file}: line ${
            at + 2
          }: ${app} is present and must have an RPS above 0: got ${rps}`,
        );
      }
      profile.counts[at * apps.length + index] = count;
      if (count > 0) profile.rps[at * apps.length + index] = rps;
      total += count * rps;
    });
    const given = row.at(-1)!;
    if (!(Math.abs(total - given) <= TOLERANCE * Math.max(1, given))) {
      throw new InputError(
        `${counts.file}: line ${at + 2}: the total is ${given}, but ${perApp.file} gives ${
          total.toFixed(4)
        }`,
      );
    }
  });
  return profile;
}

function table(text: string, file: string): { header: string[]; rows: number[][] } {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((line) => line !== "");
  const [header = "", ...rest] = lines;
  const names = header.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  return {
    header: names,
    rows: rest.map((line, at) => {
      const values = line.split(",").map((cell) => decimal(cell.trim()));
      if (values.length !== names.length || values.some((value) => !Number.isFinite(value))) {
        throw new InputError(`${file}: line ${at + 2}: expected ${names.length} numbers`);
      }
      return values;
    }),
  };
}
