import { type InterferenceModel, UnsupportedError } from "../domain/mod.ts";
import { isUncertain, type UncertainModel } from "./uncertain.ts";

/**
 * A model that expects less where it is unsure: the mean less so many deviations, never below 0. Plans by it keep away from what
 * only looks good. What a plan is worth is for the model itself to say.
 */
export class CautiousModel implements InterferenceModel {
  readonly kind = "cautious";
  readonly apps: readonly string[];
  readonly #model: UncertainModel;

  /**
   * Takes a model less so many deviations.
   * @param deviations At least 0.
   * @throws {UnsupportedError} for a model that does not know how sure it is.
   */
  constructor(model: InterferenceModel, readonly deviations: number) {
    if (!isUncertain(model)) {
      throw new UnsupportedError(
        `A model of kind ${model.kind} does not know how sure it is: plan without --risk`,
      );
    }
    this.apps = model.apps;
    this.#model = model;
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const { rps, deviations } = this.#model.predictUncertain(counts, rows);
    return rps.map((value, at) => Math.max(0, value - this.deviations * deviations[at]!));
  }
}
