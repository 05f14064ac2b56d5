import { TrafficModel } from "../models/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { gainedAffinity } from "./gained_affinity.ts";
import { type BenchmarkRow, runPeer } from "./measure.ts";
import { rasaAssignment, rasaFile, rasaProblem, rasaToday, readRasa } from "./rasa.ts";

/** What the release of RASA publishes for this cluster: gained affinity by method. */
const PUBLISHED = [
  ["POP, published", 0.1343],
  ["a heuristic, published", 0.5816],
  ["the best published", 0.8495],
] as const;

/** Seconds that a search may take. */
const LIMIT = 60;
const SEEDS = [1, 2, 3];

/**
 * The scheduler `annealing` on the production cluster M3 of RASA: which share of the traffic it keeps on one machine, by an
 * evaluator that shares nothing with it, and by another in Python.
 */
export async function benchTraffic(): Promise<BenchmarkRow[]> {
  const file = rasaFile();
  if (file === null) {
    console.error("traffic: skipped, since ../shared/data/rasa/M3.json is not there");
    return [];
  }
  const cluster = readRasa(file);
  const { problem, pairs } = rasaProblem(cluster);
  using simulator = Simulator.create({
    model: new TrafficModel({ ...problem, pairs }),
    capacity: 255,
  });
  const row = (workload: string, ours: number, more: Partial<BenchmarkRow> = {}): BenchmarkRow => ({
    suite: "traffic",
    workload,
    ours,
    unit: "of traffic",
    better: "higher",
    ...more,
  });
  const rows = [row("M3 as it is today", gainedAffinity(cluster, rasaToday(cluster)).gained)];
  const found: number[] = [];
  for (const seed of SEEDS) {
    const options = { seed, timeLimit: LIMIT };
    const run = await runScheduler(
      defaultRegistry().get("annealing"),
      { ...problem, simulator },
      options,
    );
    const assignment = rasaAssignment(cluster, run.placement);
    const { gained, faults } = gainedAffinity(cluster, assignment);
    found.push(gained);
    const python = await secondOpinion(file, assignment);
    const isAgreed = python === null || Math.abs(python.gained - gained) < 1e-9;
    rows.push(
      row(`M3, seed ${seed}`, gained),
      row(`M3, seed ${seed}: seconds`, run.seconds, { unit: "s", better: "lower" }),
      row(
        `M3, seed ${seed}: faults found by ${
          python === null ? "the evaluator" : "both evaluators"
        }`,
        faults.length + (python?.faults ?? 0) + (isAgreed ? 0 : 1),
        { unit: "faults", better: "lower" },
      ),
    );
  }
  for (const [alternative, theirs] of PUBLISHED) {
    rows.push(row("M3, least of the seeds", Math.min(...found), { alternative, theirs }));
  }
  return rows;
}

async function secondOpinion(
  file: URL,
  assignment: ReadonlyMap<string, string>,
): Promise<{ gained: number; faults: number } | null> {
  const question = { cluster: file.pathname, assignment: Object.fromEntries(assignment) };
  const script = new URL("peers/gained_affinity.py", import.meta.url).pathname;
  return await runPeer("/usr/bin/python3", [script], JSON.stringify(question)) as
    | { gained: number; faults: number }
    | null;
}
