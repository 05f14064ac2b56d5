import assert from "node:assert/strict";
import fc from "fast-check";
import {
  InputError,
  type InterferenceConstraint,
  MissingConfigurationError,
  type Placement,
  placementFromRows,
  type Profile,
} from "../../domain/mod.ts";
import { needsReference } from "../../reference/_needs.ts";
import { referenceText } from "../../reference/folder.ts";
import { PAPER_APPS, randomConstraints } from "./_testing.ts";
import {
  configurationViolations,
  constraintsFromSeries,
  deriveConstraints,
  interferenceSeries,
  isPairwise,
  placementViolations,
  readConstraints,
  readPairwise,
  violationModel,
  weightStep,
  writeConstraints,
  writeSeries,
} from "./mod.ts";

const APPS = ["redis", "mms", "web server"];

Deno.test(needsReference({
  name: "the 2020 pairs give the 2020 constraints and series exactly",
  fn() {
    const pairs = referenceText("metis-pairwise.csv");
    assert.ok(isPairwise(pairs));
    const profile = readPairwise(
      { text: pairs, file: "pairs" },
      { text: referenceText("metis-pairwise-per-app.csv"), file: "per app" },
    );
    const series = interferenceSeries({ apps: profile.apps, profile }, 8);
    assert.equal(series.reduce((sum, { predicted }) => sum + predicted, 0), 0);
    const derived = constraintsFromSeries(profile.apps, series);
    assert.equal(
      writeConstraints(derived.map(({ constraint }) => constraint), profile.apps),
      referenceText("metis-interference.csv"),
    );
    assert.equal(
      writeSeries(derived.map((one) => one.series), 8),
      referenceText("metis-interference-rps.csv"),
    );
  },
}));

Deno.test(needsReference({
  name: "the 2020 constraints survive reading and writing",
  fn() {
    const text = referenceText("metis-interference.csv");
    const { constraints, weighted } = readConstraints(text, PAPER_APPS, "file");
    assert.equal(weighted, false);
    assert.equal(writeConstraints(constraints, PAPER_APPS), text);
    assert.equal(constraints.filter(({ weight }) => weight === 2).length, 2);
  },
}));

Deno.test("measured rows win over predictions, and predictions are counted", () => {
  // Alone 1.0; beside one more of itself measured 0.5, predicted 1.0; beside two more not measured.
  const profile: Profile = {
    apps: ["a"],
    rows: 2,
    counts: Uint8Array.of(1, 2),
    rps: Float64Array.of(1, 0.5),
  };
  const model = {
    kind: "constant",
    apps: ["a"],
    predict: (_: Uint8Array, rows: number) => new Float64Array(rows).fill(1),
  };
  const [series] = interferenceSeries({ apps: ["a"], profile, model }, 3);
  assert.deepEqual(series!.rps, [1, 0.5, 1]);
  assert.equal(series!.predicted, 1);
  assert.deepEqual(deriveConstraints({ apps: ["a"], profile, model }, 3), [
    { subject: 0, other: 0, kind: "at-most", threshold: 1, weight: 1 },
  ]);
});

Deno.test("a value that is neither measured nor predictable is named", () => {
  const profile: Profile = {
    apps: ["a"],
    rows: 1,
    counts: Uint8Array.of(1),
    rps: Float64Array.of(1),
  };
  assert.throws(
    () => interferenceSeries({ apps: ["a"], profile }, 2),
    (error) => error instanceof MissingConfigurationError && error.message.includes("2 a"),
  );
});

Deno.test("help gives affinity, harm anti-affinity, and a spread of at most 1.1 neither", () => {
  const of = (subject: number, other: number, rps: number[]) =>
    constraintsFromSeries(["a", "b"], [{ subject, other, rps, predicted: 0 }])
      .map(({ constraint: { kind, threshold } }) => `${kind} ${threshold}`);
  assert.deepEqual(of(0, 1, [1, 1.05, 1.2]), ["at-least 2"]);
  assert.deepEqual(of(0, 1, [1, 0.95, 0.8]), ["at-most 1"]);
  assert.deepEqual(of(0, 0, [1, 0.95, 0.8]), ["at-most 2"]);
  assert.deepEqual(of(0, 1, [1, 1.05, 0.96]), []);
  // The first that leaves the interval counts, not the furthest.
  assert.deepEqual(of(0, 1, [1, 1.11, 0.5]), ["at-least 1"]);
});

Deno.test("constraints may be written by hand, with names and weights", () => {
  const text = 'app_s,app_c,less_or_larger,threshold,weight\nredis,"web server",at-most,2,0.5\n' +
    "3,mms,1,1,3\n";
  const { constraints } = readConstraints(text, APPS, "hand.csv");
  assert.deepEqual(constraints, [
    { subject: 0, other: 2, kind: "at-most", threshold: 2, weight: 0.5 },
    { subject: 2, other: 1, kind: "at-least", threshold: 1, weight: 3 },
  ]);
});

Deno.test("whatever constraints are written, reading gives them back", () => {
  fc.assert(fc.property(fc.nat(), fc.boolean(), (seed, names) => {
    const constraints = randomConstraints(3, 8, seed);
    const text = writeConstraints(constraints, APPS, { weights: true, names });
    assert.deepEqual(readConstraints(text, APPS, "file").constraints, constraints);
  }));
});

const HEADER = "app_s,app_c,less_or_lager,threshold";
const BAD: readonly [string, string, string][] = [
  ["an empty file", "", "the first line must be"],
  ["another header", "a,b,c,d\n1,1,0,2\n", "the first line must be"],
  ["a value too few", `${HEADER}\n1,1,0\n`, "line 2: expected 4 values, found 3"],
  [
    "an unknown app",
    `${HEADER}\nreddis,1,0,2\n`,
    "line 2: unknown app reddis: did you mean redis?",
  ],
  ["an app number out of range", `${HEADER}\n1,4,0,2\n`, "line 2: there is no app 4"],
  ["another kind", `${HEADER}\n1,1,2,2\n`, "line 2: the third value must be 0"],
  ["a negative threshold", `${HEADER}\n1,1,0,-1\n`, "line 2: the threshold must be"],
  ["a fractional threshold", `${HEADER}\n1,1,0,1.5\n`, "line 2: the threshold must be"],
  ["the same pair twice", `${HEADER}\n1,1,0,2\n1,1,0,3\n`, "line 3: repeats the pair"],
  ["a weight of 0", `${HEADER},weight\n1,1,0,2,0\n`, "line 2: the weight must be"],
  ["a weight of 1e9", `${HEADER},weight\n1,1,0,2,1e9\n`, "line 2: the weight must be"],
  ["a negative weight", `${HEADER},weight\n1,1,0,2,-1\n`, "line 2: the weight must be"],
  ["a weight in hexadecimal", `${HEADER},weight\n1,1,0,2,0x10\n`, "line 2: the weight must be"],
  ["text beside a quote", `${HEADER}\n 1,b",1,1,0,2\n`, "line 2: expected 4 values"],
  ["a cell that is half quoted", `${HEADER}\na"b,1,1,0,2\n`, "line 2: expected 4 values"],
  ["no weight", `${HEADER},weight\n1,1,0,2,\n`, "line 2: the weight must be"],
];
for (const [name, text, message] of BAD) {
  Deno.test(`a file of constraints with ${name} is refused in one line`, () => {
    assert.throws(
      () => readConstraints(text, APPS, "bad.csv"),
      (error) =>
        error instanceof InputError && error.message.startsWith("bad.csv: ") &&
        error.message.includes(message) && !error.message.includes("\n"),
    );
  });
}

Deno.test("violations count each container of the subject for each one too many or too few", () => {
  const constraints: InterferenceConstraint[] = [
    { subject: 0, other: 1, kind: "at-most", threshold: 1, weight: 2 },
    { subject: 1, other: 1, kind: "at-most", threshold: 2, weight: 1 },
    { subject: 2, other: 0, kind: "at-least", threshold: 3, weight: 1 },
  ];
  // 2 of app 0, 3 of app 1, 1 of app 2: 2 x 2 x (3 - 1) + 3 x (3 - 2) + 1 x (3 - 2) = 8 + 3 + 1
  assert.equal(configurationViolations(constraints, [2, 3, 1]), 12);
  const placement: Placement = placementFromRows([[2, 3, 1], [0, 0, 0], [0, 0, 2]]);
  const { weighted, unweighted, ratio } = placementViolations(constraints, placement);
  // The third node adds 2 x 3; without weights the first gives 4 + 3 + 1.
  assert.equal(weighted, 18);
  assert.equal(unweighted, 14);
  // Cases: (2 of app 0 + 3 of app 1 + 3 of app 2) x 3 nodes
  assert.equal(ratio, 18 / 24);
});

Deno.test("on the surface of violations, throughput is minus the violations", () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), (seed, held) => {
      const constraints = randomConstraints(3, 4, seed);
      const worth = violationModel(APPS, constraints).predict(Uint8Array.from(held), 1);
      const throughput = held.reduce((sum, count, app) => sum + count * worth[app]!, 0);
      assert.equal(throughput + configurationViolations(constraints, held), 0);
    }),
  );
});

Deno.test("the step of weights is the largest that all are multiples of", () => {
  const of = (...weights: number[]) =>
    weightStep(
      weights.map((weight) => ({ subject: 0, other: 0, kind: "at-most", threshold: 0, weight })),
    );
  assert.equal(of(1, 2), 1);
  assert.equal(of(0.5, 0.75), 0.25);
  assert.equal(of(4, 6), 2);
  assert.equal(of(Math.PI), 0);
});
