import assert from "node:assert/strict";
import { Random } from "../../domain/mod.ts";
import { GaussianProcess } from "./gaussian.ts";
import { fitHyperparameters, initialHyperparameters } from "./likelihood.ts";

const POSITIONS = [[0, 1, 2, 3, 4], [0, 1, 1.5, 1.8, 2]];

/** A smooth function of two features with a little noise, at so many random points. */
function sample(rows: number, seed: number, noise = 0.02) {
  const random = new Random(seed);
  const points = new Uint8Array(rows * 2).map(() => random.below(5));
  const targets = Float64Array.from(
    { length: rows },
    (_, row) =>
      Math.sin(points[2 * row]!) + 0.3 * POSITIONS[1]![points[2 * row + 1]!]! +
      noise * random.normal(),
  );
  return { points, targets };
}

/** The process by the book: dense matrices, Gauss elimination, no tables. */
function naive(
  { points, targets }: ReturnType<typeof sample>,
  { logLengths, logNoise }: { logLengths: readonly number[]; logNoise: number },
  asked: readonly number[],
): { mean: number; variance: number } {
  const rows = targets.length;
  const kernel = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    POSITIONS.reduce((product, places, feature) => {
      const far = Math.sqrt(3) * Math.abs(places[a[feature]!]! - places[b[feature]!]!) /
        Math.exp(logLengths[feature]!);
      return product * (1 + far) * Math.exp(-far);
    }, 1);
  const at = (row: number) => points.subarray(2 * row, 2 * row + 2);
  const average = targets.reduce((sum, target) => sum + target, 0) / rows;
  const near = Array.from({ length: rows }, (_, row) => kernel(asked, at(row)));
  // Columns: the centred targets and the covariances with the point asked for.
  const system = Array.from({ length: rows }, (_, row) => [
    ...Array.from(
      { length: rows },
      (_, column) => kernel(at(row), at(column)) + (row === column ? Math.exp(2 * logNoise) : 0),
    ),
    targets[row]! - average,
    near[row]!,
  ]);
  for (let pivot = 0; pivot < rows; pivot++) {
    for (let row = 0; row < rows; row++) {
      if (row === pivot) continue;
      const factor = system[row]![pivot]! / system[pivot]![pivot]!;
      for (let column = pivot; column < rows + 2; column++) {
        system[row]![column]! -= factor * system[pivot]![column]!;
      }
    }
  }
  const solved = system.map((row, at) => [row[rows]! / row[at]!, row[rows + 1]! / row[at]!]);
  const mean = average + near.reduce((sum, value, row) => sum + value * solved[row]![0]!, 0);
  const fit = solved.reduce((sum, [weight], row) => sum + weight! * (targets[row]! - average), 0);
  const left = 1 - near.reduce((sum, value, row) => sum + value * solved[row]![1]!, 0);
  return { mean, variance: left * fit / rows };
}

Deno.test("means and deviations are those of the textbook, for even and odd numbers of rows", () => {
  const chosen = { logLengths: [0.3, 0.8], logNoise: Math.log(0.1) };
  for (const rows of [1, 2, 7, 8, 13]) {
    const known = sample(rows, rows + 1);
    const process = new GaussianProcess(POSITIONS, known, chosen);
    for (const asked of [[0, 0], [4, 2], [2, 3]]) {
      const { means, deviations } = process.predict(Uint8Array.from(asked), 1, true);
      const expected = naive(known, chosen, asked);
      assert.ok(Math.abs(means[0]! - expected.mean) < 1e-9, `mean of ${rows} rows`);
      // A single row is its own mean, which leaves no scale but the least.
      if (rows > 1) {
        assert.ok(Math.abs(deviations[0]! - Math.sqrt(expected.variance)) < 1e-7, `${rows} rows`);
      }
    }
  }
});

Deno.test("maximum likelihood finds what varies and what does not", () => {
  const random = new Random(5);
  const points = new Uint8Array(2 * 80).map(() => random.below(5));
  const targets = Float64Array.from({ length: 80 }, (_, row) => Math.sin(2 * points[2 * row]!));
  const chosen = fitHyperparameters(POSITIONS, { points, targets }, initialHyperparameters(2), 40);
  // Only the first feature matters: the second one's length goes far beyond it.
  assert.ok(chosen.logLengths[1]! > chosen.logLengths[0]! + 1.5, chosen.logLengths.join(" "));
  assert.ok(Math.exp(chosen.logNoise) < 0.05);
});

Deno.test("better hyperparameters than the first guess predict unseen points better", () => {
  const known = sample(60, 8);
  const unseen = sample(60, 9, 0);
  const start = initialHyperparameters(2);
  const error = (chosen: typeof start) => {
    const { means } = new GaussianProcess(POSITIONS, known, chosen)
      .predict(unseen.points, 60, false);
    return means.reduce((sum, mean, row) => sum + (mean - unseen.targets[row]!) ** 2, 0);
  };
  const found = fitHyperparameters(POSITIONS, known, start, 30);
  assert.ok(error(found) <= error(start) * 1.05);
  assert.deepEqual(fitHyperparameters(POSITIONS, known, start, 30), found);
});

Deno.test("a repeated measurement pulls harder than a single one", () => {
  const points = Uint8Array.of(0, 0, 4, 4);
  const targets = Float64Array.of(0, 1);
  const chosen = { logLengths: [3, 3], logNoise: Math.log(0.5) };
  const at = (repeats: Float64Array) =>
    new GaussianProcess(POSITIONS, { points, targets, repeats }, chosen)
      .predict(Uint8Array.of(4, 4), 1, false).means[0]!;
  assert.ok(at(Float64Array.of(1, 20)) > at(Float64Array.of(1, 1)) + 0.01);
});

Deno.test("points outside of the positions, wrong lengths and broken targets are refused", () => {
  const start = initialHyperparameters(2);
  const make = (points: Uint8Array, targets: Float64Array) => () =>
    new GaussianProcess(POSITIONS, { points, targets }, start);
  assert.throws(make(Uint8Array.of(5, 0), Float64Array.of(1)), { name: "InputError" });
  assert.throws(make(Uint8Array.of(1), Float64Array.of(1)), { name: "ShapeError" });
  assert.throws(make(Uint8Array.of(1, 1), Float64Array.of(NaN)), { name: "InputError" });
  assert.throws(make(new Uint8Array(), new Float64Array()), { name: "InputError" });
});
