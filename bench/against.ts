import { contentionModel } from "../datasets/mod.ts";
import { type ClusterState, Simulator } from "../sim-wasm/mod.ts";
import { CAPACITY, problemOf, randomCounts } from "./core.ts";
import type { BenchmarkRow } from "./measure.ts";

const MOVES = 2_000_000;

/** What is timed: prepared outside of the clock. */
interface Work {
  readonly prepare: () => void;
  readonly run: () => void;
}

/**
 * The simulator core of this checkout beside that of another checkout of the project (an earlier version). Both run in
 * this process, by turns of some milliseconds, and of each the fastest turn counts: so neither a slow spell of the
 * machine nor its noise decides.
 * @param folder Root of the other checkout.
 */
export async function benchAgainst(folder: string): Promise<BenchmarkRow[]> {
  const module = new URL(`file://${await Deno.realPath(folder)}/sim-wasm/mod.ts`);
  const other = await import(module.href) as { Simulator: typeof Simulator };
  const model = contentionModel();
  const sides = [Simulator, other.Simulator].map((each) =>
    each.create({ model, capacity: CAPACITY })
  );
  const rows: BenchmarkRow[] = [];
  const compare = (suite: string, workload: string, turns: number, works: Work[]) => {
    const [ours, theirs] = fastest(works, turns);
    rows.push({
      suite,
      workload,
      ours: ours!,
      unit: "s",
      better: "lower",
      alternative: "that checkout",
      theirs: theirs!,
    });
  };
  const nothing = () => {};
  for (const nodes of [81, 729]) {
    const placements = Math.round(20_000 / nodes);
    const counts = randomCounts(placements * nodes, model.apps.length);
    compare(
      "evaluate",
      `${placements} placements, ${nodes} nodes`,
      100,
      sides.map((simulator) => ({
        prepare: nothing,
        run: () => simulator.evaluateMany(counts, placements, nodes),
      })),
    );
  }
  for (
    const [nodes, containers, turns] of [[81, 400, 1000], [729, 3000, 300], [
      250_000,
      1_000_000,
      5,
    ]] as const
  ) {
    const problem = problemOf(model.apps, nodes, containers);
    const states = sides.map((simulator) => simulator.clusterState(problem));
    const workload = `${containers} containers, ${nodes} nodes`;
    const empty = states[0]!.placement();
    const over = (prepare: (state: ClusterState) => void, run: (state: ClusterState) => void) =>
      states.map((state) => ({ prepare: () => prepare(state), run: () => run(state) }));
    compare(
      "greedy",
      workload,
      turns,
      over(
        (state) => state.load(empty),
        (state) => state.greedy(problem.demand),
      ),
    );
    const greedy = states[0]!.placement();
    compare(
      "local-search",
      workload,
      turns,
      over(
        (state) => state.load(greedy),
        (state) => state.localSearch(),
      ),
    );
    if (nodes < 1000) {
      const annealing = { moves: MOVES, hot: 0.3, cold: 0.003, seed: 1 };
      compare(
        "annealing",
        workload,
        20,
        over(
          (state) => state.load(greedy),
          (state) => state.anneal(annealing),
        ),
      );
    }
    states.forEach((state) => state.dispose());
  }
  sides.forEach((simulator) => simulator.dispose());
  return rows;
}

/** Seconds of the fastest turn of each. */
function fastest(works: readonly Work[], turns: number): number[] {
  const best = works.map(() => Infinity);
  for (let turn = 0; turn < turns; turn++) {
    works.forEach(({ prepare, run }, at) => {
      prepare();
      const started = performance.now();
      run();
      best[at] = Math.min(best[at]!, (performance.now() - started) / 1000);
    });
  }
  return best;
}
