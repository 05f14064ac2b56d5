import assert from "node:assert/strict";
import fc from "fast-check";
import { type Slice, TrainingShares } from "./shares.ts";

/** Trains parts whose score is a curve of their seconds; returns the seconds of each. */
function train(
  seconds: number,
  curves: readonly ((seconds: number) => number)[],
  workers = 1,
  used: readonly number[] = curves.map(() => 0),
  weights: readonly number[] = curves.map(() => 1 / curves.length),
): number[] {
  const shares = new TrainingShares(seconds, weights, Math.min(workers, curves.length), used);
  const all = [...used];
  for (;;) {
    const slices: Slice[] = [];
    for (let worker = 0; worker < workers; worker++) {
      const slice = shares.next();
      if (slice !== null) slices.push(slice);
    }
    if (slices.length === 0) return all;
    assert.equal(new Set(slices.map(({ part }) => part)).size, slices.length, "no part twice");
    for (const slice of slices) {
      all[slice.part] = slice.seconds;
      shares.ended(slice, slice.seconds, curves[slice.part]!(slice.seconds), false);
    }
  }
}

Deno.test("every part gets a share of the time, and all of the time is used", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.double({ min: 1, max: 10_000, noNaN: true }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 20, maxLength: 20 }),
      (parts, seconds, workers, slopes) => {
        const curves = Array.from(
          { length: parts },
          (_, at) => (used: number) => slopes[at]! * Math.log(1 + used),
        );
        const all = train(seconds, curves, workers);
        const sum = all.reduce((total, each) => total + each, 0);
        assert.ok(Math.abs(sum - seconds) <= 0.1 * seconds / parts + 1e-9, `${sum} of ${seconds}`);
        for (const each of all) assert.ok(each >= 0.499 * seconds / parts, `${each} of ${seconds}`);
      },
    ),
  );
});

Deno.test("a part gets what its weight says, none goes without, and none gets longer than the training takes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.double({ min: 0.1, max: 10_000, noNaN: true }),
      fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 4, maxLength: 20 }),
      (workers, seconds, amounts) => {
        const sum = amounts.reduce((total, each) => total + each, 0);
        const weights = amounts.map((each) => each / sum);
        const all = train(seconds, amounts.map(() => Math.sqrt), workers, undefined, weights);
        const most = seconds / workers;
        all.forEach((each, at) => {
          assert.ok(each > 0 && each <= most * (1 + 1e-9), `${each} of ${seconds}`);
          assert.ok(
            each >= 0.499 * Math.min(most, seconds * weights[at]!),
            `${each} of ${seconds}`,
          );
        });
      },
    ),
  );
});

Deno.test("a part of little weight that learns as the others gets little", () => {
  const curve = (used: number) => Math.log(1 + used);
  const [a, b, c] = train(1000, [curve, curve, curve], 1, undefined, [0.01, 0.495, 0.495]);
  assert.ok(a! < 30 && b! > 400 && c! > 400, `${a}, ${b}, ${c}`);
});

Deno.test("time goes to the part that still gains, not to those that have ended to learn", () => {
  const flat = () => 1;
  const rising = (used: number) => used / 100;
  const [a, b, c] = train(400, [flat, rising, flat]);
  assert.ok(b! > 2.5 * a! && b! > 2.5 * c!, `${a}, ${b}, ${c}`);
});

Deno.test("a training that goes on gives its new time by the seconds that parts had", () => {
  const curves = [() => 0, () => 0];
  const [a, b] = train(100, curves, 1, [40, 10]);
  assert.ok(Math.abs(a! + b! - 100) < 3);
  assert.ok(b! >= 10 + 0.25 * 50 - 1e-9);
});

Deno.test("a part that is over gives its time back to the others", () => {
  const shares = new TrainingShares(100, [0.5, 0.5], 1);
  const first = shares.next()!;
  shares.ended(first, 1, -1, true);
  let other = 0;
  for (let slice = shares.next(); slice !== null; slice = shares.next()) {
    assert.notEqual(slice.part, first.part);
    other = slice.seconds;
    shares.ended(slice, slice.seconds, -1, false);
  }
  assert.ok(other > 95, `${other}`);
});

Deno.test("a training that has had all of its time gives none out", () => {
  assert.equal(new TrainingShares(10, [0.5, 0.5], 1, [4, 6]).next(), null);
  assert.equal(new TrainingShares(10, [0.5, 0.5], 1, [4, 7]).next(), null);
});
