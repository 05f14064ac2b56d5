import {
  configurationKey,
  formulaOf,
  InputError,
  type InterferenceModel,
  type MeasuredFormula,
  measurementsOf,
  MissingConfigurationError,
  type Profile,
  ShapeError,
} from "../domain/mod.ts";
import { isUncertain, type UncertainModel, type UncertainPrediction } from "./uncertain.ts";

/**
 * The measured configurations themselves: exact, and silent about all others unless there is a
 * fallback model. Repeated measurements are averaged, each row as often as it was measured. The empty configuration is always known.
 */
export class TableModel implements UncertainModel {
  readonly kind = "table";
  readonly apps: readonly string[];
  /** Distinct configurations, row-major, without the empty one. */
  readonly counts: Uint8Array;
  /** Normalised RPS, laid out as `counts`; 0 if the app is absent. */
  readonly rps: Float64Array;
  readonly #rowOf = new Map<string, number>();
  readonly #explainMissing: (message: string) => string;

  /**
   * Takes the rows of a profile as the truth.
   * @param fallback Answers for configurations that were not measured.
   * @param explainMissing What to say of a configuration that is missing, such as where, and what helps.
   * @throws {InputError} for a profile without rows, an app that is present without a finite RPS,
   * or a fallback for other apps.
   */
  constructor(
    profile: Profile,
    readonly fallback: InterferenceModel | null = null,
    explainMissing: (message: string) => string = (message) => message,
  ) {
    this.#explainMissing = explainMissing;
    const { apps, rows, counts, rps } = profile;
    if (rows === 0) throw new InputError("A profile without rows cannot be a table");
    if (fallback !== null && fallback.apps.join("\n") !== apps.join("\n")) {
      throw new InputError(
        `The apps of the fallback model differ from those of the table: ${
          fallback.apps.join(", ")
        }`,
      );
    }
    this.apps = apps;
    const width = apps.length;
    const sums: number[] = [];
    const repeats: number[] = [];
    const distinct: number[] = [];
    for (let row = 0; row < rows; row++) {
      const first = row * width;
      const key = configurationKey(counts, first, width);
      const at = this.#rowOf.get(key) ?? repeats.length;
      if (at === repeats.length) {
        if (counts.subarray(first, first + width).every((count) => count === 0)) continue;
        this.#rowOf.set(key, at);
        distinct.push(row);
        repeats.push(0);
        for (let app = 0; app < width; app++) sums.push(0);
      }
      const times = measurementsOf(profile, row);
      repeats[at]! += times;
      for (let app = 0; app < width; app++) {
        if (counts[first + app] === 0) continue;
        const value = rps[first + app]!;
        if (!Number.isFinite(value)) {
          throw new InputError(`Row ${row} of the table has no finite RPS for ${apps[app]}`);
        }
        sums[at * width + app]! += times * value;
      }
    }
    this.counts = Uint8Array.from(
      distinct.flatMap((row) => [...counts.subarray(row * width, (row + 1) * width)]),
    );
    this.rps = Float64Array.from(sums, (sum, at) => sum / repeats[Math.floor(at / width)]!);
  }

  /** Number of configurations in the table, without the empty one. */
  get rows(): number {
    return this.#rowOf.size;
  }

  /** As {@link FormulaModel.formula}; undefined where the fallback has none. */
  get formula(): MeasuredFormula | undefined {
    const { counts, rps, fallback } = this;
    const others = fallback === null ? undefined : formulaOf(fallback);
    return others === undefined ? undefined : { kind: "measured", counts, rps, others };
  }

  /**
   * As {@link InterferenceModel.predict}.
   * @throws {MissingConfigurationError} naming the first configuration that is missing, and how many are.
   */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const { rps, missing } = this.#look(counts, rows);
    if (missing.length > 0) {
      const fallback = this.#fallbackFor(counts, missing);
      this.#fill(rps, missing, fallback.predict(this.#ask(counts, missing), missing.length));
    }
    return rps;
  }

  /**
   * Measured configurations are certain; of the others the fallback says how sure it is, if it can.
   * @throws {MissingConfigurationError} as `predict`.
   */
  predictUncertain(counts: Uint8Array, rows: number): UncertainPrediction {
    const { rps, missing } = this.#look(counts, rows);
    const deviations = new Float64Array(rps.length);
    if (missing.length > 0) {
      const fallback = this.#fallbackFor(counts, missing);
      const asked = this.#ask(counts, missing);
      if (isUncertain(fallback)) {
        const answer = fallback.predictUncertain(asked, missing.length);
        this.#fill(rps, missing, answer.rps);
        this.#fill(deviations, missing, answer.deviations);
      } else this.#fill(rps, missing, fallback.predict(asked, missing.length));
    }
    return { rps, deviations };
  }

  #look(counts: Uint8Array, rows: number): { rps: Float64Array; missing: number[] } {
    const width = this.apps.length;
    if (counts.length !== rows * width) throw new ShapeError("counts", rows * width, counts.length);
    const predicted = new Float64Array(rows * width);
    const missing: number[] = [];
    for (let row = 0; row < rows; row++) {
      const first = row * width;
      const known = this.#rowOf.get(configurationKey(counts, first, width));
      if (known !== undefined) {
        predicted.set(this.rps.subarray(known * width, (known + 1) * width), first);
      } else if (counts.subarray(first, first + width).some((count) => count > 0)) {
        missing.push(row);
      }
    }
    return { rps: predicted, missing };
  }

  #fallbackFor(counts: Uint8Array, missing: readonly number[]): InterferenceModel {
    if (this.fallback !== null) return this.fallback;
    const more = missing.length > 1 ? ` (nor are ${missing.length - 1} others)` : "";
    const named = describeConfiguration(this.apps, counts, missing[0]! * this.apps.length);
    throw new MissingConfigurationError(
      this.#explainMissing(
        `Configuration ${named} is not in the table${more}: measure it, or name a fallback model`,
      ),
    );
  }

  #ask(counts: Uint8Array, missing: readonly number[]): Uint8Array {
    const width = this.apps.length;
    const asked = new Uint8Array(missing.length * width);
    missing.forEach((row, at) =>
      asked.set(counts.subarray(row * width, (row + 1) * width), at * width)
    );
    return asked;
  }

  #fill(target: Float64Array, missing: readonly number[], answers: Float64Array): void {
    const width = this.apps.length;
    missing.forEach((row, at) =>
      target.set(answers.subarray(at * width, (at + 1) * width), row * width)
    );
  }
}

/**
 * A configuration in words, such as "2 x redis, 1 x isr"; "empty" without containers.
 * @param counts Read from `offset`, one count per app.
 */
export function describeConfiguration(
  apps: readonly string[],
  counts: ArrayLike<number>,
  offset: number = 0,
): string {
  const parts = apps.flatMap((name, app) => {
    const count = counts[offset + app]!;
    return count > 0 ? [`${count} x ${name}`] : [];
  });
  return parts.join(", ") || "empty";
}
