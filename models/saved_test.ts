import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError, type InterferenceModel, selectRows } from "../domain/mod.ts";
import { arrangeModel } from "./arranged.ts";
import { fitFrom, fitModel } from "./fit.ts";
import { fitForest } from "./forest.ts";
import { loadModel, saveModel } from "./saved.ts";
import type { TableModel } from "./table.ts";
import { makeProfile } from "./_testing.ts";

const PROFILE = makeProfile();
const MODELS: readonly InterferenceModel[] = [
  fitForest(PROFILE, { seed: 1, trees: 5 }),
  fitModel("extra-trees", PROFILE, { seed: 1 }),
  fitModel("table", PROFILE, { seed: 1 }),
  fitModel("table", PROFILE, { seed: 1, fallback: "extra-trees" }),
  fitFrom(selectRows(PROFILE, [0, 1, 2, 3, 4, 5, 6, 7]), [
    fitModel("pooled", PROFILE, { seed: 1 }),
    arrangeModel(fitModel("extra-trees", PROFILE, { seed: 1 }), { speed: { "app-1": 2 } }),
  ], { seed: 1 }),
  arrangeModel(fitModel("table", PROFILE, { seed: 1 }), { speed: { "app-0": 1.4, "app-2": 0.7 } }),
  fitModel("pairwise", PROFILE, { seed: 1 }),
];

Deno.test("a saved and loaded model predicts bit-identical values and saves the same text", () => {
  for (const model of MODELS) {
    const text = saveModel(model);
    const loaded = loadModel(text, "model.json");
    assert.equal(loaded.kind, model.kind);
    assert.deepEqual(
      loaded.predict(PROFILE.counts, PROFILE.rows),
      model.predict(PROFILE.counts, PROFILE.rows),
    );
    assert.equal(saveModel(loaded), text);
  }
  const unmeasured = Uint8Array.of(8, 8, 8);
  const loaded = loadModel(saveModel(MODELS[3]!), "model.json");
  assert.deepEqual(loaded.predict(unmeasured, 1), MODELS[3]!.predict(unmeasured, 1));
});

Deno.test("models of node classes in each other are read to a depth that nobody needs more of", () => {
  const nested = (depth: number): InterferenceModel =>
    depth === 0 ? MODELS[1]! : arrangeModel(nested(depth - 1), { speed: { "app-0": 2 } });
  assert.equal(loadModel(saveModel(nested(3)), "m.json").kind, "extra-trees");
  assert.throws(() => loadModel(saveModel(nested(4)), "m.json"), /more than 3 models of node/);
  const text = JSON.parse(saveModel(MODELS[5]!));
  for (
    const [change, reason] of [
      [{ speed: [1, 2] }, /m.json: 2 speeds for 3 apps/],
      [{ speed: [1, 2, 0] }, /field speed/],
      [{ apps: ["a", "b", "c"] }, /knows no a/],
      [{ model: null }, /not a saved model/],
    ] as const
  ) {
    assert.throws(() => loadModel(JSON.stringify({ ...text, ...change }), "m.json"), reason);
  }
  const { fallback } = JSON.parse(saveModel(MODELS[4]!));
  for (
    const [change, reason] of [
      [{ sources: [] }, /there are no sources/],
      [{ sources: [null] }, /not a saved model/],
      [{ hyperparameters: { ...fallback.hyperparameters, noise: 99 } }, /hyperparameters.noise/],
      [{ apps: ["a", "b", "c"] }, /has other apps/],
    ] as const
  ) {
    assert.throws(() => loadModel(JSON.stringify({ ...fallback, ...change }), "m.json"), reason);
  }
});

Deno.test("what is no model of this version is refused with its reason", () => {
  const load = (change: Record<string, unknown>, model = 0) => () =>
    loadModel(JSON.stringify({ ...JSON.parse(saveModel(MODELS[model]!)), ...change }), "m.json");
  assert.throws(
    () => loadModel("{", "m.json"),
    /^InputError: m.json: not JSON: it ends too early$/,
  );
  assert.throws(() => loadModel("null", "m.json"), /m.json: not a saved model: its format/);
  assert.throws(load({ format: "other" }), /its format is not "metis-model"/);
  assert.throws(load({ version: 2 }), /version 2, this release reads version 1: fit it again/);
  assert.throws(load({ kind: "neural" }), /m.json: field kind: /);
  assert.throws(load({ extra: 1 }), /field extra: /);
  assert.throws(load({ residuals: [] }), /0 residuals for 3 apps/);
  assert.throws(load({ apps: ["a", "a", "b"] }), /two apps have the same name/);
  assert.throws(load({ apps: ["a"] }), /3 ensembles of trees for 1 apps/);
  assert.throws(load({ ensembles: 3 }), /field ensembles: /);
  const ensembles = JSON.parse(saveModel(MODELS[0]!)).ensembles;
  const broken = (change: Record<string, unknown>) =>
    load({ ensembles: [{ ...ensembles[0], ...change }, ensembles[1], ensembles[2]] });
  assert.throws(broken({ splits: "%" }), /field ensembles.0.splits is not base64 of u32/);
  assert.throws(broken({ values: "AAAA" }), /field ensembles.0.values is not base64 of f64/);
  assert.throws(broken({ splits: "" }), /Trees of app 0 are broken: 0 nodes cannot be 5 trees/);
  assert.throws(broken({ trees: 6 }), /Trees of app 0 are broken: tree 5 ends too early/);
  assert.throws(broken({ trees: 0.5 }), /field ensembles.0.trees: /);
  assert.throws(load({ counts: "AAAA" }, 2), /are not a table of 3 apps/);
  assert.throws(load({ rps: 5 }, 2), /field rps: /);
  const minus = (MODELS[2] as TableModel).rps.map((value) => value === 0 ? -0 : value);
  const rps = btoa(String.fromCharCode(...new Uint8Array(minus.buffer)));
  assert.throws(load({ rps }, 2), /field rps must hold finite numbers, 0 or more/);
  assert.throws(load({ fallback: JSON.parse(saveModel(MODELS[2]!)) }, 2), /cannot be the fallback/);
  assert.throws(load({ fallback: 1 }, 2), /its format is not/);
  assert.throws(load({ first: "" }, 6), /field first holds 0 terms for 3 apps/);
  const { first } = JSON.parse(saveModel(MODELS[6]!));
  const signs = first.replace(/^.{11}/, "AAAAAAAA8L8");
  assert.throws(load({ further: signs }, 6), /field further must hold times of 0 to/);
});

Deno.test("a model file with a changed byte is refused in one line or predicts finite values", () => {
  const texts = MODELS.map(saveModel);
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.constantFrom(...'0AZaz/+="{}[],:'),
      (text, at, letter) => {
        const place = at % text.length;
        try {
          const model = loadModel(text.slice(0, place) + letter + text.slice(place + 1), "m.json");
          const counts = model.apps.length === 3 ? PROFILE.counts : new Uint8Array(0);
          model.predict(counts, counts.length / 3).forEach((value) =>
            assert.ok(Number.isFinite(value))
          );
        } catch (error) {
          if ((error as Error).name === "MissingConfigurationError") return;
          assert.ok(error instanceof InputError, String(error));
          assert.ok(!error.message.includes("\n"), error.message);
        }
      },
    ),
    { numRuns: 400, seed: 1 },
  );
});

Deno.test("a model of an unknown kind cannot be saved", () => {
  const model: InterferenceModel = { kind: "own", apps: ["a"], predict: () => new Float64Array(1) };
  assert.throws(() => saveModel(model), /Models of kind own cannot be saved/);
});
