import assert from "node:assert/strict";
import fc from "fast-check";
import { type Profile, Random, selectRows, ShapeError } from "../domain/mod.ts";
import { needsReference } from "../reference/_needs.ts";
import { referenceProfile } from "../reference/data.ts";
import { makeProfile } from "./_testing.ts";
import { fitAppMeans, fitExtraTrees, fitPairwise, PairwiseModel, scoreModel } from "./mod.ts";

/** Terms drawn at random: every third pair helps with the first neighbour. */
function drawTerms(apps: number, seed: number): PairwiseModel {
  const draws = new Random(seed);
  const further = Float64Array.from({ length: apps ** 2 }, () => 0.3 * draws.uniform());
  const first = further.map((term, pair) => pair % 3 === 0 ? -0.1 * draws.uniform() : 1.5 * term);
  return new PairwiseModel(Array.from({ length: apps }, (_, app) => `app-${app}`), {
    first,
    further,
  });
}

/** What a model says of random configurations of up to four apps and eight containers. */
function sample(model: PairwiseModel, rows: number, seed: number): Profile {
  const { apps } = model;
  const draws = new Random(seed);
  const counts = new Uint8Array(rows * apps.length);
  for (let row = 0; row < rows; row++) {
    const kinds = draws.shuffle(apps.map((_, app) => app)).slice(0, 1 + draws.below(4));
    for (let left = 1 + draws.below(8); left > 0; left--) {
      counts[row * apps.length + kinds[draws.below(kinds.length)]!]!++;
    }
  }
  const rps = model.predict(counts, rows).map((value, at) => counts[at] === 0 ? NaN : value);
  return { apps, rows, counts, rps };
}

Deno.test("a container's time per request is what the terms of its neighbours add to 1", () => {
  const model = new PairwiseModel(["a", "b"], {
    first: Float64Array.of(0.5, -0.2, 1, 0),
    further: Float64Array.of(0.25, 0.1, 3, 0),
  });
  // Of a: 1 + its own two neighbours 0.5 + 0.25 + three of b -0.2 + 2 x 0.1. Of b: 1 + three of a 1 + 2 x 3.
  assert.deepEqual([...model.predict(Uint8Array.of(3, 3), 1)], [1 / 1.75, 1 / 8]);
  assert.deepEqual([...model.predict(Uint8Array.of(1, 0, 0, 1, 0, 0), 3)], [1, 0, 0, 1, 0, 0]);
  assert.throws(() => model.predict(new Uint8Array(3), 1), ShapeError);
});

Deno.test("terms that made the measurements are learned from them", () => {
  const truth = drawTerms(6, 1);
  const model = fitPairwise(sample(truth, 20_000, 1), { seed: 1, penalty: 1e-6 });
  // Nothing is noisy: only the penalties keep terms from the truth, the less the more rows there are.
  const { maePresent } = scoreModel(model, sample(truth, 400, 2));
  assert.ok(maePresent < 1e-2, `off by ${maePresent}`);
});

Deno.test("pairs that no row holds are drawn to what their apps have in common", () => {
  const apps = ["light", "heavy", "new"];
  // Beside a heavy neighbour all run at half speed; nobody measured "new" beside "light".
  const counts = Uint8Array.of(1, 1, 0, 2, 0, 0, 0, 2, 0, 0, 1, 1, 0, 0, 2);
  const rps = Float64Array.of(0.5, 0.95, 0, 0.95, 0, 0, 0, 0.5, 0, 0, 0.95, 0.5, 0, 0, 0.95);
  const model = fitPairwise({ apps, rows: 5, counts, rps }, { seed: 1, penalty: 0.03 });
  const [light, , fresh] = model.predict(Uint8Array.of(1, 0, 1), 1);
  assert.ok(light! > 0.75 && fresh! > 0.75, `${light} ${fresh}`);
  const beside = model.predict(Uint8Array.of(0, 1, 1), 1);
  assert.ok(beside[2]! < 0.65 && beside[1]! > 0.8, String(beside));
});

Deno.test("no prediction is negative, and more neighbours beyond the first never make an app faster", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 3, max: 60 }), (seed, rows) => {
      const profile = makeProfile({ seed });
      const model = fitPairwise(selectRows(profile, Array.from({ length: rows }, (_, at) => at)), {
        seed,
      });
      const counts = Uint8Array.of(1, 2, 1, 1, 3, 1, 1, 4, 1, 200, 1, 1);
      const rps = model.predict(counts, 4);
      rps.forEach((value) => assert.ok(value > 0 && value <= 10, String(value)));
      for (const app of [0, 2]) {
        assert.ok(rps[app]! >= rps[3 + app]! && rps[3 + app]! >= rps[6 + app]!);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test(needsReference({
  name:
    "what pairs of apps say of more than two is nearer to the 2008 rows than extra-trees on the same rows",
  async fn() {
    const all = await referenceProfile("metis-2008.npz");
    const width = all.apps.length;
    const kinds = (row: number) =>
      all.counts.subarray(row * width, (row + 1) * width).filter((count) => count > 0).length;
    const rows = Array.from({ length: all.rows }, (_, row) => row);
    const pairs = selectRows(all, rows.filter((row) => kinds(row) <= 2));
    const more = selectRows(all, rows.filter((row) => kinds(row) > 2));
    const error = scoreModel(fitPairwise(pairs, { seed: 1 }), more).maePresent;
    assert.ok(error < 0.069, `off by ${error}`);
    assert.ok(error < scoreModel(fitExtraTrees(pairs, { seed: 1 }), more).maePresent);
    assert.ok(error < 0.4 * scoreModel(fitAppMeans(pairs), more).maePresent);
  },
}));
