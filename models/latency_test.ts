import assert from "node:assert/strict";
import { selectRows } from "../domain/mod.ts";
import { fitModel } from "./fit.ts";
import { fitLatency } from "./latency.ts";
import { TableModel } from "./table.ts";
import { makeProfile } from "./_testing.ts";

/** A profile whose latency alone is 4, 8 and 12 ms and grows as the speed falls. */
function withLatencies(rows: number) {
  const profile = makeProfile({ apps: 3, rows, seed: 4 });
  const p99 = profile.rps.map((value, at) => 4 * (1 + at % 3) / value);
  return { ...profile, p99 };
}

Deno.test("latencies come back from a table as measured, and absent apps have none", () => {
  const profile = withLatencies(60);
  const model = fitLatency(profile, (paces) => new TableModel(paces));
  const predicted = model.predict(profile.counts, profile.rows);
  profile.p99.forEach((value, at) =>
    Number.isNaN(value)
      ? assert.equal(predicted[at], 0)
      : assert.ok(Math.abs(predicted[at]! / value - 1) < 1e-9)
  );
});

Deno.test("latencies of unseen configurations are predicted, a lone container's is its own", () => {
  const all = withLatencies(160);
  const rows = Array.from({ length: all.rows }, (_, row) => row);
  const [train, test] = [selectRows(all, rows.slice(0, 110)), selectRows(all, rows.slice(110))];
  const model = fitLatency(train, (paces) => fitModel("auto", paces, { seed: 1 }));
  const predicted = model.predict(test.counts, test.rows);
  const errors = [...test.p99!].flatMap((value, at) =>
    Number.isNaN(value) ? [] : [Math.abs(predicted[at]! / value - 1)]
  );
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  // The noise of the made-up profile is 0.01 of about 0.7.
  assert.ok(mean < 0.05, `${mean}`);
  const lone = model.predict(Uint8Array.of(1, 0, 0, 0, 0, 1), 2);
  assert.ok(Math.abs(lone[0]! - 4) < 0.4 && Math.abs(lone[5]! - 12) < 1.2, [...lone].join());
});

Deno.test("a profile without latencies is refused, rows without them are left out", () => {
  const table = (paces: Parameters<typeof fitModel>[1]) => new TableModel(paces);
  assert.throws(() => fitLatency(makeProfile(), table), /columns p99:APP/);
  const profile = withLatencies(60);
  const some = { ...profile, p99: profile.p99.slice() };
  some.p99.fill(NaN, 0, 3);
  assert.equal((fitLatency(some, table).pace as TableModel).rows, 59);
  const none = { ...profile, p99: profile.p99.map((value, at) => at % 3 === 1 ? NaN : value) };
  assert.throws(() => fitLatency(none, table), /latency of app-1/);
});
