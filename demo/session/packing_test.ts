import assert from "node:assert/strict";
import { InputError } from "../../mod.ts";
import { packFile, unpackFile } from "./packing.ts";

Deno.test("unpackFile() reads what packFile() packed, in letters that an address may hold", async () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, at) => at);
  const packed = await packFile({ name: "Größe ?#&.csv", bytes });
  assert.match(packed!, /^[\w-]+$/);
  assert.deepEqual(await unpackFile(packed!), { name: "Größe ?#&.csv", bytes });
});

Deno.test("packFile() leaves out what is too large for a link", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(20_000));
  assert.equal(await packFile({ name: "large", bytes }), null);
});

Deno.test("unpackFile() refuses what is damaged, and what would unpack to too much", async () => {
  const large = await packFile({ name: "zeros", bytes: new Uint8Array(2_000_000) });
  for (const letters of ["", "x", "AAAA", large!]) {
    await assert.rejects(unpackFile(letters), InputError, letters);
  }
});
