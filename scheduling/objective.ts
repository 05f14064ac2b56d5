import {
  type FormulaModel,
  formulaOf,
  type InterferenceModel,
  UnsupportedError,
} from "../domain/mod.ts";
import { FORBIDDEN_VALUE, Simulator } from "../sim-wasm/mod.ts";
import { eachConfiguration, forbid, needTable } from "./revalue.ts";

/**
 * What a placement is to make large: the total throughput; fairness, the sum of the logarithms of every container's normalised RPS
 * (proportional fairness: Kelly, Maulloo and Tan 1998); or the RPS of its slowest container.
 */
export type Objective = "throughput" | "fair" | "worst";

/** Names of the objectives. */
export const OBJECTIVES: readonly Objective[] = ["throughput", "fair", "worst"];

/** RPS of the slowest container of every configuration: for each surface, by rank; Infinity for the empty one. */
export function slowestByRank(simulator: Simulator): Float64Array[] {
  const apps = simulator.apps.length;
  const configurations = needTable(simulator, "The objective worst");
  return simulator.models.map((model) => {
    const slowest = new Float64Array(configurations).fill(Infinity);
    eachConfiguration(simulator, (counts, rows, first) => {
      const rps = model.predict(counts, rows);
      for (let at = 0; at < rows * apps; at++) {
        const rank = first + Math.floor(at / apps);
        if (counts[at]! > 0) slowest[rank] = Math.min(slowest[rank]!, rps[at]!);
      }
    });
    return slowest;
  });
}

/** RPS below which a container counts as no slower for fairness: its logarithm is finite. */
const STARVED = 0.001;
/** How much more a slow container weighs than a fast one for the slowest: the power of their ratio. */
const SHARPNESS = 12;
/** RPS below which a container counts as no slower for the slowest. */
const SLOWEST = 0.01;

/** What a container adds to fairness. @param rps Below 0.001 it counts as that. */
export function fairWorth(rps: number): number {
  return Math.log(Math.max(STARVED, rps));
}

/**
 * What a container is worth to a search, by its RPS. For the slowest container that is a smooth stand-in, minus RPS ^ -12: each
 * halving weighs 4096 times, so the slowest decide.
 */
const WORTH: Readonly<Record<Objective, (rps: number) => number>> = {
  throughput: (rps) => rps,
  fair: fairWorth,
  worst: (rps) => -(Math.max(SLOWEST, rps) ** -SHARPNESS),
};

/** What is made large, by which weights. */
export interface Aimed {
  /** What is made large. @default throughput */
  readonly objective?: Objective;
  /** By app: how often one of its containers counts, above 0; for throughput and fairness. @default 1 each */
  readonly weights?: readonly number[];
}

/** True if a problem asks for other than the plain throughput, so that {@link steer} changes it. */
export function isSteered({ objective = "throughput", weights = [] }: Aimed): boolean {
  return objective !== "throughput" || weights.some((weight) => weight !== 1);
}

/**
 * The problem on the surface that a search for its objective climbs: the throughput there is the sum of what the
 * containers are worth, and what is forbidden stays so. The problem itself where that is so already.
 * @throws {UnsupportedError} if there are too many configurations for a table, and some are forbidden.
 */
export function steer<P extends Aimed & { readonly simulator: Simulator }>(problem: P): P {
  if (!isSteered(problem)) return problem;
  const { simulator, objective = "throughput", weights = [] } = problem;
  const worth = (model: InterferenceModel): InterferenceModel & Partial<FormulaModel> => {
    const formula = objective === "worst" ? undefined : formulaOf(model);
    const factors = Float64Array.from(model.apps, (_, app) => weights[app] ?? 1);
    return {
      kind: "steered",
      apps: model.apps,
      predict: (counts, rows) =>
        model.predict(counts, rows).map((rps, at) =>
          counts[at] === 0 ? 0 : (weights[at % model.apps.length] ?? 1) * WORTH[objective](rps)
        ),
      ...(formula === undefined ? {} : {
        formula: objective === "throughput" && "alone" in formula
          // So that what is proven of such formulas is proven of weighted ones.
          ? { ...formula, alone: formula.alone.map((speed, app) => speed * factors[app]!) }
          : {
            kind: "worth",
            leastLogarithm: objective === "fair" ? STARVED : null,
            weights: factors,
            formula,
          },
      }),
    };
  };
  const { models, capacity, forbids } = simulator;
  const [model, ...more] = models.map(worth);
  const steered = Simulator.create({ model: model!, more, capacity });
  if (!forbids) return { ...problem, simulator: steered };
  needTable(simulator, `The objective ${objective} with forbidden configurations`);
  using open = steered;
  const tables = models.map((_, surface) => simulator.table(surface));
  const isForbidden = (rank: number, surface: number) =>
    tables[surface]![rank]! <= FORBIDDEN_VALUE / 2;
  return { ...problem, simulator: forbid(open, isForbidden) };
}

/**
 * What a total on the steered surface (see {@link steer}) is per container: for throughput the weighted mean of the
 * normalised RPS, for fairness their weighted geometric mean. 0 for an empty demand.
 */
export function perContainer(
  { demand, objective, weights = [] }: Aimed & { readonly demand: readonly number[] },
  steeredTotal: number,
): number {
  const weight = demand.reduce((sum, count, app) => sum + count * (weights[app] ?? 1), 0);
  if (weight === 0) return 0;
  const mean = steeredTotal / weight;
  return objective === "fair" ? Math.exp(mean) : mean;
}

/** Refuses weights that would have no effect. @throws {UnsupportedError} for weights with an objective that has none. */
export function checkWeights({ objective, weights = [] }: Aimed): void {
  if (objective === "worst" && weights.some((weight) => weight !== 1)) {
    throw new UnsupportedError(
      "Weights of apps go with the objectives throughput and fair, not with worst",
    );
  }
}
