/**
 * Each kind of fault, at several moments of each kind of deployment: whatever happens, as many containers as are promised
 * answer, what is not of the stack is not touched, and the same command again converges and leaves nothing. Of several
 * thousand cases `deno task test` draws some, by METIS_TEST_SEED; `deno task study faults` counts all of them.
 */
import assert from "node:assert/strict";
import { Random } from "../../domain/random.ts";
import { runs } from "../../tools/_full.ts";
import { root } from "../../tools/_process.ts";
import { cleanRun, runCase } from "../testing/_fault_case.ts";
import { casesOf, FAULT_KINDS } from "../testing/_fault_kinds.ts";
import { DEPLOYMENT_KINDS } from "../testing/_fault_worlds.ts";

const SEED = Number(Deno.env.get("METIS_TEST_SEED") ?? 1) || 1;

for (const [at, kind] of DEPLOYMENT_KINDS.entries()) {
  const some = runs("a sample of all faults leaves", "every fault leaves");
  Deno.test(`${kind.name}: ${some} the old state, the new one, or a named one from which the same command goes on`, async () => {
    const clean = await cleanRun(kind);
    const cases = casesOf(kind, clean);
    assert.ok(cases.length > 100, `${cases.length}`);
    const drawn = new Random(SEED + at).shuffle(cases).slice(0, runs(40, cases.length));
    for (const one of drawn) {
      const { outcome, broken } = await runCase(one, clean);
      assert.deepEqual(broken, [], `${one.fault}, ${one.moment}`);
      assert.notEqual(outcome, "void", `the fault never happened: ${one.fault}, ${one.moment}`);
    }
  });
}

Deno.test("the tests on real engines that are said to have seen a kind of fault exist", async () => {
  for (const [file, name] of FAULT_KINDS.flatMap(({ seen }) => seen === null ? [] : [seen])) {
    const text = await Deno.readTextFile(new URL(file, root));
    assert.ok(text.includes(name), `${file} has no "${name}"`);
  }
});
