import type { Placement, Profile } from "../domain/mod.ts";
import { TableModel } from "../models/mod.ts";
import { forecastMean, heldConfigurations } from "./interval.ts";
import { supportOf, type WeakestConfiguration } from "./coverage.ts";
import type { Surface } from "./surface.ts";

/** What the value of a placement rests on, in the field names of `--json`. */
export interface Grounds {
  /** Share of the containers in configurations that were measured; null if the measurements are not known. */
  readonly measuredShare: number | null;
  /** Share in configurations near measured ones. */
  readonly nearShare: number | null;
  /** Share in configurations far from everything measured. */
  readonly extrapolatedShare: number | null;
  /** The mean as measured is below this in one of twenty cases; null if the model does not know how sure it is. */
  readonly meanLow: number | null;
  /** The mean as measured is above this in one of twenty cases. */
  readonly meanHigh: number | null;
  /** What proofs are under: a table of measurements, or a model that answers for what was not measured. */
  readonly provenUnder: "table" | "model";
}

/** What a placement rests on, and where it rests least. */
export function groundsOf(
  surface: Surface,
  placement: Placement,
): { readonly grounds: Grounds; readonly weakest: WeakestConfiguration | null } {
  const { model } = surface;
  const isTable = model instanceof TableModel;
  const profile = surface.profile ?? (isTable ? rowsOf(model) : null);
  const held = heldConfigurations(placement);
  const support = profile === null ? null : supportOf(profile, held);
  const forecast = forecastMean(model, surface.profile ?? null, held);
  return {
    grounds: {
      measuredShare: support?.measuredShare ?? null,
      nearShare: support?.nearShare ?? null,
      extrapolatedShare: support?.extrapolatedShare ?? null,
      meanLow: forecast?.low ?? null,
      meanHigh: forecast?.high ?? null,
      provenUnder: isTable && model.fallback === null ? "table" : "model",
    },
    weakest: support?.weakest ?? null,
  };
}

/** The rows of a saved table. */
function rowsOf({ apps, rows, counts, rps }: TableModel): Profile {
  return { apps, rows, counts, rps };
}
