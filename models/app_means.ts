import { type InterferenceModel, type Profile, ShapeError } from "../domain/mod.ts";
import { checkTraining } from "./checks.ts";
import { gatherMeasurements, rowsWith } from "./measurements.ts";

/**
 * The trivial model: every container runs as fast as those of its app did on average, whatever is beside it. What a
 * model is worth is what it is better by.
 * @throws {InputError} for a profile without rows, or without a row for some app.
 */
export function fitAppMeans(profile: Profile): InterferenceModel {
  checkTraining(profile);
  const measurements = gatherMeasurements(profile);
  const { apps, rps, repeats } = measurements;
  const width = apps.length;
  const means = apps.map((_, app) => {
    // Lone containers are 1 by definition: they say nothing about company.
    const together = rowsWith(measurements, app, { lone: false });
    const rows = together.length > 0 ? together : rowsWith(measurements, app);
    const weight = rows.reduce((sum, row) => sum + repeats[row]!, 0);
    return rows.reduce((sum, row) => sum + repeats[row]! * rps[row * width + app]!, 0) / weight;
  });
  return {
    kind: "app-means",
    apps,
    predict(counts: Uint8Array, rows: number): Float64Array {
      if (counts.length !== rows * width) {
        throw new ShapeError("counts", rows * width, counts.length);
      }
      return Float64Array.from(counts, (count, at) => count === 0 ? 0 : means[at % width]!);
    },
  };
}
