import {
  configurationCount,
  configurationKey,
  type InterferenceModel,
  type Profile,
  type SpaceModel,
} from "../domain/mod.ts";

/** RPS of a configuration that may not be chosen: any placement without it is better. */
const REFUSED = -1e3;

/** A model whose choices are restricted to some configurations: the others are made worthless. */
export class RestrictedModel implements InterferenceModel {
  readonly kind = "restricted";
  readonly apps: readonly string[];

  /** @param allowed Keys of the configurations that may be chosen; see configurationKey. */
  constructor(readonly model: InterferenceModel, readonly allowed: ReadonlySet<string>) {
    this.apps = model.apps;
  }

  /** As {@link InterferenceModel.predict}. */
  predict(counts: Uint8Array, rows: number): Float64Array {
    const width = this.apps.length;
    const asked: number[] = [];
    const rps = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      const first = row * width;
      if (this.allowed.has(configurationKey(counts, first, width))) asked.push(row);
      else {
        for (let at = first; at < first + width; at++) rps[at] = counts[at] === 0 ? 0 : REFUSED;
      }
    }
    const kept = new Uint8Array(asked.length * width);
    asked.forEach((row, at) =>
      kept.set(counts.subarray(row * width, (row + 1) * width), at * width)
    );
    const answers = this.model.predict(kept, asked.length);
    asked.forEach((row, at) =>
      rps.set(answers.subarray(at * width, (at + 1) * width), row * width)
    );
    return rps;
  }
}

/** Keys of a profile's configurations, the empty one included. */
export function measuredKeys({ apps, rows, counts }: Profile): Set<string> {
  const width = apps.length;
  const keys = new Set([configurationKey(new Uint8Array(width), 0, width)]);
  for (let row = 0; row < rows; row++) keys.add(configurationKey(counts, row * width, width));
  return keys;
}

/** True if a set of configurations with the empty one is all that there are up to a capacity. */
export function isWholeSpace(keys: ReadonlySet<string>, apps: number, capacity: number): boolean {
  return keys.size >= configurationCount(apps, capacity);
}

/** A surface that is known by its throughputs alone, for simulators. */
export class ThroughputModel implements SpaceModel {
  readonly kind = "throughput";

  /** @param throughput By rank, of every configuration of at most the capacity that is asked for. */
  constructor(readonly apps: readonly string[], readonly throughput: Float64Array) {}

  /** Not known app by app. @throws {Error} always. */
  predict(): Float64Array {
    throw new Error("A surface of throughputs does not know the RPS of single apps");
  }

  /** Not known app by app. @throws {Error} always. */
  predictSpace(): Float64Array {
    throw new Error("A surface of throughputs does not know the RPS of single apps");
  }

  /** As {@link SpaceModel.throughputSpace}. */
  throughputSpace(): Float64Array {
    return this.throughput;
  }
}
