/**
 * `deno task bench [SUITE...] [--json FILE]`: our figures beside named alternatives, measured in one run.
 * Peers that are not installed (g++, python3-sklearn, python3-scipy) are left out.
 * @module
 */
import { benchCore } from "./core.ts";
import { benchFit } from "./fit.ts";
import { type BenchmarkRow, ratio } from "./measure.ts";
import { benchLearn } from "./learn.ts";
import { benchMedea } from "./medea.ts";
import { benchOptimal } from "./optimal.ts";

const SUITES: Readonly<Record<string, () => Promise<BenchmarkRow[]>>> = {
  core: benchCore,
  fit: benchFit,
  optimal: benchOptimal,
  medea: benchMedea,
  learn: benchLearn,
};

/** Four significant digits, with k, M or G for large figures. */
function figure(value: number): string {
  for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (Math.abs(value) >= size) return `${(value / size).toPrecision(4)} ${letter}`;
  }
  return value.toPrecision(4);
}

function printRow(row: BenchmarkRow): void {
  const times = ratio(row);
  const peer = times === null
    ? ""
    : `${row.alternative}: ${figure(row.theirs!)} ${row.unit}, ours is ${
      times.toPrecision(3)
    } x as good`;
  console.log(
    `${row.suite.padEnd(13)} ${row.workload.padEnd(62)} ${figure(row.ours).padStart(10)} ${
      row.unit.padEnd(12)
    } ${peer}`,
  );
}

const jsonAt = Deno.args.indexOf("--json");
const jsonFile = jsonAt >= 0 ? Deno.args[jsonAt + 1] : undefined;
const wanted = Deno.args.filter((_, at) => jsonAt < 0 || (at !== jsonAt && at !== jsonAt + 1));
const unknown = wanted.find((name) => !(name in SUITES));
if (unknown !== undefined || (jsonAt >= 0 && jsonFile === undefined)) {
  console.error(`Usage: deno task bench [${Object.keys(SUITES).join(" | ")}]... [--json FILE]`);
  Deno.exit(2);
}

const rows: BenchmarkRow[] = [];
for (const [name, run] of Object.entries(SUITES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const found = await run();
  found.forEach(printRow);
  rows.push(...found);
}
if (jsonFile !== undefined) {
  const report = {
    schemaVersion: 1,
    machine: { os: Deno.build.os, arch: Deno.build.arch, cores: navigator.hardwareConcurrency },
    deno: Deno.version.deno,
    rows: rows.map((row) => ({ ...row, ratio: ratio(row) })),
  };
  await Deno.writeTextFile(jsonFile, JSON.stringify(report, null, 2) + "\n");
}
