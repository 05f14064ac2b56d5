import assert from "node:assert/strict";
import { HighsSolver, type MilpModel } from "./mod.ts";

/** maximise 30 chairs + 50 tables; chairs + 2 tables <= 40; 2 chairs + tables <= limit. */
function workshop(limit: number, whole: boolean): MilpModel {
  return {
    sense: "maximise",
    columns: 2,
    rows: 2,
    cost: Float64Array.of(30, 50),
    columnLower: Float64Array.of(0, 0),
    columnUpper: Float64Array.of(Infinity, Infinity),
    ...(whole ? { integer: Uint8Array.of(1, 1) } : {}),
    rowLower: Float64Array.of(-Infinity, -Infinity),
    rowUpper: Float64Array.of(40, limit),
    starts: Int32Array.of(0, 2, 4),
    indices: Int32Array.of(0, 1, 0, 1),
    values: Float64Array.of(1, 2, 2, 1),
  };
}

/** A subset sum that takes a solver minutes: even weights, an odd target, so that no subset fits. */
function hardModel(): MilpModel {
  const columns = 40;
  const weights = Float64Array.from(
    { length: columns },
    (_, at) => 2 * (100000 + (at * 7919 * 104729) % 99991),
  );
  const slackCost = 1;
  const half = Math.floor(weights.reduce((a, b) => a + b, 0) / 4) * 2 + 1;
  return {
    sense: "minimise",
    columns: columns + 1,
    rows: 1,
    cost: Float64Array.from({ length: columns + 1 }, (_, at) => at === columns ? slackCost : 0),
    columnLower: new Float64Array(columns + 1),
    columnUpper: Float64Array.from({ length: columns + 1 }, (_, at) => at === columns ? 1e9 : 1),
    integer: Uint8Array.from({ length: columns + 1 }, (_, at) => at === columns ? 0 : 1),
    rowLower: Float64Array.of(half),
    rowUpper: Float64Array.of(half),
    starts: Int32Array.from({ length: columns + 2 }, (_, at) => at),
    indices: new Int32Array(columns + 1),
    values: Float64Array.from([...weights, 1]),
  };
}

Deno.test("HighsSolver solves linear and integer programs one after another in one worker", async () => {
  const solver = new HighsSolver();
  try {
    const whole = await solver.solve(workshop(49, true));
    // 18 chairs and 11 tables use 40 and 47: 540 + 550. 19 and 10 give 1070, 16 and 12 give 1080.
    assert.equal(whole.status, "optimal");
    assert.deepEqual([...whole.solution!].map(Math.round), [18, 11]);
    assert.ok(Math.abs(whole.bound - 1090) < 1e-6);
    const relaxed = await solver.solve(workshop(50, false));
    assert.equal(relaxed.status, "optimal");
    assert.deepEqual([...relaxed.solution!].map(Math.round), [20, 10]);
    // Prices solve u + 2v = 30 and 2u + v = 50: u = 70/3, v = 10/3.
    assert.ok(Math.abs(relaxed.rowDuals![0]! - 70 / 3) < 1e-9);
    assert.ok(Math.abs(relaxed.rowDuals![1]! - 10 / 3) < 1e-9);
    const again = await solver.solve(workshop(44, false), { basis: relaxed.basis! });
    assert.equal(again.status, "optimal");
  } finally {
    solver.close();
  }
});

Deno.test("HighsSolver says infeasible and unbounded, and writes models as text", async () => {
  const solver = new HighsSolver();
  try {
    const model = workshop(50, true);
    const infeasible = await solver.solve({ ...model, rowLower: Float64Array.of(-Infinity, 51) });
    assert.equal(infeasible.status, "infeasible");
    assert.equal(infeasible.solution, undefined);
    const open = Float64Array.of(Infinity, Infinity);
    const unbounded = await solver.solve({ ...workshop(50, false), rowUpper: open });
    assert.equal(unbounded.status, "unbounded");
    assert.match(await solver.write(model, "lp"), /max[\s\S]*30[\s\S]*50/i);
    assert.match(await solver.write(model, "mps"), /ROWS[\s\S]*COLUMNS[\s\S]*ENDATA/);
    const { log } = await solver.solve(model, { log: true });
    assert.match(log, /HiGHS/);
  } finally {
    solver.close();
  }
});

Deno.test("HighsSolver refuses broken models before they reach HiGHS", async () => {
  const solver = new HighsSolver();
  const model = workshop(50, true);
  const attempt = (change: Partial<MilpModel>): Promise<unknown> =>
    (async () => await solver.solve({ ...model, ...change }))();
  await assert.rejects(attempt({ cost: Float64Array.of(1) }), /Wrong length of cost/);
  await assert.rejects(attempt({ cost: Float64Array.of(1, NaN) }), /NaN in cost at 1/);
  await assert.rejects(attempt({ indices: Int32Array.of(0, 1, 0, 2) }), /row 2, but there are 2/);
  await assert.rejects(attempt({ starts: Int32Array.of(0, 5, 4) }), /decreasing starts/);
});

Deno.test("HighsSolver stops at a time limit and at once when its signal fires", async () => {
  const solver = new HighsSolver();
  try {
    await solver.solve(workshop(50, true));
    const limited = await solver.solve(hardModel(), { timeLimit: 0.3 });
    assert.ok(["limit", "interrupted"].includes(limited.status), limited.status);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const aborted = await solver.solve(hardModel(), { signal: abort.signal });
    assert.equal(aborted.status, "interrupted");
    const after = await solver.solve(workshop(50, true));
    assert.equal(after.status, "optimal", "a closed worker is replaced by the next call");
  } finally {
    solver.close();
  }
});
