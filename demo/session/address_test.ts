import assert from "node:assert/strict";
import { readAddress, writeAddress } from "./address.ts";

Deno.test("readAddress reads what writeAddress wrote", () => {
  const address = { nodes: 729, demand: [333, 0, 216], schedulers: ["spread", "metis"], seed: 7 };
  assert.deepEqual(readAddress(writeAddress(address)), address);
});

Deno.test("readAddress takes nothing from an address that makes no sense", () => {
  const nothing = { nodes: undefined, demand: undefined, schedulers: undefined, seed: undefined };
  for (
    const hash of ["", "#", "#x", "#nodes=0&demand=1.-2&a=x&seed=1e3", "#nodes=1e9&demand=&seed=-1"]
  ) {
    assert.deepEqual(readAddress(hash), nothing, hash);
  }
});
