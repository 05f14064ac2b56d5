import {
  type Demand,
  demandTotal,
  InfeasibleError,
  InputError,
  type InterferenceModel,
  type Placement,
  type Profile,
  profiledCapacity,
  uniformCluster,
} from "../domain/mod.ts";
import { HighsSolver, type MilpSolver } from "../baselines/milp/mod.ts";
import { solveToOptimality } from "../baselines/optimal/mod.ts";
import { TableModel } from "../models/mod.ts";
import type { SchedulingProblem } from "../scheduling/mod.ts";
import { Simulator } from "../sim-wasm/mod.ts";
import { isWholeSpace, measuredKeys, RestrictedModel } from "./surface.ts";

/** Relative gap at which an optimum counts as found: far below any regret that matters. */
const GAP = 1e-5;
/** Seconds for one optimum. */
const SECONDS = 10;

/** What model error costs: place with the model, value with the truth, compare with the optimum. */
export interface Regret {
  /** Mean over the demands: share of the reachable throughput that is lost; 0 or more. */
  readonly regret: number;
  /** The largest of the demands. */
  readonly regretMax: number;
  /** Per demand, in their order. */
  readonly perDemand: readonly number[];
  /** True if the truth lacks configurations, so that optimum and choices are restricted to those it has. */
  readonly restricted: boolean;
}

/** What a regret is measured with. */
export interface RegretOptions {
  /** Demands that are planned, each with equal weight. */
  readonly demands: readonly Demand[];
  /** Nodes of the cluster, all of one capacity. */
  readonly nodes: number;
  /** Slots of a node. @default the most containers that a row of the truth holds */
  readonly capacity?: number;
  /** Ends the search for optima. */
  readonly signal?: AbortSignal;
}

/**
 * Measures the regret of models against one truth: optima under the truth are found once.
 * @throws {InputError} if there is no demand, or one fits nowhere.
 */
export class RegretMeter {
  /** True if the truth lacks configurations; see {@link Regret.restricted}. */
  readonly restricted: boolean;
  readonly #options: RegretOptions;
  readonly #capacity: number;
  readonly #keys: ReadonlySet<string>;
  readonly #truth: Simulator;
  readonly #optima: (number | undefined)[] = [];

  /** Prepares the truth; optima are found when they are first needed. @param truth Its rows are what is true; failed measurements in it count as measured. */
  constructor(truth: Profile, options: RegretOptions) {
    if (options.demands.length === 0) throw new InputError("Regret needs at least one demand");
    this.#options = options;
    this.#capacity = options.capacity ?? profiledCapacity(truth);
    this.#keys = measuredKeys(truth);
    this.restricted = !isWholeSpace(this.#keys, truth.apps.length, this.#capacity);
    this.#truth = this.#simulator(new TableModel(truth));
  }

  /** The regret of placing with this model. @throws {InfeasibleError} if a demand does not fit. */
  async measure(model: InterferenceModel): Promise<Regret> {
    const simulator = this.#simulator(model);
    const perDemand: number[] = [];
    // One for all: starting a solver takes longer than most of its proofs.
    const solver = new HighsSolver();
    try {
      for (let at = 0; at < this.#options.demands.length; at++) {
        const best = await this.#optimum(at, solver);
        const { placement } = await this.#solve(simulator, at, solver);
        const value = this.#truth.evaluate(placement);
        perDemand.push(best > 0 ? Math.max(0, (best - value) / best) : 0);
      }
    } finally {
      solver.close();
      simulator.dispose();
    }
    return {
      regret: perDemand.reduce((sum, regret) => sum + regret, 0) / perDemand.length,
      regretMax: Math.max(...perDemand),
      perDemand,
      restricted: this.restricted,
    };
  }

  async #optimum(at: number, solver: MilpSolver): Promise<number> {
    const known = this.#optima[at];
    if (known !== undefined) return known;
    const { total } = await this.#solve(this.#truth, at, solver);
    if (total <= 0) {
      throw new InfeasibleError(
        `Demand ${at} of ${
          demandTotal(this.#options.demands[at]!)
        } containers cannot be placed on measured configurations alone`,
      );
    }
    return this.#optima[at] = total;
  }

  async #solve(
    simulator: Simulator,
    at: number,
    solver: MilpSolver,
  ): Promise<{ placement: Placement; total: number }> {
    const { nodes, demands, signal } = this.#options;
    return await placeOptimally(simulator, demands[at]!, nodes, this.#capacity, solver, signal);
  }

  #simulator(model: InterferenceModel): Simulator {
    return Simulator.create({
      model: this.restricted ? new RestrictedModel(model, this.#keys) : model,
      capacity: this.#capacity,
    });
  }
}

/** The best placement of a demand on equal nodes, to a gap that is small against any regret. */
async function placeOptimally(
  simulator: Simulator,
  demand: Demand,
  nodes: number,
  capacity: number,
  solver: MilpSolver,
  signal: AbortSignal | undefined,
): Promise<{ placement: Placement; total: number }> {
  const problem: SchedulingProblem = {
    apps: simulator.apps,
    cluster: uniformCluster(nodes, capacity),
    demand,
    rules: { maxPerNode: [], apart: [], fencedNodes: [] },
    simulator,
  };
  return await solveToOptimality(problem, {
    gap: GAP,
    timeLimit: SECONDS,
    ...(signal ? { signal } : {}),
  }, solver);
}
