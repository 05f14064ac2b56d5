import { strict as assert } from "node:assert";
import { profiledCapacity, UsageError } from "../domain/mod.ts";
import { readDemands, readProfile } from "../profiles/mod.ts";
import { bundleFiles } from "./bundle.ts";
import { BUNDLED, datasetUrl, PAPER_WORKLOADS } from "./mod.ts";

Deno.test("bundleFiles() makes exactly the files that are committed, byte by byte", async () => {
  const files = bundleFiles();
  assert.deepEqual([...files.keys()].sort(), BUNDLED.map(({ file }) => file).sort());
  for (const { name, file } of BUNDLED) {
    const committed = await Deno.readTextFile(datasetUrl(name));
    assert.ok(
      committed === files.get(file),
      `${file} differs: run deno run --allow-read --allow-write datasets/generate.ts`,
    );
    assert.ok(committed.length < 150_000);
  }
});

Deno.test("every bundled dataset reads without a notice and is called synthetic", async () => {
  for (const { name, kind, summary } of BUNDLED) {
    assert.match(`${name} ${summary}`, /^synthetic-.*Synthetic/);
    const bytes = await Deno.readFile(datasetUrl(name));
    const apps = PAPER_WORKLOADS.map((app) => app.name);
    if (kind === "profile") {
      const { profile, notices } = await readProfile(bytes, name, { capacity: 8 });
      assert.deepEqual([profile.apps, profile.rows, notices], [apps, 600, []]);
      assert.equal(profiledCapacity(profile), 8);
    } else {
      const table = readDemands(new TextDecoder().decode(bytes), name);
      assert.deepEqual([table.apps, table.demands.length], [apps, 30]);
      const total = Number(name.split("-").at(-1));
      assert.ok(table.demands.every((demand) => demand.reduce((a, b) => a + b, 0) === total));
    }
  }
});

Deno.test("datasetUrl() lists the known names for an unknown one", () => {
  assert.throws(
    () => datasetUrl("measured"),
    (error) =>
      error instanceof UsageError && /measured. Known: synthetic-7x8, /.test(error.message),
  );
});
