import assert from "node:assert/strict";
import { type Address, readAddress, writeAddress } from "./address.ts";

/** What an address says that says nothing. */
const NOTHING = readAddress("");

Deno.test("readAddress reads what writeAddress wrote", () => {
  const address: Address = {
    ...{ nodes: 729, demand: [333, 0, 216], schedulers: ["spread", "metis"], seed: 7 },
    ...{
      plan: "a_b-C",
      runs: "xyz",
      profile: "p",
      needs: "my file.csv",
      lacks: ["moves", "policy"],
    },
    objective: "worst",
    floor: 0.3,
    moves: [[], [
      { from: 3, to: 40, app: 1, back: null },
      { from: 40, to: 0, app: 0, back: 2 },
    ]],
  };
  assert.deepEqual(readAddress(writeAddress(address)), address);
  const less = { ...NOTHING, nodes: 9, seed: 0 };
  assert.deepEqual(readAddress(writeAddress(less)), less);
});

Deno.test("readAddress takes nothing that is there twice", () => {
  const twice = "#nodes=1&nodes=2&seed=3&a=x&a=y&b=z&ma=1-2-0&ma=1-2-0";
  assert.deepEqual(readAddress(twice), { ...NOTHING, seed: 3 });
});

Deno.test("readAddress takes nothing from an address that makes no sense", () => {
  assert.ok(Object.values(NOTHING).every((field) => field === undefined));
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
      "#plan=a%20b&runs=&lacks=x.y&needs=",
      `#profile=${"a".repeat(100_000)}`,
    ]
  ) {
    assert.deepEqual(readAddress(hash), NOTHING, hash);
  }
});
