import { type BlendFormula, formulaOf, type InterferenceModel, ShapeError } from "../domain/mod.ts";
import { isLone } from "./measurements.ts";
import { isUncertain, type UncertainModel, type UncertainPrediction } from "./uncertain.ts";

/** One voice of an ensemble. */
export interface Member {
  /** What predicts. */
  readonly model: InterferenceModel;
  /** Share of its prediction, above 0; all together 1. */
  readonly weight: number;
}

/**
 * A weighted mean of models. It is as unsure as its members are, and more where they disagree: the
 * deviation of the mixture of their distributions. A lone container has 1, whatever they say.
 */
export class EnsembleModel implements UncertainModel {
  readonly apps: readonly string[];

  /** Mixes members that are fitted. @param members At least one, all of the same apps. @param kind Name of the kind of model. */
  constructor(readonly members: readonly Member[], readonly kind: string = "ensemble") {
    this.apps = members[0]!.model.apps;
  }

  /** As {@link FormulaModel.formula}; undefined where a member has none. */
  get formula(): BlendFormula | undefined {
    const members = this.members.flatMap(({ model, weight }) => {
      const formula = formulaOf(model);
      return formula === undefined ? [] : [{ formula, weight }];
    });
    return members.length === this.members.length ? { kind: "blend", members } : undefined;
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    this.#check(counts, rows);
    const rps = new Float64Array(counts.length);
    for (const { model, weight } of this.members) {
      const part = model.predict(counts, rows);
      for (let at = 0; at < rps.length; at++) rps[at]! += weight * part[at]!;
    }
    this.#setLone(counts, rows, rps, 1);
    return rps;
  }

  /** As {@link UncertainModel.predictUncertain}. */
  predictUncertain(counts: Uint8Array, rows: number): UncertainPrediction {
    this.#check(counts, rows);
    const parts = this.members.map(({ model }) =>
      isUncertain(model)
        ? model.predictUncertain(counts, rows)
        : { rps: model.predict(counts, rows), deviations: null }
    );
    const rps = new Float64Array(counts.length);
    const deviations = new Float64Array(counts.length);
    // Members that do not know their own error are as unsure as the others, for lack of better.
    const knowing = this.members.reduce(
      (sum, { weight }, at) => sum + (parts[at]!.deviations === null ? 0 : weight),
      0,
    );
    for (let at = 0; at < rps.length; at++) {
      let mean = 0;
      let own = 0;
      this.members.forEach(({ weight }, member) => {
        const { rps: means, deviations: spread } = parts[member]!;
        mean += weight * means[at]!;
        if (spread !== null) own += weight * spread[at]! ** 2;
      });
      let disagreement = 0;
      this.members.forEach(({ weight }, member) => {
        disagreement += weight * (parts[member]!.rps[at]! - mean) ** 2;
      });
      rps[at] = mean;
      deviations[at] = Math.sqrt((knowing > 0 ? own / knowing : 0) + disagreement);
    }
    this.#setLone(counts, rows, rps, 1);
    this.#setLone(counts, rows, deviations, 0);
    return { rps, deviations };
  }

  #check(counts: Uint8Array, rows: number): void {
    const expected = rows * this.apps.length;
    if (counts.length !== expected) throw new ShapeError("counts", expected, counts.length);
  }

  #setLone(counts: Uint8Array, rows: number, target: Float64Array, value: number): void {
    const width = this.apps.length;
    for (let first = 0; first < rows * width; first += width) {
      if (!isLone(counts, first, width)) continue;
      for (let at = first; at < first + width; at++) target[at] = counts[at] === 0 ? 0 : value;
    }
  }
}

/** Kind of a model; of a mixture with what it is made of, such as "auto (0.8 gaussian, 0.2 extra-trees)". */
export function describeKind(model: InterferenceModel): string {
  if (!(model instanceof EnsembleModel)) return model.kind;
  const { members, kind } = model;
  const parts = members.map(({ model, weight }) =>
    members.length === 1 ? model.kind : `${Number(weight.toPrecision(3))} ${model.kind}`
  );
  return `${kind} (${parts.join(", ")})`;
}
