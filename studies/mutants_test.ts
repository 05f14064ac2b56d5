import assert from "node:assert/strict";
import { runs } from "../tools/_full.ts";
import { READERS } from "./mutants/all.ts";
import { tryMutants } from "./mutants/reader.ts";

/** Mutants of each reader. A YAML parser takes ten times as long as any other. */
const mutants = (name: string): number => runs(150, name === "compose-yaml" ? 2_000 : 20_000);

for (const reader of READERS) {
  const count = mutants(reader.name);
  Deno.test(`${reader.name} refuses ${count} mutants cleanly, or reads them without a loss`, async () => {
    for (const [at, sample] of reader.samples.entries()) {
      assert.equal(await reader.accept(sample), null, `sample ${at} is sound`);
    }
    const faults: string[] = [];
    const { accepted, refused } = await tryMutants(
      reader,
      0,
      count,
      ({ number, what, file }) =>
        faults.push(`mutant ${number}: ${what}\n${new TextDecoder().decode(file).slice(0, 500)}`),
    );
    assert.deepEqual(faults, []);
    assert.equal(accepted + refused, count);
  });
}
