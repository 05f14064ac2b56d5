/**
 * `deno task bench [SUITE...] [--json FILE]`: our figures beside named alternatives, measured in one run;
 * `deno task bench core --against FOLDER`: our core beside that of another checkout of the project.
 * Peers that are not installed (g++, python3-sklearn, python3-scipy, wrk) are left out, and the page without Chromium.
 * @module
 */
import { parseArgs } from "node:util";
import { benchAgainst } from "./against.ts";
import { benchCore } from "./core.ts";
import { benchEnvironment } from "./environment.ts";
import { benchFit } from "./fit.ts";
import { benchFitted } from "./fitted.ts";
import { benchLoad } from "./load.ts";
import { type BenchmarkRow, ratio } from "./measure.ts";
import { benchLearn } from "./learn.ts";
import { benchMany } from "./many.ts";
import { benchMedea } from "./medea.ts";
import { benchOptimal } from "./optimal.ts";
import { benchPage } from "./page.ts";
import { benchPolicy } from "./policy.ts";
import { benchReplan } from "./replan.ts";
import { benchRules } from "./rules.ts";
import { benchTraffic } from "./traffic.ts";

const SUITES: Readonly<Record<string, () => Promise<BenchmarkRow[]>>> = {
  core: benchCore,
  fit: benchFit,
  fitted: benchFitted,
  optimal: benchOptimal,
  many: benchMany,
  policy: benchPolicy,
  rules: benchRules,
  replan: benchReplan,
  medea: benchMedea,
  learn: benchLearn,
  environment: benchEnvironment,
  load: benchLoad,
  traffic: benchTraffic,
  page: benchPage,
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

const { values, positionals: wanted } = parsed();
const rows: BenchmarkRow[] = [];
if (values.against !== undefined) {
  rows.push(...await benchAgainst(values.against));
  rows.forEach(printRow);
} else {
  for (const [name, run] of Object.entries(SUITES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const found = await run();
    found.forEach(printRow);
    rows.push(...found);
  }
}
if (values.json !== undefined) {
  const report = {
    schemaVersion: 1,
    machine: { os: Deno.build.os, arch: Deno.build.arch, cores: navigator.hardwareConcurrency },
    deno: Deno.version.deno,
    rows: rows.map((row) => ({ ...row, ratio: ratio(row) })),
  };
  await Deno.writeTextFile(values.json, JSON.stringify(report, null, 2) + "\n");
}

function parsed() {
  try {
    const options = { json: { type: "string" }, against: { type: "string" } } as const;
    const parsed = parseArgs({ args: Deno.args, options, allowPositionals: true });
    const unknown = parsed.positionals.find((name) => !(name in SUITES));
    if (unknown !== undefined) throw new Error(`There is no suite ${unknown}`);
    if (parsed.values.against !== undefined && String(parsed.positionals) !== "core") {
      throw new Error("--against compares the suite core only");
    }
    return parsed;
  } catch (error) {
    const suites = Object.keys(SUITES).join(" | ");
    console.error(error instanceof Error ? error.message : error);
    console.error(`Usage: deno task bench [${suites}]... [--json FILE]`);
    console.error("       deno task bench core --against FOLDER");
    Deno.exit(2);
  }
}
