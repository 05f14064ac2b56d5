import {
  configurationCount,
  type InterferenceModel,
  MAX_CAPACITY,
  type Profile,
  profiledCapacity,
  suggest,
  UsageError,
} from "../domain/mod.ts";
import { fitExtraTrees } from "./extra_trees.ts";
import { fitAuto } from "./auto.ts";
import { fitBoosting } from "./boosting.ts";
import { fitForest } from "./forest.ts";
import { fitGaussian } from "./gaussian.ts";
import { fitPairwise } from "./pairwise.ts";
import { fitPooled, MOST_SPEEDS } from "./pooled.ts";
import { TableModel } from "./table.ts";
import { fitTransfer } from "./transfer.ts";

/** What a fit is told besides the profile. */
export interface FitOptions {
  /** 0 to 2^32 - 1: the same seed and profile give the same model. */
  readonly seed: number;
  /** Kind of model that answers for configurations that a table lacks; other kinds ignore it. */
  readonly fallback?: string;
  /** What a table says of a configuration that is missing, such as where, and what helps; see TableModel. */
  readonly explainMissing?: (message: string) => string;
  /**
   * Answer measured configurations with the mean of their measurements, whatever the model learned.
   * @default true for pooled, boosting, gaussian and auto; false for forest and extra-trees, which are compared with published
   * figures, and for pairwise, of which a bound is known
   */
  readonly trustMeasured?: boolean;
}

/** Kind of model that trained policies and published figures are for. */
export const DEFAULT_FIT = "extra-trees";

/** Most products of a prediction of all configurations by a pooled process: some seconds. */
const MOST_WORK = 4e9;

/**
 * Kind of model that is fitted where nobody chooses one: a pooled process, whose plans lose least where rows are few, and extra-trees
 * where it cannot learn from all rows, or could not predict all configurations in some seconds (docs/design/profiling.md has the figures).
 */
export function usualFit(profile: Profile): string {
  const apps = profile.apps.length;
  const speeds = profile.counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  const capacity = Math.min(MAX_CAPACITY, Math.max(1, profiledCapacity(profile)));
  const predicted = configurationCount(apps, capacity) * Math.min(apps, capacity);
  return speeds <= MOST_SPEEDS && predicted * speeds * (apps + 1) <= MOST_WORK
    ? "pooled"
    : "extra-trees";
}

type Fit = (profile: Profile, options: FitOptions) => InterferenceModel;

const FITS: ReadonlyMap<string, Fit> = new Map<string, Fit>([
  ["forest", trusting(false, (profile, { seed }) => fitForest(profile, { seed }))],
  ["extra-trees", trusting(false, (profile, { seed }) => fitExtraTrees(profile, { seed }))],
  ["pooled", trusting(true, (profile, { seed }) => fitPooled(profile, { seed }))],
  ["boosting", trusting(true, (profile, { seed }) => fitBoosting(profile, { seed }))],
  ["gaussian", trusting(true, (profile, { seed }) => fitGaussian(profile, { seed }))],
  ["pairwise", trusting(false, (profile, { seed }) => fitPairwise(profile, { seed }))],
  ["auto", trusting(true, (profile, { seed }) => fitAuto(profile, { seed }).model)],
  ["table", fitTable],
]);

/** Names of the kinds of model that can be fitted. */
export function fitNames(): string[] {
  return [...FITS.keys()];
}

/**
 * Fits an interference model on a profile.
 * @param name One of {@link fitNames}.
 * @throws {UsageError} for an unknown name, with the nearest known one.
 * @throws {InputError} for a profile that this kind of model cannot learn from.
 */
export function fitModel(name: string, profile: Profile, options: FitOptions): InterferenceModel {
  const fit = FITS.get(name);
  if (fit === undefined) throw new UsageError(`Unknown model ${name}${suggest(name, fitNames())}`);
  return fit(profile, options);
}

/**
 * Fits the surface of a node class of which few rows were measured on those and on models of other classes.
 * @param sources Models of other node classes over the same apps, in the same order; at least one.
 * @param options `trustMeasured` is true where nothing is said.
 * @throws {InputError} for a profile without rows, or sources that do not fit it.
 */
export function fitFrom(
  profile: Profile,
  sources: readonly InterferenceModel[],
  options: Pick<FitOptions, "seed" | "trustMeasured">,
): InterferenceModel {
  return trusting(true, (rows, { seed }) => fitTransfer(rows, sources, { seed }))(profile, options);
}

function trusting(usually: boolean, fit: Fit): Fit {
  return (profile, options) => {
    const model = fit(profile, options);
    return options.trustMeasured ?? usually ? new TableModel(profile, model) : model;
  };
}

function fitTable(profile: Profile, { seed, fallback, explainMissing }: FitOptions): TableModel {
  if (fallback === "table") throw new UsageError("A table cannot be the fallback of a table");
  return new TableModel(
    profile,
    fallback === undefined ? null : fitModel(fallback, profile, { seed }),
    explainMissing,
  );
}
