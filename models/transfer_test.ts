import assert from "node:assert/strict";
import { type InterferenceModel, type Profile, selectRows } from "../domain/mod.ts";
import { ruggedModel } from "../sim-wasm/_naive.ts";
import { makeProfile } from "./_testing.ts";
import { fitFrom, fitModel } from "./fit.ts";
import { gatherMeasurements, isLone } from "./measurements.ts";
import { scoreModel } from "./score.ts";
import { fitTransfer, type TransferHyperparameters, TransferModel } from "./transfer.ts";

/** Speeds that nobody guesses from counts: every configuration has its own. */
const OTHER = rugged(makeProfile({ rows: 120 }));
const APPS = OTHER.apps.length;

function rugged(profile: Profile): Profile {
  const { apps } = profile;
  const rps = ruggedModel(apps.length, 1).predict(profile.counts, profile.rows).map((value, at) =>
    isLone(profile.counts, at - at % apps.length, apps.length) ? profile.counts[at]! : value
  );
  return { ...profile, rps };
}

/** The same configurations on a class of nodes where crowds hurt more, and the last app suffers from the first. */
const OWN: Profile = {
  ...OTHER,
  rps: OTHER.rps.map((rps, at) => {
    const first = at - at % APPS;
    const held = OTHER.counts.subarray(first, first + APPS);
    if (held[at - first] === 0 || isLone(OTHER.counts, first, APPS)) return rps;
    return 0.2 + 0.6 * rps - (at - first === APPS - 1 ? 0.05 * held[0]! : 0);
  }),
};

const few = (rows: number) => selectRows(OWN, Array.from({ length: rows }, (_, row) => row));
const rest = (rows: number) =>
  selectRows(OWN, Array.from({ length: OWN.rows - rows }, (_, row) => rows + row));

Deno.test("few rows of a class and all rows of another predict it better than either alone", () => {
  const source = fitModel("table", OTHER, { seed: 1 });
  for (const rows of [6, 12, 24]) {
    const error = (model: InterferenceModel) => scoreModel(model, rest(rows)).maePresent;
    const learned = error(fitTransfer(few(rows), [source], { seed: 1 }));
    const alone = error(fitModel("pooled", few(rows), { seed: 1 }));
    assert.ok(learned < 0.3 * alone, `${rows} rows: ${learned}, alone ${alone}`);
    assert.ok(learned < 0.5 * error(source), `${rows} rows: ${learned}, other ${error(source)}`);
  }
});

/** Solves by elimination: the oracle has no factor. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!]);
  rows.forEach((pivot, at) => {
    rows.forEach((row, other) => {
      if (other === at) return;
      const factor = row[at]! / pivot[at]!;
      for (let column = at; column < row.length; column++) row[column]! -= factor * pivot[column]!;
    });
  });
  return rows.map((row, at) => row.at(-1)! / row[at]!);
}

Deno.test("predictions and deviations are those of the process that the comment describes, solved by elimination", () => {
  const given: TransferHyperparameters = {
    level: -2,
    slope: -1.5,
    app: -2.2,
    company: -2.1,
    alike: -2.4,
    length: -1,
    noise: -3,
  };
  const sources = ["pooled", "extra-trees"].map((kind) => fitModel(kind, OTHER, { seed: 1 }));
  const measurements = gatherMeasurements(few(8));
  const model = new TransferModel(measurements, sources, given);
  /** An app in company: its app, its neighbours, what the sources say of it. */
  const see = (counts: Uint8Array, first: number, app: number) => {
    const held = counts.slice(first, first + APPS);
    const speeds = sources.map((source) => source.predict(held, 1)[app]!);
    return { app, company: [...held].map((count, at) => at === app ? count - 1 : count), speeds };
  };
  type Seen = ReturnType<typeof see>;
  const seen: (Seen & { value: number })[] = [];
  measurements.counts.forEach((count, at) => {
    const first = at - at % APPS;
    if (count === 0 || isLone(measurements.counts, first, APPS)) return;
    seen.push({ ...see(measurements.counts, first, at - first), value: measurements.rps[at]! });
  });
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const scale = seen.reduce((sum, { company }) => sum + dot(company, company), 0) / seen.length;
  const squared = (name: keyof TransferHyperparameters) => Math.exp(given[name]) ** 2;
  const covariance = (a: Seen, b: Seen) => {
    const apart = a.speeds.reduce((sum, speed, at) => sum + (speed - b.speeds[at]!) ** 2, 0);
    return squared("level") + squared("slope") * dot(a.speeds, b.speeds) +
      (a.app === b.app ? squared("app") : 0) +
      squared("company") * dot(a.company, b.company) / scale +
      squared("alike") * Math.exp(-apart / (2 * squared("length")));
  };
  const matrix = seen.map((a, row) =>
    seen.map((b, column) => covariance(a, b) + (row === column ? squared("noise") : 0))
  );
  const mean = ({ speeds }: Seen) => (speeds[0]! + speeds[1]!) / 2;
  const weights = solve(matrix, seen.map((one) => one.value - mean(one)));
  const { counts, rows } = rest(100);
  const { rps, deviations } = model.predictUncertain(counts, rows);
  assert.deepEqual(model.predict(counts, rows), rps);
  counts.forEach((count, at) => {
    const first = at - at % APPS;
    if (count === 0 || isLone(counts, first, APPS)) {
      assert.deepEqual([rps[at], deviations[at]], [count, 0]);
      return;
    }
    const asked = see(counts, first, at - first);
    const near = seen.map((one) => covariance(asked, one));
    assert.ok(Math.abs(rps[at]! - Math.max(0, mean(asked) + dot(near, weights))) < 1e-8);
    const variance = covariance(asked, asked) + squared("noise") - dot(near, solve(matrix, near));
    assert.ok(Math.abs(deviations[at]! ** 2 - variance) < 1e-8);
  });
});

Deno.test("a class of which nothing but lone containers is known is what the others are on average", () => {
  const alone = selectRows(
    OWN,
    Array.from({ length: OWN.rows }, (_, row) => row)
      .filter((row) => isLone(OWN.counts, row * APPS, APPS)),
  );
  const sources = ["pooled", "extra-trees"].map((kind) => fitModel(kind, OTHER, { seed: 1 }));
  const { counts, rows } = rest(0);
  const [one, two] = sources.map((source) => source.predict(counts, rows)) as [
    Float64Array,
    Float64Array,
  ];
  fitTransfer(alone, sources, { seed: 1 }).predict(counts, rows).forEach((rps, at) => {
    const lone = isLone(counts, at - at % APPS, APPS);
    const expected = counts[at] === 0 ? 0 : lone ? 1 : (one[at]! + two[at]!) / 2;
    assert.ok(Math.abs(rps - expected) < 1e-12);
  });
});

Deno.test("a transfer is the same for the same seed, trusts what was measured, and refuses sources that do not fit", () => {
  const source = fitModel("pooled", OTHER, { seed: 1 });
  const train = few(10);
  const fitted = () => fitTransfer(train, [source], { seed: 3 }).hyperparameters;
  assert.deepEqual(fitted(), fitted());
  const trusting = fitFrom(train, [source], { seed: 1 });
  assert.deepEqual(
    [...trusting.predict(train.counts, train.rows)],
    [...train.rps].map((rps) => Number.isNaN(rps) ? 0 : rps),
  );
  assert.throws(() => fitTransfer(train, [], { seed: 1 }), /needs a model of another node class/);
  const stranger = fitModel("extra-trees", makeProfile({ apps: 2, rows: 20 }), { seed: 1 });
  assert.throws(() => fitTransfer(train, [stranger], { seed: 1 }), /other apps: app-0, app-1/);
});
