import { type Formula, formulaOf, type InterferenceModel, ShapeError } from "../domain/mod.ts";
import { arrangePairwise } from "../sim-wasm/formula/pairwise.ts";
import { isUncertain, type UncertainModel } from "./uncertain.ts";

/** How a model is seen from other nodes: for other apps, at other speeds. */
export interface Arrangement {
  /** Apps to answer for, in this order; the model knows all of them. @default the model's */
  readonly apps?: readonly string[];
  /** By app: what its normalised RPS is multiplied by. @default 1 */
  readonly speed?: Readonly<Record<string, number>>;
}

/** A model for some of its apps, in another order, each at a speed of its own. The apps that are left out are absent. */
export class ArrangedModel implements InterferenceModel {
  readonly kind: string;
  /** By app: what its normalised RPS is multiplied by. */
  readonly speed: readonly number[];
  /** Index in the model of each app. */
  readonly #places: readonly number[];

  /** Use {@link arrangeModel}. */
  constructor(
    readonly model: InterferenceModel,
    readonly apps: readonly string[],
    speed: Readonly<Record<string, number>>,
  ) {
    this.kind = model.kind;
    this.#places = apps.map((app) => model.apps.indexOf(app));
    this.speed = apps.map((app) => speed[app] ?? 1);
  }

  /** As {@link FormulaModel.formula}; undefined where the model has none. */
  get formula(): Formula | undefined {
    const formula = formulaOf(this.model);
    if (formula?.kind === "pairwise") return arrangePairwise(formula, this.#places, this.speed);
    return formula === undefined ? undefined : {
      kind: "arranged",
      apps: this.model.apps.length,
      places: Uint32Array.from(this.#places),
      speed: Float64Array.from(this.speed),
      formula,
    };
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    return this.arranged(this.model.predict(this.given(counts, rows), rows), rows);
  }

  /** Counts in the order of the model. */
  protected given(counts: Uint8Array, rows: number): Uint8Array {
    const { length } = this.apps;
    if (counts.length !== rows * length) {
      throw new ShapeError("counts", rows * length, counts.length);
    }
    const width = this.model.apps.length;
    const given = new Uint8Array(rows * width);
    for (let row = 0; row < rows; row++) {
      this.#places.forEach((place, app) => {
        given[row * width + place] = counts[row * length + app]!;
      });
    }
    return given;
  }

  /** What the model answers, in the order and at the speed of these apps. */
  protected arranged(answers: Float64Array, rows: number): Float64Array {
    const { length } = this.apps;
    const width = this.model.apps.length;
    const values = new Float64Array(rows * length);
    for (let row = 0; row < rows; row++) {
      this.#places.forEach((place, app) => {
        values[row * length + app] = answers[row * width + place]! * this.speed[app]!;
      });
    }
    return values;
  }
}

/** As {@link ArrangedModel}, of a model that knows how sure it is. */
class UncertainArrangedModel extends ArrangedModel implements UncertainModel {
  declare readonly model: UncertainModel;

  /** As {@link UncertainModel.predictUncertain}. */
  predictUncertain(
    counts: Uint8Array,
    rows: number,
  ): ReturnType<UncertainModel["predictUncertain"]> {
    const { rps, deviations } = this.model.predictUncertain(this.given(counts, rows), rows);
    return { rps: this.arranged(rps, rows), deviations: this.arranged(deviations, rows) };
  }
}

/**
 * The model for these apps in this order, each at its speed; the model itself where that is what it is already.
 * Apps that are left out count as absent.
 */
export function arrangeModel(
  model: InterferenceModel,
  { apps = model.apps, speed = {} }: Arrangement,
): InterferenceModel {
  const isSame = apps.length === model.apps.length &&
    apps.every((app, at) => app === model.apps[at]);
  if (isSame && Object.values(speed).every((factor) => factor === 1)) return model;
  return isUncertain(model)
    ? new UncertainArrangedModel(model, apps, speed)
    : new ArrangedModel(model, apps, speed);
}
