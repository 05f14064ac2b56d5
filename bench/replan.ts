import { contentionModel } from "../datasets/mod.ts";
import { NO_RULES, type Placement, uniformCluster } from "../domain/mod.ts";
import { defaultRegistry } from "../registry.ts";
import { orderSteps, replan, replanFrontier, type ReplanProblem } from "../replanning/mod.ts";
import { runScheduler } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { type BenchmarkRow, runPeer } from "./measure.ts";

/** Seconds after which the peer's plain integer program is stopped. */
const PEER_LIMIT = 20;

/** What replanning takes from random placements: the whole frontier, and limits of moves at scale. */
export async function benchReplan(): Promise<BenchmarkRow[]> {
  using simulator = Simulator.create({ model: contentionModel(), capacity: 8 });
  return [
    ...await besideScipy(),
    ...await frontier(simulator),
    ...await limited(simulator, 729, 3000, 30),
    ...await limited(simulator, 10_000, 40_000, 400),
  ];
}

async function running(
  simulator: Simulator,
  nodes: number,
  containers: number,
): Promise<ReplanProblem> {
  const { apps, capacity } = simulator;
  const demand = apps.map((_, app) => Math.floor((containers + app) / apps.length));
  const problem = {
    apps,
    cluster: uniformCluster(nodes, capacity),
    demand,
    rules: NO_RULES,
    simulator,
  };
  const { placement } = await runScheduler(defaultRegistry().get("random"), problem, { seed: 1 });
  return { ...problem, current: placement };
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  return [await work(), (performance.now() - started) / 1000];
}

function row(workload: string, ours: number, unit: BenchmarkRow["unit"]): BenchmarkRow {
  return { suite: "replan", workload, ours, unit, better: "lower" };
}

async function frontier(simulator: Simulator): Promise<BenchmarkRow[]> {
  const problem = await running(simulator, 81, 400);
  const [{ points }, seconds] = await timed(() => replanFrontier(problem));
  const open = points.filter(({ proven }) => !proven).length;
  const workload = `whole frontier of ${points.length} points, 400 containers on 81 nodes`;
  return [row(workload, seconds, "s"), row(`not proven of: ${workload}`, open, "points")];
}

async function limited(
  simulator: Simulator,
  nodes: number,
  containers: number,
  maxMoves: number,
): Promise<BenchmarkRow[]> {
  const problem = await running(simulator, nodes, containers);
  const [{ placement, total, boundTotal }, seconds] = await timed(() =>
    replan(problem, { maxMoves })
  );
  const workload = `${maxMoves} moves, ${containers} containers on ${nodes} nodes`;
  const [, ordering] = await timed(() =>
    Promise.resolve(orderSteps(problem, problem.current, placement))
  );
  return [
    row(workload, seconds, "s"),
    row(`order of the steps: ${workload}`, ordering, "s"),
    row(`proven gap: ${workload}`, (1 - total / boundTotal) * 100, "%"),
  ];
}

/** The same limit of moves for scipy's milp over all configurations of every node. */
async function besideScipy(): Promise<BenchmarkRow[]> {
  using simulator = Simulator.create({ model: contentionModel(), capacity: 4 });
  const maxMoves = 5;
  const problem = await running(simulator, 9, 27);
  const [{ total }, seconds] = await timed(() => replan(problem, { maxMoves }));
  const theirs = await runScipy(simulator, problem, maxMoves);
  const workload = `${maxMoves} moves, 27 containers on 9 nodes of 4 slots`;
  if (theirs === null) return [row(workload, seconds, "s")];
  const difference = theirs.total === null ? NaN : Math.abs(theirs.total - total);
  return [
    { ...row(workload, seconds, "s"), alternative: "scipy milp", theirs: theirs.seconds },
    row(`difference to scipy's optimum: ${workload}`, difference, "RPS"),
  ];
}

async function runScipy(
  simulator: Simulator,
  { demand, current }: { readonly demand: readonly number[]; readonly current: Placement },
  maxMoves: number,
): Promise<{ seconds: number; total: number | null } | null> {
  const apps = demand.length;
  const flat = simulator.configurationCounts(0, simulator.configurations);
  const table = simulator.table();
  // Starts are one more app of which as many are wanted as may start; a node of a group of its own may take one up.
  const counts: number[][] = [[...demand.map(() => 0), 1]];
  const values = [0];
  const groups = [current.nodes];
  for (let node = 0; node < current.nodes; node++) {
    for (let rank = 0; rank < simulator.configurations; rank++) {
      const held = [...flat.subarray(rank * apps, (rank + 1) * apps)];
      const starts = held.reduce(
        (sum, count, app) => sum + Math.max(0, count - current.counts[node * apps + app]!),
        0,
      );
      counts.push([...held, starts]);
      values.push(table[rank]!);
      groups.push(node);
    }
  }
  const nodes = [...new Array<number>(current.nodes).fill(1), maxMoves];
  const input = {
    counts,
    values,
    groups,
    nodes,
    demand: [...demand, maxMoves],
    timeLimit: PEER_LIMIT,
  };
  const script = new URL("peers/milp.py", import.meta.url).pathname;
  // The peer does not always keep its own limit.
  const words = [`${PEER_LIMIT + 10}`, "/usr/bin/python3", script];
  const answer = await runPeer("/usr/bin/timeout", words, JSON.stringify(input));
  return answer as { seconds: number; total: number | null } | null;
}
