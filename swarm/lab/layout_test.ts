import assert from "node:assert/strict";
import { InputError, UsageError } from "../../domain/errors.ts";
import { checkLabPlan, hostInterface, labNodes, readState, stateText } from "./layout.ts";
import { labDown } from "./down.ts";
import { labStatus } from "./status.ts";

const PLAN = { directory: "/var/lib/metis-lab", subnet: "10.77.0", nodes: 3, slots: 8 };

Deno.test("labNodes gives each node its own name, address and folder", () => {
  assert.deepEqual(labNodes(PLAN).map(({ name, address }) => [name, address]), [
    ["n1", "10.77.0.1"],
    ["n2", "10.77.0.2"],
    ["n3", "10.77.0.3"],
  ]);
});

Deno.test("hostInterface is a name that Linux takes, another for each subnet", () => {
  assert.equal(hostInterface({ subnet: "255.255.255" }), "ml255-255-255");
  assert.notEqual(hostInterface({ subnet: "10.77.0" }), hostInterface({ subnet: "11.77.0" }));
});

Deno.test("checkLabPlan refuses what could reach outside of the lab's folder or network", () => {
  assert.equal(checkLabPlan(PLAN), PLAN);
  for (
    const bad of [
      { directory: "/" },
      { directory: "/etc/../etc" },
      { directory: "lab" },
      { directory: "/var/lib/a b" },
      { directory: "/var/lib/$(reboot)" },
      { directory: `/${"x".repeat(80)}` },
      { subnet: "10.77" },
      { subnet: "10.77.256" },
      { subnet: "10.77.0; reboot" },
    ]
  ) assert.throws(() => checkLabPlan({ ...PLAN, ...bad }), UsageError, JSON.stringify(bad));
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("readState takes what stateText wrote, and nothing else", () => {
  assert.deepEqual(readState(PLAN.directory, bytesOf(stateText(PLAN))), PLAN);
  for (
    const text of [
      "",
      "{}",
      stateText(PLAN).replace("10.77.0", "10.77.0;x"),
      stateText(PLAN).replace('"nodes":3', '"nodes":999'),
      stateText(PLAN).replace('"nodes":3', '"nodes":3,"extra":1'),
      stateText(PLAN).replace('"nodes":3', '"nodes":2,"nodes":3'),
    ]
  ) assert.throws(() => readState(PLAN.directory, bytesOf(text)), InputError);
});

Deno.test("labDown touches no folder that is not a lab's", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/mine.txt`, "mine");
    await assert.rejects(labDown(folder, () => {}), /is not a lab: nothing in it was changed/);
    assert.equal(await Deno.readTextFile(`${folder}/mine.txt`), "mine");
    assert.equal(await labDown(`${folder}/none`, () => {}), false);
    await assert.rejects(labStatus(`${folder}/none`), /No lab in .*: run `metis lab up`/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
