import assert from "node:assert/strict";
import { readAddress, writeAddress } from "./address.ts";

Deno.test("readAddress reads what writeAddress wrote", () => {
  const address = { nodes: 729, demand: [333, 0, 216], schedulers: ["spread", "metis"], seed: 7 };
  const moves = [[], [{ from: 3, to: 40, app: 1, back: null }, {
    from: 40,
    to: 0,
    app: 0,
    back: 2,
  }]];
  assert.deepEqual(readAddress(writeAddress({ ...address, moves })), { ...address, moves });
  const more = { ...address, moves: undefined };
  assert.deepEqual(readAddress(writeAddress(address)), more);
});

Deno.test("readAddress takes nothing that is there twice", () => {
  const twice = "#nodes=1&nodes=2&seed=3&a=x&a=y&b=z&ma=1-2-0&ma=1-2-0";
  assert.deepEqual(readAddress(twice), {
    nodes: undefined,
    demand: undefined,
    schedulers: undefined,
    seed: 3,
    moves: undefined,
  });
});

Deno.test("readAddress takes nothing from an address that makes no sense", () => {
  const nothing = {
    nodes: undefined,
    demand: undefined,
    schedulers: undefined,
    seed: undefined,
    moves: undefined,
  };
  for (
    const hash of [
      "",
      "#",
      "#x",
      "#nodes=0&demand=1.-2&a=x&seed=1e3",
      "#nodes=1e9&demand=&seed=-1",
      "#ma=1-2&mb=1-2-3",
      "#mb=1-2-x",
      "#ma=",
    ]
  ) {
    assert.deepEqual(readAddress(hash), nothing, hash);
  }
});
