import assert from "node:assert/strict";
import {
  configurationKey,
  type InterferenceModel,
  type Profile,
  Random,
  selectRows,
} from "../domain/mod.ts";
import { fitAppMeans } from "./app_means.ts";
import { fitModel } from "./fit.ts";
import { referenceOrder } from "./reference_split.ts";
import {
  crossValidate,
  hasCopies,
  holdOut,
  holdOutConfigurations,
  scoreModel,
  scorePredictions,
  scoreUnseen,
} from "./score.ts";
import { makeProfile } from "./_testing.ts";

const TWO: Profile = {
  apps: ["a", "b"],
  rows: 2,
  counts: Uint8Array.of(1, 0, 1, 1),
  rps: Float64Array.of(1, NaN, 0.5, 0.5),
};

Deno.test("the paper's scores count absent apps as 0, the others leave them out", () => {
  const scores = scorePredictions(TWO, Float64Array.of(0.75, 0, 0.75, 0.25));
  // App a: mean 0.75, spread 2 x 0.0625, residual the same: R^2 = 0. App b as the paper has it: values 0 and 0.5,
  // spread 0.125, residual 0.0625: R^2 = 0.5. Where it is present it is one value: residuals of both apps against
  // the spread of a alone are 1 - 0.1875 / 0.125.
  assert.deepEqual(scores, {
    rows: 2,
    r2: -0.5,
    r2Paper: 0.25,
    mae: 0.1875,
    maePresent: 0.25,
    perApp: [
      { app: "a", rows: 2, r2: 0, maePresent: 0.25 },
      { app: "b", rows: 1, r2: null, maePresent: 0.25 },
    ],
  });
});

Deno.test("pure noise explains nothing, whether or not its rows are there twice", () => {
  const random = new Random(3);
  const clean = makeProfile({ apps: 5, rows: 160, seed: 3 });
  const once = { ...clean, rps: clean.rps.map((value) => value && 0.5 + random.uniform()) };
  const twice = selectRows(once, Array.from({ length: 2 * once.rows }, (_, at) => at % once.rows));
  for (const profile of [once, twice]) {
    const fit = (train: Profile) => fitModel("gaussian", train, { seed: 1 });
    const { train, test } = holdOutConfigurations(profile);
    for (const scores of [scoreModel(fit(train), test), crossValidate(profile, fit, 4, 1)]) {
      // What is learned from noise is worse than the means of the apps, if anything.
      assert.ok(scores.r2 < 0.15, `R^2 ${scores.r2}`);
      // What the paper's way makes of the same predictions.
      assert.ok(scores.r2Paper > 0.5, `the paper's R^2 ${scores.r2Paper}`);
    }
  }
});

Deno.test("no configuration is on both sides of a split, and without copies it is the reference split", () => {
  const once = makeProfile({ rows: 40 });
  const twice = selectRows(once, Array.from({ length: 80 }, (_, at) => at % 40));
  const { train, test } = holdOutConfigurations(twice, 0.1, 7);
  const keys = ({ counts, rows }: Profile) =>
    new Set(Array.from({ length: rows }, (_, row) => configurationKey(counts, row * 3, 3)));
  assert.equal(train.rows + test.rows, 80);
  assert.ok(test.rows >= 8);
  const trained = keys(train);
  assert.deepEqual([...keys(test)].filter((key) => trained.has(key)), []);
  assert.equal(hasCopies(twice), true);
  assert.equal(hasCopies(once), false);
  assert.deepEqual(holdOutConfigurations(once, 0.1, 7), holdOut(once, 0.1, 7));
});

Deno.test("the trivial model answers with the mean of each app in company", () => {
  const profile: Profile = {
    apps: ["a", "b"],
    rows: 4,
    counts: Uint8Array.of(1, 0, 1, 1, 2, 1, 0, 1),
    rps: Float64Array.of(1, NaN, 0.5, 0.8, 0.3, 0.6, NaN, 1),
  };
  const model = fitAppMeans(profile);
  assert.deepEqual([...model.predict(Uint8Array.of(3, 0, 1, 4), 2)], [0.4, 0, 0.4, 0.7]);
});

Deno.test("an app that never varies scores 1 where it is right and 0 where it is wrong", () => {
  const one = selectRows(TWO, [0]);
  assert.equal(scorePredictions(one, Float64Array.of(1, 0)).r2Paper, 1);
  assert.equal(scorePredictions(one, Float64Array.of(0, 0)).r2Paper, 0.5);
  assert.equal(scorePredictions(one, Float64Array.of(1, 0)).r2, 1);
  assert.equal(scorePredictions(one, Float64Array.of(0, 0)).r2, 0);
});

Deno.test("a model is not scored on no rows, or on other apps", () => {
  const model: InterferenceModel = {
    kind: "x",
    apps: ["a", "c"],
    predict: () => new Float64Array(4),
  };
  assert.throws(() => scoreModel(model, TWO), /differ from those of the test profile: a, c/);
  assert.throws(() => scorePredictions(selectRows(TWO, []), new Float64Array(0)), /no rows/);
});

Deno.test("holdOut() splits as scikit-learn 1.2 does with the same random_state", () => {
  // train_test_split(np.arange(2008), test_size=0.1, random_state=seed): the first test rows.
  assert.deepEqual([...referenceOrder(2008, 42).subarray(0, 5)], [1592, 526, 393, 1403, 433]);
  assert.deepEqual([...referenceOrder(2008, 0).subarray(0, 5)], [1448, 294, 1953, 252, 1235]);
  const profile = makeProfile({ rows: 55 });
  const { train, test } = holdOut(profile, 0.1, 7);
  assert.deepEqual([train.rows, test.rows], [49, 6]);
  const keys = ({ counts, rows }: Profile) =>
    Array.from({ length: rows }, (_, row) => configurationKey(counts, row * 3, 3));
  assert.deepEqual([...keys(train), ...keys(test)].sort(), keys(profile).sort());
  assert.throws(() => holdOut(profile, 0, 1), /Cannot hold out 0 of 55 rows/);
  assert.throws(() => holdOut(profile, 0.99, 1), /Cannot hold out/);
});

Deno.test("cross-validation never tests a configuration that the model was fitted on", () => {
  const once = makeProfile({ rows: 30 });
  const order = Array.from({ length: 60 }, (_, at) => at % 30);
  const twice = selectRows(once, order);
  let fits = 0;
  const scores = crossValidate(
    twice,
    (train) => {
      fits++;
      assert.equal(train.rows % 2, 0);
      const table = fitModel("table", train, { seed: 1 });
      return {
        ...table,
        kind: "x",
        apps: train.apps,
        predict: (counts, rows) => {
          for (let row = 0; row < rows; row++) {
            assert.throws(
              () => table.predict(counts.subarray(row * 3, row * 3 + 3), 1),
              /not in the/,
            );
          }
          return new Float64Array(counts.length);
        },
      };
    },
    5,
    1,
  );
  assert.equal(fits, 5);
  assert.equal(scores.rows, 60);
  assert.equal(scores.perFold.length, 5);
});

Deno.test("a configuration that alone holds an app is always trained on", () => {
  const profile: Profile = {
    apps: ["a", "b"],
    rows: 5,
    counts: Uint8Array.of(1, 0, 2, 0, 3, 0, 4, 0, 1, 1),
    rps: Float64Array.of(1, NaN, 0.9, NaN, 0.8, NaN, 0.7, NaN, 0.9, 0.5),
  };
  const scores = crossValidate(
    profile,
    (train) => fitModel("extra-trees", train, { seed: 1 }),
    5,
    1,
  );
  assert.equal(scores.rows, 4);
  assert.throws(() => crossValidate(profile, () => assert.fail(), 6, 1), /6 folds of 5 distinct/);
  assert.throws(() => crossValidate(profile, () => assert.fail(), 1, 1), /Cannot make 1 folds/);
});

Deno.test("scoreUnseen() scores only configurations that were not trained on", () => {
  const profile = makeProfile({ rows: 40 });
  const train = selectRows(profile, Array.from({ length: 30 }, (_, row) => row));
  const model = fitModel("extra-trees", train, { seed: 1 });
  const scores = scoreUnseen(model, train, profile);
  assert.equal(scores.rows, 10);
  const unseen = selectRows(profile, Array.from({ length: 10 }, (_, row) => 30 + row));
  assert.deepEqual(scores, scoreModel(model, unseen));
  assert.throws(() => scoreUnseen(model, profile, train), /Every configuration of the test/);
});
