/**
 * Readers of what commands keep between runs, and of what experiments ask for.
 * @module
 */
import { memoryContext } from "../../cli/_testing.ts";
import { readProfilingLines } from "../../cli/experiment/profiling/run.ts";
import { loadProfiling, profilingSchema } from "../../cli/experiment/profiling/spec.ts";
import { readLines } from "../../cli/experiment/results.ts";
import { besideFile, labelled, loadExperiment } from "../../cli/experiment/spec.ts";
import { Talk } from "../../cli/output/progress.ts";
import { decodeText, MetisError, parseJson } from "../../domain/mod.ts";
import { readRows } from "../../policies/training/metrics.ts";
import { defaultRegistry } from "../../registry.ts";
import { checkJson } from "../../scheduling/plans/plan.ts";
import { readState, stateText } from "../../swarm/lab/layout.ts";
import { checkLoadPlan } from "../../swarm/load/plan.ts";
import { readJournal } from "../../swarm/measure/journal.ts";
import { differenceOf, lostOf, naiveJson, naiveText } from "./naive.ts";
import type { Reader } from "./reader.ts";

const FILE = "given.json";

const bytesOf = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

/** What is lost of JSON that is kept so. */
function lost(text: string, kept: unknown, unread: readonly string[] = []): string | null {
  const written = naiveJson(text);
  return written === null ? "what is no JSON was read" : lostOf(written, kept, unread);
}

/** What is lost of the whole lines of a file that are kept so, one by one. */
function lostLines(file: Uint8Array, kept: readonly unknown[]): string | null {
  const whole = file.subarray(0, file.lastIndexOf(10) + 1);
  const text = naiveText(whole);
  if (text === null) return "bytes that are not UTF-8 were read";
  const lines = text.split("\n").slice(0, -1);
  if (lines.length !== kept.length) return `${lines.length} lines became ${kept.length}`;
  for (const [at, line] of lines.entries()) {
    const found = lost(line, kept[at]);
    if (found !== null) return `line ${at + 1}: ${found}`;
  }
  return null;
}

const TABLE = "a,b,rps:a,rps:b\n1,0,1,\n0,1,,1\n1,1,0.9,0.8\n2,0,0.85,\n0,2,,0.9\n";
const FILES = {
  "t.csv": TABLE,
  "d.csv": "a,b\n1,1\n2,1\n",
  "c.csv": "app_s,app_c,less_or_lager,threshold\n1,2,0,1\n",
};
const EXPERIMENTS = [
  {
    name: "small",
    title: "Small",
    surface: { table: "t.csv", fallback: "gaussian" },
    constraints: "c.csv",
    cluster: { nodes: 4, capacity: 2 },
    demands: [{ name: "few", file: "d.csv", rows: "0-1" }, {
      name: "drawn",
      containers: 3,
      draws: 2,
      seed: 1,
    }],
    schedulers: ["spread", { scheduler: "random", label: "any", seeds: [1, 2] }, {
      scheduler: "optimal",
      timeLimit: 2,
      gap: 0.01,
      parameters: {},
    }],
    seeds: [1, 3],
    timeLimit: 5,
    bound: "lp",
    boundTimeLimit: 3,
  },
  {
    name: "classes",
    surface: { table: "t.csv" },
    cluster: [{ capacity: 2, count: 2 }, { name: "b", capacity: 1, count: 1 }],
    demands: [{ name: "few", file: "d.csv" }],
    schedulers: ["spread"],
  },
];

const experiment: Reader = {
  name: "experiment-json",
  form: "json",
  place: FILE,
  samples: EXPERIMENTS.map(bytesOf),
  async accept(file) {
    const context = memoryContext({ files: { ...FILES, [FILE]: file } });
    const talk = new Talk(context, true);
    const read = await loadExperiment(context, talk, FILE, defaultRegistry());
    const text = naiveText(file);
    if (text === null) return "bytes that are not UTF-8 were read";
    for (const { label, seeds } of read.contenders) {
      const given = read.file.schedulers.find((one) =>
        typeof one !== "string" && (one.label ?? one.scheduler) === label
      );
      const wanted = (typeof given === "object" ? given.seeds : undefined) ?? read.file.seeds;
      if (wanted.length !== seeds.length) return `${label}: seeds ${wanted} became ${seeds}`;
    }
    const asked = (read.file.demands ?? []).every((set, at) =>
      !("draws" in set) || read.sets[at]!.rows.length === set.draws &&
        read.sets[at]!.rows.every(({ demand }) =>
          demand.reduce((sum, count) => sum + count, 0) === set.containers
        )
    );
    return asked ? lost(text, read.file) : "other demands were drawn";
  },
};

const PROFILING = {
  kind: "profiling",
  name: "p",
  title: "P",
  truths: [{ name: "t", table: "t.csv" }, {
    name: "s",
    synthetic: { apps: 2, capacity: 2, seed: 1, noise: 0.02 },
  }],
  nodes: 4,
  demands: { containers: [2, 3], draws: 2, seed: 7 },
  strategies: ["random"],
  budgets: [4, 5],
  seeds: [1, 2],
  fit: "gaussian",
};

const profilingExperiment: Reader = {
  name: "profiling-json",
  form: "json",
  place: FILE,
  samples: [bytesOf(PROFILING)],
  async accept(file) {
    const text = naiveText(file);
    const context = memoryContext({ files: FILES });
    const read = checkJson(profilingSchema, text ?? "", FILE);
    try {
      const { truths } = await loadProfiling(
        context,
        new Talk(context, true),
        read,
        besideFile(FILE),
      );
      if (truths.length !== read.truths.length) return "a truth is lost";
    } catch (error) {
      throw error instanceof MetisError ? labelled(error, FILE) : error;
    }
    return lost(text!, read);
  },
};

const RUN = {
  type: "run",
  set: "few",
  row: 0,
  label: "any",
  scheduler: "random",
  seed: 1,
  parameters: { k: 1, name: "x", on: true },
  demand: [2, 1],
  error: null,
  mean: 0.9,
  total: 2.7,
  perApp: [0.9, null],
  worst: 0.8,
  violations: 0,
  violationRatio: 0.5,
  seconds: 0.01,
  nodes: [{ nodes: [0, 1], counts: [1, 0], throughput: 1, rps: [1, null] }],
  details: { columns: 3, ended: "optimal", proven: true },
  versions: { metis: "0.2.0" },
};
const REFUSED = {
  ...RUN,
  ...{ seed: 2, error: "does not fit", mean: null, total: null, perApp: [], worst: null },
  ...{ violations: null, violationRatio: null, nodes: [], details: {} },
};
const BOUND = { type: "bound", set: "few", row: 0, bound: 0.95, proven: false, seconds: 0.1 };
const linesOf = (...values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value) + "\n").join("");

const results: Reader = {
  name: "results-jsonl",
  form: "jsonl",
  place: FILE,
  samples: [bytesOf(linesOf(RUN, BOUND, REFUSED)), bytesOf(linesOf(REFUSED, RUN) + '{"type":"r')],
  accept: (file) => lostLines(file, readLines(file, FILE).lines),
};

const PROFILED = {
  type: "profiling",
  truth: "t",
  strategy: "random",
  budget: 4,
  seed: 1,
  measurements: 4,
  regret: 0.01,
  regretMax: 0.02,
  restricted: false,
  regretBound: null,
  maePresent: 0.1,
  seconds: 0.2,
  versions: { metis: "0.2.0" },
};

const profilingResults: Reader = {
  name: "profiling-results-jsonl",
  form: "jsonl",
  place: FILE,
  samples: [bytesOf(linesOf(PROFILED, { ...PROFILED, seed: 2, regretBound: 0.1 }))],
  accept: (file) => lostLines(file, readProfilingLines(file, FILE).lines),
};

const METRICS = linesOf(
  { "time/iterations": 1, "train/loss": 0.5, "eval/gap": null },
  { "time/iterations": 2, "train/loss": 0.25, "eval/gap": 0.01 },
  { "time/iterations": 3, "train/loss": 0.125, "eval/gap": null },
);

/** Rows after the last checkpoint are dropped, as is a line that a kill cut off. */
const metrics: Reader = {
  name: "metrics-jsonl",
  form: "jsonl",
  place: FILE,
  samples: [bytesOf(METRICS), bytesOf(METRICS + '{"time/it')],
  accept(file) {
    const rows = readRows(file, FILE, 2);
    const text = naiveText(file.subarray(0, file.lastIndexOf(10) + 1));
    if (text === null) return "bytes that are not UTF-8 were read";
    const wanted = text.split("\n").slice(0, -1)
      .filter((line) => (JSON.parse(line) as Record<string, number>)["time/iterations"]! <= 2);
    return lostLines(bytesOf(wanted.map((line) => `${line}\n`).join("")), rows);
  },
};

const HEADER = {
  kind: "header",
  format: "metis-profile-journal",
  version: 1,
  at: "2026-01-01T00:00:00Z",
  apps: ["a", "b"],
  capacity: 4,
  load: { users: 4, wait: [0, 0.1], warmUp: 2, duration: 5, repeats: 3, timeLimit: 60 },
  services: "ab".repeat(32),
  versions: { metis: "0.2.0" },
};
const MEASURED = {
  kind: "run",
  at: "2026-01-01T00:00:10Z",
  node: "n1",
  counts: [1, 0],
  attempt: 1,
  seconds: 12.5,
  containers: [{
    slot: 0,
    app: "a",
    repeats: [{ rps: 120.5, p50: 3, p99: null, requests: 600, errors: { timeout: 1 } }],
  }],
  verdict: "good",
  reason: null,
  outliers: [],
};
const MISSING = {
  kind: "missing",
  at: "2026-01-01T00:01:00Z",
  node: "n1",
  counts: [0, 2],
  reason: "void",
};

const journal: Reader = {
  name: "journal-jsonl",
  form: "jsonl",
  place: FILE,
  samples: [
    bytesOf(linesOf(HEADER, MEASURED, MISSING)),
    bytesOf(linesOf(HEADER, { ...MEASURED, verdict: "void", reason: "x" }) + '{"kind":"ru'),
  ],
  accept(file) {
    const read = readJournal(file, FILE);
    if (read === null) {
      const begin = '{"kind":"header"';
      const text = new TextDecoder().decode(file);
      const isTorn = begin.startsWith(text.slice(0, begin.length)) && !text.includes("\n");
      return isTorn ? null : "something else than the beginning of a journal is overwritten";
    }
    const { header, entries, length } = read;
    if (length !== file.lastIndexOf(10) + 1) return `${length} bytes are kept`;
    for (const entry of entries) {
      const total = entry.counts.reduce((sum, count) => sum + count, 0);
      if (entry.counts.length !== header.apps.length || !Number.isInteger(total)) return "counts";
      if (entry.kind !== "run") continue;
      const strange = entry.containers.find(({ app, slot }) =>
        !header.apps.includes(app) || !Number.isInteger(slot) || slot >= header.capacity
      );
      if (strange !== undefined) return `a container is ${JSON.stringify(strange)}`;
    }
    return lostLines(file, [header, ...entries]);
  },
};

const DIRECTORY = "/lab";

const lab: Reader = {
  name: "lab-json",
  form: "json",
  place: `${DIRECTORY}/lab.json`,
  samples: [
    bytesOf(stateText({ directory: DIRECTORY, subnet: "10.77.0", nodes: 3, slots: 8 })),
  ],
  accept(file) {
    const text = new TextDecoder().decode(file);
    const plan = readState(DIRECTORY, file);
    return lost(text, JSON.parse(stateText(plan))) ??
      differenceOf(readState(DIRECTORY, bytesOf(stateText(plan))), plan, "written and read again");
  },
};

const LOAD = {
  targets: [{
    name: "t",
    origin: "http://10.0.0.1:8081",
    request: { method: "POST", path: "/x?y=1", headers: { accept: "text/plain" }, body: "b" },
  }],
  loop: { kind: "closed", users: 4, waitLeast: 0, waitMost: 0.1 },
  warmUp: 2,
  duration: 5,
  repeats: 3,
  timeout: 10,
  seed: 1,
};

/** What the process of the load generator is given. */
const load: Reader = {
  name: "load-json",
  form: "json",
  place: "Load",
  samples: [bytesOf(LOAD), bytesOf({ ...LOAD, loop: { kind: "open", rate: 100 } })],
  accept(file) {
    // As the process is told it.
    const text = decodeText(file, "Load");
    const read = checkLoadPlan(parseJson(text, "Load"));
    return lost(text, read);
  },
};

/** Readers of experiments, their results, journals and states. */
export const runReaders: readonly Reader[] = [
  experiment,
  profilingExperiment,
  results,
  profilingResults,
  metrics,
  journal,
  lab,
  load,
];
