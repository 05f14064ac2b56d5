/**
 * Readers of measurements, demands and constraints in CSV.
 * @module
 */
import { readConstraints, writeConstraints } from "../../baselines/constraints/mod.ts";
import { isPairwise, readPairwise } from "../../baselines/constraints/pairwise.ts";
import { decodeText, type Profile, Random } from "../../domain/mod.ts";
import { randomProfile } from "../../profiles/_testing.ts";
import { readDemands, readProfile, writeDemandsCsv, writeProfileCsv } from "../../profiles/mod.ts";
import { differenceOf, naiveCsv, naiveNumber, naiveText } from "./naive.ts";
import type { Reader } from "./reader.ts";

/** What messages must name. */
export const FILE = "given.file";
const APPS = ["redis", "mms", "=ycsb", "scene, detect"];
/** Random values are of every magnitude. */
export const UNITS = { units: "unchecked", maxBytes: 1_000_000 } as const;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The names in a header, without the guard against formulas. */
const nameIn = (cell: string): string => /^'['=+\-@]/.test(cell) ? cell.slice(1) : cell;

/** The value in a cell: a number, or NaN for none; null if it says neither. */
function valueIn(cell: string): number | null {
  return /^\s*(nan)?\s*$/i.test(cell) ? NaN : naiveNumber(cell);
}

/** What a profile must be by its CSV, or why the CSV says nothing of the kind. */
function profileOf(text: string): Profile | string {
  const records = naiveCsv(text);
  if (records === null) return "a quote is not closed";
  const [header, ...rows] = records as [string[], ...string[][]];
  const width = header.findIndex((name) => name.startsWith("rps:"));
  const apps = header.slice(0, width).map(nameIn);
  const blocks = new Map<string, number>();
  for (let at = width; at < header.length; at++) {
    const [kind, ...rest] = header[at]!.split(":");
    if (kind === "measurements" && rest.length === 0) {
      if (at !== header.length - 1) return `column ${at} is not the last`;
    } else if (rest.join(":") !== apps[(at - width) % width]) return `column ${at} is of no app`;
    if ((at - width) % width === 0) {
      if (blocks.has(kind!)) return `${kind} is there twice`;
      blocks.set(kind!, at);
    }
  }
  if (new Set(apps).size !== apps.length || apps.some((app) => app.trim() !== app || app === "")) {
    return "its apps have no names of their own";
  }
  const unequal = rows.findIndex((row) => row.length !== header.length);
  if (unequal >= 0) return `row ${unequal} has ${rows[unequal]!.length} cells`;
  const counts = rows.map((row) => row.slice(0, width).map(naiveNumber));
  if (counts.flat().some((count) => !Number.isInteger(count) || count! < 0 || count! > 255)) {
    return "a count is none";
  }
  const block = (kind: string): Float64Array | null | undefined => {
    const first = blocks.get(kind);
    if (first === undefined) return undefined;
    const values = rows.flatMap((row, at) =>
      row.slice(first, first + width).map((cell, app) => {
        const value = valueIn(cell);
        if (counts[at]![app] !== 0) return value;
        return value === 0 || Number.isNaN(value) ? NaN : null;
      })
    );
    return values.some((value) => value === null || value < 0 || value === Infinity)
      ? null
      : Float64Array.from(values as number[], (value) => value + 0);
  };
  const [rps, p50, p99, deviations] = ["rps", "p50", "p99", "sd"].map(block);
  if (rps === null || p50 === null || p99 === null || deviations === null) {
    return "a value is none, or is of an absent app";
  }
  const last = blocks.get("measurements");
  return {
    apps,
    rows: rows.length,
    counts: Uint8Array.from((counts as number[][]).flat()),
    rps: rps!,
    ...(p50 && { p50 }),
    ...(p99 && { p99 }),
    ...(last !== undefined &&
      { measurements: Uint32Array.from(rows, (row) => naiveNumber(row[last]!) ?? 0) }),
    ...(deviations && { deviations }),
  };
}

/** What a profile must be, whatever it came from. */
export function unsoundness(
  { apps, rows, counts, rps, p50, p99, deviations, measurements }: Profile,
) {
  if (rows < 1 || apps.length < 1 || new Set(apps).size !== apps.length) return "no rows or apps";
  if (measurements && (measurements.length !== rows || measurements.some((count) => count < 1))) {
    return "measurements";
  }
  for (const values of [counts, rps, p50, p99, deviations]) {
    if (values !== undefined && values.length !== rows * apps.length) return "a length";
  }
  for (let at = 0; at < counts.length; at++) {
    const value = rps[at]!;
    if (counts[at] === 0 ? !Number.isNaN(value) : !(value >= 0 && value < Infinity)) {
      return `${counts[at]} containers have RPS ${value}`;
    }
  }
  return null;
}

export async function lostInWriting(profile: Profile): Promise<string | null> {
  const again = await readProfile(bytesOf(writeProfileCsv(profile)), FILE, UNITS);
  return differenceOf(again.profile, profile, "written and read again");
}

const random = new Random(322);
const csvProfiles = [1, 2, 3, 4].map(() => writeProfileCsv(randomProfile(random, APPS, 6)));

const profileCsv: Reader = {
  name: "profile-csv",
  form: "csv",
  place: FILE,
  samples: csvProfiles.map((text, at) =>
    bytesOf(at % 2 === 0 ? text : `\ufeff${text.replaceAll("\n", "\r\n")}`)
  ),
  async accept(file) {
    const { profile } = await readProfile(file, FILE, UNITS);
    const text = naiveText(file);
    if (text === null) return "bytes that are not UTF-8 were read";
    const wanted = profileOf(text);
    if (typeof wanted === "string") return wanted;
    return unsoundness(profile) ?? differenceOf(profile, wanted) ?? await lostInWriting(profile);
  },
};

const NORMALISED = "redis,mms,rps:redis,rps:mms\n1,0,1,\n0,1,,0.98\n2,1,0.7,0.81\n0,3,NaN,0.5\n";
const RAW = "redis,mms,rps:redis,rps:mms\n1,0,5230,\n0,1,,410\n2,1,3700,330\n1,0,5170,\n";

const profileUnits: Reader = {
  name: "profile-units",
  form: "csv",
  place: FILE,
  samples: [bytesOf(NORMALISED), bytesOf(RAW)],
  async accept(file) {
    const text = naiveText(file) ?? "";
    const raw = text.includes("410") || text.includes("5230");
    const { profile } = await readProfile(file, FILE, raw ? { units: "raw" } : {});
    const plain = profileOf(text);
    if (typeof plain === "string") return plain;
    const { rps, counts } = plain;
    const width = plain.apps.length;
    const scales = plain.apps.map((_, app) => {
      const alone = Array.from({ length: plain.rows }, (_, row) => row).filter((row) =>
        counts.subarray(row * width, (row + 1) * width).reduce((sum, one) => sum + one) === 1 &&
        counts[row * width + app] === 1 && rps[row * width + app]! > 0
      );
      const sum = alone.reduce((sum, row) => sum + rps[row * width + app]!, 0);
      return alone.length === 0 ? null : sum / alone.length;
    });
    if (raw && scales.includes(null)) return "nothing says what to divide by";
    if (!raw && scales.some((scale) => scale !== null && !(scale >= 0.8 && scale <= 1.25))) {
      return "a container alone is not at 1";
    }
    const wanted = rps.map((value, at) => raw ? value / scales[at % width]! : value);
    if (wanted.some((value) => value > 100)) return "a value above 100";
    return unsoundness(profile) ?? differenceOf(profile.rps, wanted) ??
      await lostInWriting(profile);
  },
};

const DEMANDS = `redis,"a,b",'=x\n3,0,12\n0,7,1\n100,2,4\n`;

const demandsCsv: Reader = {
  name: "demands-csv",
  form: "csv",
  place: FILE,
  samples: [bytesOf(DEMANDS), bytesOf(`\ufeffa,b\r\n1,2\r\n`)],
  accept(file) {
    // As the command line does.
    const text = decodeText(file, FILE);
    const table = readDemands(text, FILE);
    const [header, ...rows] = naiveCsv(text) ?? [[]];
    const wanted = {
      apps: header!.map(nameIn),
      demands: rows.map((row) => row.map((cell) => (naiveNumber(cell) ?? NaN) + 0)),
    };
    if (new Set(table.apps).size !== table.apps.length) return "an app is there twice";
    if (table.demands.flat().some((count) => !Number.isSafeInteger(count) || count < 0)) {
      return "a demand is no count";
    }
    return differenceOf(table, wanted) ??
      differenceOf(readDemands(writeDemandsCsv(table), FILE), table, "written and read again");
  },
};

const CONSTRAINT_APPS = ["redis", "mms", "a,b"];
const CONSTRAINTS = [
  'app_s,app_c,less_or_lager,threshold,weight\nredis,mms,0,3,1\n"a,b",redis,at-least,1,2.5\n2,2,1,0,1\n',
  "# a comment\napp_s,app_c,less_or_larger,threshold\n1,2,0,3\n3,1,at-most,255\n\n2,1,1,2\n",
];

const constraintsCsv: Reader = {
  name: "constraints-csv",
  form: "csv",
  place: FILE,
  samples: CONSTRAINTS.map(bytesOf),
  accept(file) {
    const text = decodeText(file, FILE);
    const { constraints, weighted } = readConstraints(text, CONSTRAINT_APPS, FILE);
    const lines = text.replace(/^\ufeff/, "").split(/\r?\n/)
      .filter((line) => line.trim() !== "" && !line.startsWith("#"));
    const rows = lines.slice(1).map((line) =>
      // Spaces around a quoted cell are none of it.
      naiveCsv(line.replace(/(^|,)[ \t]+"/g, '$1"').replace(/"[ \t]+(,|$)/g, '"$1'))?.[0]?.map((
        cell,
      ) => cell.trim())
    );
    const appIn = (cell: string) => {
      const at = CONSTRAINT_APPS.indexOf(cell);
      return at >= 0 ? at : Number(cell) - 1;
    };
    const wanted = rows.map((row) => ({
      subject: appIn(row?.[0] ?? ""),
      other: appIn(row?.[1] ?? ""),
      kind: ["0", "at-most"].includes(row?.[2] ?? "") ? "at-most" : "at-least",
      threshold: naiveNumber(row?.[3] ?? "") ?? NaN,
      weight: weighted ? naiveNumber(row?.[4] ?? "") ?? NaN : null,
    }));
    const found = constraints.map((one) => weighted ? one : { ...one, weight: null });
    const width = weighted ? 5 : 4;
    const ragged = rows.findIndex((row) => row?.length !== width);
    if (ragged >= 0) return `row ${ragged} has not ${width} cells`;
    const written = writeConstraints(constraints, CONSTRAINT_APPS, { weights: true, names: true });
    return differenceOf(found, wanted) ?? differenceOf(
      readConstraints(written, CONSTRAINT_APPS, FILE).constraints,
      constraints,
      "written and read again",
    );
  },
};

const PAIRS = '"a","b","Total-Throughput"\n1,0,1\n0,1,1\n2,0,1.8\n1,1,1.6\n';
const PER_APP = '"a","b"\n1,0\n0,1\n0.9,0\n0.9,0.7\n';

const pairsCsv: Reader = {
  name: "pairs-csv",
  form: "csv",
  place: FILE,
  samples: [bytesOf(PAIRS), bytesOf(PER_APP)],
  accept(file) {
    const text = decodeText(file, FILE);
    const isTotals = isPairwise(text);
    const files = isTotals ? [text, PER_APP] : [PAIRS, text];
    const [counts, perApp] = files.map((text) => ({ text, file: FILE }));
    const profile = readPairwise(counts!, perApp!);
    const [left, right] = files.map((text) =>
      // The header is read by other rules: spaces around a quoted name are none of it.
      text.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => line !== "").map((line, at) =>
        at === 0
          ? line.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"))
          : naiveCsv(line)?.[0] ?? []
      )
    );
    const width = profile.apps.length;
    const wanted = {
      apps: left![0]!.slice(0, -1).map((name) => name.trim()),
      counts: Uint8Array.from(
        left!.slice(1).flatMap((row) => row.slice(0, width).map((cell) => naiveNumber(cell) ?? 99)),
      ),
      rps: Float64Array.from(
        right!.slice(1).flatMap((row) => row.map((cell) => naiveNumber(cell) ?? -1)),
      ).map((value, at) => profile.counts[at] === 0 && value === 0 ? NaN : value),
    };
    const { apps, counts: found, rps } = profile;
    return unsoundness(profile) ?? differenceOf({ apps, counts: found, rps }, wanted);
  },
};

/** Readers of measurements, demands and constraints in CSV. */
export const profileReaders: readonly Reader[] = [
  profileCsv,
  profileUnits,
  demandsCsv,
  constraintsCsv,
  pairsCsv,
];
