import assert from "node:assert/strict";
import { goesOn } from "./down.ts";

Deno.test("a Swarm goes on by a majority of all its managers that stays and is ready", () => {
  const node = (ID: string, Role: string, State = "ready") => ({
    ID,
    Spec: { Labels: {}, Role, Availability: "active" },
    Status: { State, Message: "", Addr: "" },
  });
  const three = [node("a", "manager"), node("b", "manager"), node("c", "manager")];
  const worker = node("w", "worker");
  for (
    const [nodes, leaving, expected] of [
      [[node("a", "manager"), worker], ["a"], false],
      [[node("a", "manager"), worker], ["w"], true],
      [[node("a", "manager"), node("b", "manager")], ["b"], false],
      [[...three, worker], ["a", "w"], true],
      [[...three, worker], ["a", "b"], false],
      [[...three.slice(0, 2), node("c", "manager", "down")], ["a"], false],
    ] as const
  ) assert.equal(goesOn(nodes, new Set(leaving)), expected, `${leaving} of ${nodes.length}`);
});
