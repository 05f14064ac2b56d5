import assert from "node:assert/strict";
import fc from "fast-check";
import { plainSha256 } from "./sha256.ts";

Deno.test("plainSha256 is what the browser's own says, for every length of the last block", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const own = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
      assert.deepEqual(plainSha256(bytes), new Uint8Array(own));
    }),
    { numRuns: 300 },
  );
});
