import { NO_RULES, type Problem, Random, uniformCluster } from "../domain/mod.ts";
import { NaiveSimulator } from "../sim-wasm/_naive.ts";
import { FORBIDDEN_VALUE, Simulator } from "../sim-wasm/mod.ts";
import { contentionModel } from "../datasets/mod.ts";
import { type BenchmarkRow, runPeer, secondsOf } from "./measure.ts";

/** Slots of a node. */
export const CAPACITY = 8;

/** The simulator core: node and placement evaluations, local search, annealing. */
export async function benchCore(): Promise<BenchmarkRow[]> {
  const model = contentionModel();
  const simulator = Simulator.create({ model, capacity: CAPACITY });
  return [
    ...await benchEvaluations(simulator),
    ...benchLocalSearch(simulator),
    ...await benchAnnealing(simulator),
  ];
}

async function benchEvaluations(simulator: Simulator): Promise<BenchmarkRow[]> {
  const naive = new NaiveSimulator(simulator.model);
  const apps = simulator.apps.length;
  const rows: BenchmarkRow[] = [];
  for (const nodes of [81, 729]) {
    const placements = Math.round(100_000 / nodes);
    const counts = randomCounts(placements * nodes, apps);
    const ours = await secondsOf(() => simulator.evaluateMany(counts, placements, nodes));
    const few = { nodes, apps, counts: counts.subarray(0, nodes * apps) };
    const theirs = await secondsOf(() => naive.evaluate(few));
    rows.push({
      suite: "evaluate",
      workload: `whole placements, ${nodes} nodes`,
      ours: placements / ours,
      unit: "placements/s",
      better: "higher",
      alternative: "plain TypeScript",
      theirs: 1 / theirs,
    }, {
      suite: "evaluate",
      workload: `nodes by table, ${nodes} at a time`,
      ours: placements * nodes / ours,
      unit: "nodes/s",
      better: "higher",
      alternative: "plain TypeScript",
      theirs: nodes / theirs,
    });
  }
  const draws = new Random(2);
  const ranks = Uint32Array.from({ length: 100_000 }, () => draws.below(simulator.configurations));
  const flat = new Uint8Array(1000 * apps);
  for (let row = 0; row < 1000; row++) flat.set(simulator.unrank(ranks[row]!), row * apps);
  rows.push({
    suite: "evaluate",
    workload: "nodes whose configuration is known by rank",
    ours: ranks.length / await secondsOf(() => simulator.evaluateRanks(ranks)),
    unit: "nodes/s",
    better: "higher",
    alternative: "plain TypeScript",
    theirs: 1000 / await secondsOf(() => naive.evaluate({ nodes: 1000, apps, counts: flat })),
  });
  return rows;
}

/** Counts of nodes with random containers, apps fastest. */
export function randomCounts(nodes: number, apps: number): Uint8Array {
  const draws = new Random(1);
  const counts = new Uint8Array(nodes * apps);
  for (let node = 0; node < nodes; node++) {
    for (let left = draws.below(CAPACITY + 1); left > 0; left--) {
      counts[node * apps + draws.below(apps)]!++;
    }
  }
  return counts;
}

/** About as many containers of each app. */
export function problemOf(apps: readonly string[], nodes: number, containers: number): Problem {
  const demand = apps.map((_, app) => Math.floor((containers + app) / apps.length));
  return {
    apps,
    cluster: uniformCluster(nodes, CAPACITY),
    demand,
    rules: NO_RULES,
  };
}

function benchLocalSearch(simulator: Simulator): BenchmarkRow[] {
  const rows: BenchmarkRow[] = [];
  for (const [nodes, containers] of [[81, 400], [729, 3000], [250_000, 1_000_000]] as const) {
    const problem = problemOf(simulator.apps, nodes, containers);
    using state = simulator.clusterState(problem);
    const empty = state.placement();
    let greedy = Infinity;
    let search = Infinity;
    // The fastest of many: rounds are short, and noise of the machine only ever slows.
    for (let round = 0; round < (nodes > 1000 ? 5 : 500); round++) {
      state.load(empty);
      const started = performance.now();
      state.greedy(problem.demand);
      const placed = performance.now();
      state.localSearch();
      search = Math.min(search, (performance.now() - placed) / 1000);
      greedy = Math.min(greedy, (placed - started) / 1000);
    }
    const workload = `${containers} containers, ${nodes} nodes`;
    rows.push(
      { suite: "greedy", workload, ours: greedy, unit: "s", better: "lower" },
      {
        suite: "local-search",
        workload,
        ours: search,
        unit: "s",
        better: "lower",
      },
    );
  }
  return rows;
}

async function benchAnnealing(simulator: Simulator): Promise<BenchmarkRow[]> {
  const native = await compileNative();
  const rows: BenchmarkRow[] = [];
  for (const [nodes, containers] of [[81, 400], [729, 3000]] as const) {
    const moves = 20_000_000;
    const problem = problemOf(simulator.apps, nodes, containers);
    using state = simulator.clusterState(problem);
    state.greedy(problem.demand);
    const start = state.placement();
    const annealing = { moves, hot: 0.3, cold: 0.003, seed: 1 };
    const input = native === null ? "" : nativeInput(simulator, start, annealing);
    const theirs: number[] = [];
    const ours: number[] = [];
    // In turns, so that a slow spell of the machine hits both.
    for (let round = 0; round < 3; round++) {
      state.load(start);
      const started = performance.now();
      state.anneal(annealing);
      ours.push((performance.now() - started) / 1000);
      if (native !== null) {
        const peer = await runPeer(native, [], input) as { seconds: number } | null;
        if (peer) theirs.push(peer.seconds);
      }
    }
    const median = (samples: number[]): number =>
      samples.sort((a, b) => a - b)[samples.length >> 1]!;
    rows.push({
      suite: "annealing",
      workload: `${containers} containers, ${nodes} nodes`,
      ours: moves / median(ours),
      unit: "moves/s",
      better: "higher",
      ...(theirs.length
        ? { alternative: "native C++ (g++ -O3)", theirs: moves / median(theirs) }
        : {}),
    });
  }
  if (native !== null) await Deno.remove(native);
  return rows;
}

/** Path of the compiled C++ peer; null if there is no compiler. */
async function compileNative(): Promise<string | null> {
  const output = await Deno.makeTempFile();
  const source = new URL("peers/annealing.cpp", import.meta.url).pathname;
  try {
    const { success } = await new Deno.Command("g++", {
      args: ["-O3", "-march=native", "-o", output, source],
      stderr: "null",
    }).output();
    if (success) return output;
  } catch { /* no compiler: the row stands without a peer */ }
  await Deno.remove(output);
  return null;
}

function nativeInput(
  simulator: Simulator,
  start: { nodes: number; apps: number; counts: Uint8Array },
  annealing: { moves: number; hot: number; cold: number },
): string {
  const { apps, nodes, counts } = start;
  const n = simulator.configurations;
  let stride = 1;
  while (stride <= apps) stride *= 2;
  const added = new Uint32Array((n + 1) * stride).fill(n);
  const removed = new Uint32Array((n + 1) * stride).fill(n);
  for (let rank = 0; rank <= n; rank++) {
    added[rank * stride + apps] = removed[rank * stride + apps] = rank;
  }
  for (let rank = 0; rank < n; rank++) {
    const row = simulator.unrank(rank);
    if (row.reduce((a, b) => a + b, 0) === simulator.capacity) continue;
    for (let app = 0; app < apps; app++) {
      row[app]!++;
      const more = simulator.rank(row);
      row[app]!--;
      added[rank * stride + app] = more;
      removed[more * stride + app] = rank;
    }
  }
  const slots: number[] = [];
  let containers = 0;
  for (let node = 0; node < nodes; node++) {
    const held: number[] = [];
    for (let app = 0; app < apps; app++) {
      for (let k = 0; k < counts[node * apps + app]!; k++) held.push(app);
    }
    containers += held.length;
    while (held.length < simulator.capacity) held.push(apps);
    slots.push(...held);
  }
  return [
    [
      apps,
      simulator.capacity,
      n,
      stride,
      nodes,
      containers,
      annealing.moves,
      annealing.hot,
      annealing.cold,
    ].join(" "),
    added.join(" "),
    removed.join(" "),
    [...simulator.table(), FORBIDDEN_VALUE].join(" "),
    slots.join(" "),
    "",
  ].join("\n");
}
