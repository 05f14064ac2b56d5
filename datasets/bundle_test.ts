import { strict as assert } from "node:assert";
import { profiledCapacity, UsageError } from "../domain/mod.ts";
import { readDemands, readProfile } from "../profiles/mod.ts";
import { bundleFiles } from "./bundle.ts";
import { BUNDLED, datasetUrl, DEFAULT_PROFILE, PAPER_WORKLOADS } from "./mod.ts";

Deno.test("bundleFiles() makes exactly the files that are committed, byte by byte", async () => {
  const files = bundleFiles();
  const made = BUNDLED.filter(({ name }) => name !== DEFAULT_PROFILE);
  assert.deepEqual([...files.keys()].sort(), made.map(({ file }) => file).sort());
  for (const { name, file } of made) {
    const committed = await Deno.readTextFile(datasetUrl(name));
    assert.ok(
      committed === files.get(file),
      `${file} differs: run deno run --allow-read --allow-write datasets/generate.ts`,
    );
    assert.ok(committed.length < 150_000);
  }
});

Deno.test("the measured profile has every app alone and in pairs, and what plans of full nodes use", async () => {
  const { profile, notices } = await readProfile(
    await Deno.readFile(datasetUrl(DEFAULT_PROFILE)),
    "lab-7x8.csv",
  );
  assert.deepEqual(profile.apps, PAPER_WORKLOADS.map(({ name }) => name));
  assert.deepEqual(notices, []);
  assert.equal(profiledCapacity(profile), 8);
  assert.ok(profile.rows >= 150, `${profile.rows} rows`);
  const apps = profile.apps.length;
  const ofSize = new Map<number, number>();
  for (let row = 0; row < profile.rows; row++) {
    let size = 0;
    for (let app = 0; app < apps; app++) {
      const count = profile.counts[row * apps + app]!;
      size += count;
      if (count > 0) assert.ok(profile.rps[row * apps + app]! > 0, `row ${row}`);
    }
    ofSize.set(size, (ofSize.get(size) ?? 0) + 1);
  }
  assert.deepEqual([ofSize.get(1), ofSize.get(2)], [7, 28]);
  assert.ok(ofSize.get(8)! >= 10, `${ofSize.get(8)} full nodes`);
});

Deno.test("every other bundled dataset reads without a notice and is called synthetic", async () => {
  for (const { name, kind, summary } of BUNDLED) {
    if (name === DEFAULT_PROFILE) continue;
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
      error instanceof UsageError &&
      /measured. Known: lab-7x8, synthetic-7x8, /.test(error.message),
  );
});
