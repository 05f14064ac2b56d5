/**
 * Placing jobs on GPUs of three kinds, by measurements of all pairs: against matchings and scipy's milp.
 * @module
 */
import assert from "node:assert/strict";
import { type Cluster, type InterferenceModel, NO_RULES } from "../../domain/mod.ts";
import { needsReference } from "../../reference/_needs.ts";
import { referencePath } from "../../reference/folder.ts";
import { runScheduler, type Scheduler, type SchedulingProblem } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { annealing } from "../heuristics/annealing.ts";
import { binpack } from "../heuristics/binpack.ts";
import { greedy } from "../heuristics/greedy.ts";
import { localSearch } from "../heuristics/local_search.ts";
import { random } from "../heuristics/random.ts";
import { roundRobin } from "../heuristics/round_robin.ts";
import { spread } from "../heuristics/spread.ts";
import { solveToOptimality } from "./mod.ts";

type Gpu = "k80" | "p100" | "v100";

const rowsOf = (name: string): string[][] =>
  Deno.readTextFileSync(referencePath(`pairs/${name}.csv`)).trim().split("\n")
    .map((line) => line.split(","));

/** Speeds of each job alone on each kind of GPU, in steps per second. */
function alone(): Map<string, Readonly<Record<Gpu, number>>> {
  const [, ...rows] = rowsOf("gavel-alone");
  return new Map(rows.map(([app, k80, p100, v100]) => [
    app!,
    { k80: Number(k80), p100: Number(p100), v100: Number(v100) },
  ]));
}

/** What was measured on a kind of GPU: RPS against the job alone on `unit`. */
function gpu(kind: Gpu, unit: Gpu = kind): InterferenceModel {
  const [header, ...rows] = rowsOf(`gavel-${kind}`);
  const apps = header!.slice(0, header!.length / 2);
  const speeds = alone();
  const factors = apps.map((app) => speeds.get(app)![kind] / speeds.get(app)![unit]);
  const measured = new Map(rows.map((row) => [
    row.slice(0, apps.length).join(),
    row.slice(apps.length).map((cell, app) => Number(cell) * factors[app]!),
  ]));
  return {
    kind: "gpu",
    apps,
    predict(counts, count) {
      const rps = new Float64Array(counts.length);
      for (let at = 0; at < count * apps.length; at += apps.length) {
        rps.set(measured.get(counts.slice(at, at + apps.length).join()) ?? [], at);
      }
      return rps;
    },
  };
}

function nodeClass(name: string, count: number, surface = 0): Cluster["nodeClasses"][number] {
  return { name, count, capacity: 2, labels: {}, failureDomain: null, surface };
}

Deno.test(needsReference({
  name: "optimal finds the maximum-weight matchings of jobs on GPUs",
  async fn() {
    const known: [Gpu, number, number, number][] = [
      ["v100", 26, 2, 0.830564],
      ["v100", 35, 2, 0.953694],
      ["k80", 39, 2, 0.807908],
      ["p100", 31, 2, 0.744200],
      ["v100", 260, 20, 0.830564],
    ];
    for (const [kind, nodes, each, mean] of known) {
      using simulator = Simulator.create({ model: gpu(kind), capacity: 2 });
      const demand = simulator.apps.map(() => each);
      const cluster = { nodeClasses: [nodeClass(kind, nodes)] };
      const problem = { apps: simulator.apps, cluster, demand, rules: NO_RULES, simulator };
      const answer = await solveToOptimality(problem);
      assert.ok(answer.proven);
      const found = answer.total / (each * demand.length);
      assert.ok(Math.abs(found - mean) < 1e-6, `${kind} on ${nodes}: ${found}, known ${mean}`);
    }
  },
}));

Deno.test(needsReference({
  name: "GPUs of three kinds are one cluster: scipy's optimum, and no scheduler is above it",
  async fn() {
    const kinds: Gpu[] = ["v100", "p100", "k80"];
    const [first, ...more] = kinds.map((kind) => gpu(kind, "v100"));
    using simulator = Simulator.create({ model: first!, more, capacity: 2 });
    const counts = [12, 10, 9];
    const problem: SchedulingProblem = {
      apps: simulator.apps,
      cluster: { nodeClasses: kinds.map((kind, at) => nodeClass(kind, counts[at]!, at)) },
      demand: simulator.apps.map(() => 2),
      rules: NO_RULES,
      simulator,
    };
    const { total, proven, placement } = await solveToOptimality(problem);
    assert.ok(proven);
    const oracle = await scipyTotal(problem, counts);
    if (oracle === null) console.log("  scipy is not there: the optimum is not compared with its");
    else assert.ok(Math.abs(total - oracle) <= 1e-6 * oracle, `${total}, scipy ${oracle}`);
    const valued = simulator.evaluate(
      placement,
      kinds.flatMap((_, at) => Array(counts[at]).fill(at)),
    );
    assert.ok(Math.abs(valued - total) < 1e-9);
    const others: Scheduler[] = [roundRobin, random, spread, binpack, greedy, localSearch];
    for (const scheduler of others) {
      const run = await runScheduler(scheduler, problem);
      assert.ok(run.total <= total + 1e-9, `${scheduler.name}: ${run.total} above ${total}`);
    }
    const annealed = await runScheduler(annealing, problem, { parameters: { moves: 2_000_000 } });
    assert.ok(annealed.total <= total + 1e-9 && annealed.total >= 0.98 * total);
  },
}));

/** The optimum over all columns of all kinds, by scipy; null where there is no scipy. */
async function scipyTotal(
  { simulator, demand, cluster }: SchedulingProblem,
  nodes: readonly number[],
): Promise<number | null> {
  const columns = cluster.nodeClasses.flatMap((_, group) =>
    Array.from({ length: simulator.configurations }, (_, rank) => {
      const counts = [...simulator.unrank(rank)];
      return { counts, group, value: simulator.throughput(counts, 0, group) };
    })
  );
  const input = JSON.stringify({
    counts: columns.map(({ counts }) => counts),
    values: columns.map(({ value }) => value),
    groups: columns.map(({ group }) => group),
    demand,
    nodes,
    timeLimit: 60,
  });
  const script = new URL("../../bench/peers/milp.py", import.meta.url).pathname;
  const command = new Deno.Command("/usr/bin/python3", {
    args: [script],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  });
  let child: Deno.ChildProcess;
  try {
    child = command.spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout } = await child.output();
  return success ? JSON.parse(new TextDecoder().decode(stdout)).total : null;
}
