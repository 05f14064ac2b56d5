import type { InterferenceModel } from "../domain/mod.ts";

/** What a model expects, and how far a measurement may be from it. */
export interface UncertainPrediction {
  /** Normalised RPS, row-major, rows x apps; as `predict` gives it. */
  readonly rps: Float64Array;
  /** Standard deviation of a new measurement, laid out alike; 0 if the app is absent. */
  readonly deviations: Float64Array;
}

/** A model that also says how sure it is. */
export interface UncertainModel extends InterferenceModel {
  /** Whether it predicts in steps, as trees do: its errors then change from step to step, and its deviations say less of a plan. */
  readonly inSteps?: boolean;
  /**
   * Predicts configurations, each value with its deviation.
   * @param counts Row-major, length rows x apps; read only.
   * @throws {ShapeError} if `counts` has another length.
   */
  predictUncertain(counts: Uint8Array, rows: number): UncertainPrediction;
}

/** A model that also knows how its errors go together. */
export interface JointModel extends UncertainModel {
  /** Configurations of more than one container that it learned from. */
  readonly learnedRows: number;
  /** Standard deviation of one measurement, as far as what was measured tells. */
  readonly noise: number;
  /**
   * Standard deviation of a weighted sum of new measurements.
   * @param counts Row-major, length rows x apps; read only.
   * @param weights Laid out alike: what each value counts for.
   * @throws {ShapeError} if either has another length.
   */
  sumDeviation(counts: Uint8Array, rows: number, weights: Float64Array): number;
  /**
   * What the mean speed of a measured configuration was off by, predicted by a process without its row: the root of the mean
   * square over the rows; 0 if nothing but lone containers was measured.
   */
  heldOutError(): number;
}

/** True if a model also knows how its errors go together. */
export function isJoint(model: InterferenceModel): model is JointModel {
  return typeof (model as Partial<JointModel>).sumDeviation === "function";
}

/** True if a model also says how sure it is. */
export function isUncertain(model: InterferenceModel): model is UncertainModel {
  return typeof (model as Partial<UncertainModel>).predictUncertain === "function";
}
