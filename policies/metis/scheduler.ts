import {
  type Demand,
  demandTotal,
  emptyPlacement,
  InfeasibleError,
  InterruptedError,
  nodeCount,
  type Placement,
  Random,
  UsageError,
} from "../../domain/mod.ts";
import { startFeasibly } from "../../baselines/heuristics/feasible.ts";
import {
  Deadline,
  type ScheduleOptions,
  type Scheduler,
  type SchedulingProblem,
  steer,
} from "../../scheduling/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";
import { POLICY_SUPPORTS } from "../supports.ts";
import type { LoadNetworks } from "../checkpoint/source.ts";
import type { Network } from "../learning/network.ts";
import { findColumns } from "../columns.ts";
import { MetisPlayer } from "./player.ts";

/** Best samples that are polished. */
const POLISHED = 8;

/** Annealing of the polish: moves for each container, at most these in all, and its temperatures in throughput. */
const MOVES_EACH = 200;
const MOST_MOVES = 2_000_000;
const HOT = 0.02;
const COLD = 0.002;

/** Nodes above which local search without a table is left out, for the sake of time. */
const SEARCH_LIMIT = 2000;

/** Columns that it goes by then. */
const COLUMNS = 2000;

/**
 * Our zero-shot policy: one network for all demands, sizes and kinds of nodes, no training per demand. What rules, resources or
 * floors forbid on a kind of node is no choice there; another objective is another surface (see steer). Where there are too many
 * configurations for a table, prices and chances go by columns (findColumns), and local search follows.
 */
export function metisScheduler(load: LoadNetworks): Scheduler {
  return {
    name: "metis",
    summary: "learned policy for any demand and size, without training per demand",
    supports: POLICY_SUPPORTS,
    tellsDecisions: true,
    parameters: {
      policy: "directory of a trained policy (default: the one that comes with Metis)",
      decode: "greedy, or sample:N for the best of N samples (default greedy)",
      polish:
        "true polishes the best placements by local search and short annealing (default false; by local search alone where there are too many configurations for a table)",
    },
    async schedule(given, options) {
      const problem = steer(given);
      if (demandTotal(problem.demand) === 0) {
        return { placement: emptyPlacement(nodeCount(problem.cluster), problem.apps.length) };
      }
      const samples = readDecode(options);
      const polish = readSwitch(options, "polish");
      const directory = options.parameters?.["policy"];
      const networks = await load(given, directory === undefined ? null : String(directory));
      const deadline = new Deadline(options);
      const left = (): ScheduleOptions => ({ ...options, timeLimit: deadline.secondsLeft() });
      try {
        const columns = problem.simulator.hasTransitions
          ? undefined
          : await findColumns(problem, options, COLUMNS);
        return placeByPolicy(problem, networks, columns, samples, polish, left());
      } catch (error) {
        if (!(error instanceof InfeasibleError)) throw error;
        return await placeRepaired(problem, left());
      }
    },
  };
}

/**
 * Places a demand by a policy: greedily, then `samples` samples; never worse than the greedy rule, whose
 * placement is returned where the policy's is worse (details say so).
 * @throws {InterruptedError} if the signal fired before there was a placement.
 * @throws {InfeasibleError} if neither policy nor rule found a placement under the rules.
 */
function placeByPolicy(
  problem: SchedulingProblem,
  networks: readonly Network[],
  columns: Uint8Array | undefined,
  samples: number,
  polish: boolean,
  options: ScheduleOptions,
): { placement: Placement; details: Record<string, number | string | boolean> } {
  if (options.signal?.aborted) {
    throw new InterruptedError("Interrupted before there was a placement");
  }
  const end = performance.now() + 1000 * (options.timeLimit ?? Infinity);
  const stops = (): boolean => options.signal?.aborted === true || performance.now() >= end;
  using player = new MetisPlayer(problem.simulator, problem, networks, 0, columns);
  player.price(problem.demand);
  player.seed(options.seed ?? 1);
  const found: { total: number; placement: Placement }[] = [];
  const keep = (total: number | null): void => {
    if (total === null || found.some((other) => Math.abs(other.total - total) < 1e-9)) return;
    if (found.length >= POLISHED && total < found[found.length - 1]!.total) return;
    found.push({ total, placement: player.placement() });
    found.sort((a, b) => b.total - a.total);
    found.length = Math.min(found.length, POLISHED);
  };
  keep(player.plan(problem.demand, { temperature: 0 }));
  let drawn = 0;
  for (; drawn < samples && !stops(); drawn++) {
    keep(player.plan(problem.demand, { temperature: 1 }));
  }
  const { state } = player;
  let best = found[0];
  if (polish) {
    const moves = Math.min(MOST_MOVES, MOVES_EACH * demandTotal(problem.demand));
    for (const { placement } of found) {
      if (best !== found[0] && stops()) break;
      state.load(placement);
      state.localSearch();
      if (state.total > best!.total) best = { total: state.total, placement: state.placement() };
      state.anneal({ moves, hot: HOT, cold: COLD, seed: options.seed ?? 1 });
      state.localSearch();
      if (state.total > best!.total) best = { total: state.total, placement: state.placement() };
    }
  }
  // Columns are not all configurations: what they do not know of, a search finds.
  if (
    !polish && columns !== undefined && best !== undefined &&
    nodeCount(problem.cluster) <= SEARCH_LIMIT
  ) {
    state.load(best.placement);
    state.localSearch(stops);
    best = { total: state.total, placement: state.placement() };
  }
  const rule = placeByRule(state, problem.demand, best?.total);
  if (rule !== null) return { placement: rule, details: { samples: drawn, chosen: "greedy rule" } };
  const { placement } = best!;
  const greedily = samples === 0 && !polish && columns === undefined;
  if (options.onPlaced && greedily) {
    player.tellDecisions(problem.demand, placement, options.onPlaced);
  }
  return { placement, details: { samples: drawn, chosen: "policy" } };
}

/** Where rules end the policy and the greedy rule: a local search from a placement that keeps them. */
async function placeRepaired(
  problem: SchedulingProblem,
  options: ScheduleOptions,
): Promise<{ placement: Placement; details: Record<string, string> }> {
  const deadline = new Deadline(options);
  using state = problem.simulator.clusterState(problem);
  await startFeasibly(state, problem, new Random(options.seed ?? 1), deadline, options);
  state.localSearch(deadline.passed);
  return { placement: state.placement(), details: { chosen: "repair" } };
}

/**
 * The greedy rule's placement where it is worth more than `least`, else null. It costs microseconds, and wins only with
 * few containers, or where rules ended the policy's plan.
 * @throws {InfeasibleError} if the rule finds none and there is no other.
 */
function placeByRule(
  state: ClusterState,
  demand: Demand,
  least: number | undefined,
): Placement | null {
  state.load(emptyPlacement(state.nodes, state.apps));
  try {
    state.greedy(demand);
  } catch (error) {
    if (least === undefined) throw error;
    return null;
  }
  return least === undefined || state.total > least + 1e-9 ? state.placement() : null;
}

function readDecode(options: ScheduleOptions): number {
  const text = String(options.parameters?.["decode"] ?? "greedy");
  if (text === "greedy") return 0;
  const samples = /^sample:(\d+)$/.exec(text)?.[1];
  if (samples === undefined || Number(samples) < 1 || Number(samples) > 1_000_000) {
    throw new UsageError(
      `Parameter decode must be greedy or sample:N with N from 1 to 1000000: got ${text}`,
    );
  }
  return Number(samples);
}

function readSwitch(options: ScheduleOptions, name: string): boolean {
  const value = options.parameters?.[name] ?? false;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw new UsageError(`Parameter ${name} must be true or false: got ${value}`);
}
