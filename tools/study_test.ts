import assert from "node:assert/strict";
import { needsReference } from "../reference/_needs.ts";
import { UsageError } from "../domain/mod.ts";
import { markdownTable } from "../studies/common/study.ts";
import { loadStudy, studyNames } from "./study.ts";

Deno.test("every study is loaded by its name, and says what it measures and how long it takes", async () => {
  assert.ok(studyNames().length >= 4);
  for (const name of studyNames()) {
    const { summary, takes } = await loadStudy(name);
    assert.ok(summary.length > 0 && takes.all.length > 0 && takes.quick.length > 0, name);
  }
  await assert.rejects(loadStudy("polic"), UsageError);
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
