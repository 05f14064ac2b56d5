import {
  countOf,
  demandTotal,
  formulaOf,
  InfeasibleError,
  type Problem,
} from "../../domain/mod.ts";
import type { Deadline, SchedulingProblem } from "../../scheduling/mod.ts";
import { ImplicitPricing } from "../../sim-wasm/implicit/pricing.ts";
import { CorePricing, type Pricing, type PricingOptions } from "../../sim-wasm/space/pricing.ts";
import { relax, type Relaxation } from "./column_generation.ts";
import { formulate, type Formulation } from "./formulation.ts";

/** What finds the configurations of the nodes of a group. */
export function pricingOf(
  { formulation: { families, groups }, pricings }: RelaxedProblem,
  group: number,
): Pricing {
  return pricings[families[groups[group]!.family]!.space]!;
}

/** A problem with its linear relaxation, solved. Holds memory of the core until it is disposed of. */
export interface RelaxedProblem extends Disposable {
  readonly problem: SchedulingProblem;
  readonly formulation: Formulation;
  /** Searches the configurations of each space at any prices. */
  readonly pricings: readonly Pricing[];
  readonly relaxation: Relaxation;
}

/** True if the best configurations at any prices can be found and bounded: there is a table, or formulas that have a bound. */
export function pricesAll({ dense, models }: SchedulingProblem["simulator"]): boolean {
  const bounded = ["contention", "pairwise"];
  return dense || models.every((model) => bounded.includes(formulaOf(model)?.kind ?? ""));
}

/** What finds the configurations of a space: those of the simulator's table, or those that pricing by the model's formula finds. */
function pricingOfAll(simulator: SchedulingProblem["simulator"], space: PricingOptions): Pricing {
  return simulator.dense
    ? new CorePricing(simulator, space)
    : new ImplicitPricing(simulator, space);
}

/** How the relaxation of a problem is solved. */
export interface RelaxingOptions {
  /** What finds configurations, where it is not to be all of them: then nothing is said of the others. */
  readonly pricingOfSpace?: (
    simulator: SchedulingProblem["simulator"],
    space: PricingOptions,
  ) => Pricing;
  /** Passes after which it ends, where columns and prices are wanted, and no proof of the bound. @default with a proof */
  readonly unprovenPasses?: number;
}

/**
 * Solves the linear relaxation of a problem over all its configurations: those of the simulator's table, or where they
 * are too many for one, those that pricing by the model's formula finds.
 * @param deadline Ends the work early, with the bound so far.
 * @throws {InfeasibleError} if it is proven that there is no placement.
 * @throws {UnsupportedError} if the simulator has neither a table nor formulas.
 */
export async function relaxProblem(
  problem: SchedulingProblem,
  deadline: Deadline,
  { pricingOfSpace = pricingOfAll, unprovenPasses }: RelaxingOptions = {},
): Promise<RelaxedProblem> {
  const formulation = formulate(problem);
  const { simulator } = problem;
  const pricings: Pricing[] = [];
  // A DisposableStack would do this, but Node 20 has none.
  const dispose = () => pricings.forEach((pricing) => pricing.dispose());
  try {
    for (const space of formulation.spaces) {
      pricings.push(pricingOfSpace(simulator, space));
    }
    const relaxation = await relax(formulation, pricings, deadline, unprovenPasses);
    if (relaxation.infeasible) throw new InfeasibleError(shortage(problem, relaxation));
    return { problem, formulation, pricings, relaxation, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** The error where fractions of containers fit, but no placement of whole ones. */
export function onlyFractionsFit(): InfeasibleError {
  return new InfeasibleError(
    "Demand does not fit under the rules: only fractions of containers would fit",
  );
}

/** Says what does not fit, and how many slots are short where the relaxation got far enough to know. */
function shortage(problem: Problem, { unplaced, converged }: Relaxation): string {
  const demand = `Demand of ${
    countOf(demandTotal(problem.demand), "container")
  } does not fit under the rules`;
  if (!converged) return demand;
  const apps = problem.apps.filter((_, app) => unplaced[app]! > 0);
  const slots = Math.ceil(unplaced.reduce((sum, missing) => sum + missing, 0) - 1e-3);
  return `${demand}: at least ${countOf(slots, "slot")} short, for ${apps.join(", ")}`;
}
