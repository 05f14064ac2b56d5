import assert from "node:assert/strict";
import { needsReference } from "../reference/_needs.ts";
import { UsageError } from "../domain/mod.ts";
import { type Axis, casesOf, chosen, markdownTable } from "../studies/common/study.ts";
import { loadStudy, studyNames } from "./study.ts";

Deno.test("every study is loaded by its name, and says what it measures and how long it takes", async () => {
  assert.ok(studyNames().length >= 9);
  for (const name of studyNames()) {
    const { summary, takes } = await loadStudy(name);
    assert.ok(summary.length > 0 && takes.all.length > 0 && takes.quick.length > 0, name);
  }
  await assert.rejects(loadStudy("polic"), UsageError);
});

Deno.test("a study takes of each axis what is named of it, and all of the others", () => {
  const rows: Axis = { standard: ["10", "20"], quick: ["10"], more: ["12"] };
  const model: Axis = { standard: ["pooled", "auto"], quick: ["usual"] };
  assert.deepEqual(casesOf(rows, model), ["10", "20", "12", "pooled", "auto", "usual"]);
  const setting = { quick: false, only: ["12", "20"], tell: () => {} };
  assert.deepEqual(chosen(rows, setting), ["12", "20"]);
  assert.deepEqual(chosen(model, setting), ["pooled", "auto"]);
  assert.deepEqual(chosen(model, { ...setting, quick: true }), ["usual"]);
});

Deno.test("a study without a need for data gives its table", async () => {
  const study = await loadStudy("plans");
  const [table] = await study.run({ quick: true, only: [], tell: () => {} });
  assert.deepEqual(table!.rows.map((cells) => cells.slice(0, 3)), [["synth0", "10", "usual"]]);
  // From ten rows of seven apps plans lose more than nothing, and not all.
  const regret = Number(table!.rows[0]![3]);
  assert.ok(regret > 0 && regret < 30, `${regret}`);
});

Deno.test(needsReference({
  name: "the quick part of a study gives its table",
  async fn() {
    const study = await loadStudy("paragon");
    const [table] = await study.run({ quick: true, only: [], tell: () => {} });
    // docs/design/baselines.md has the same figures.
    assert.match(markdownTable(table!), /\| 200 on 81 nodes \| 0\.896 \| 0\.908 \| 0\.922 \|/);
  },
}));
