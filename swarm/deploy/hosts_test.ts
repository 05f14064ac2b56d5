import assert from "node:assert/strict";
import type { SwarmNodeInfo } from "../engine/schemas.ts";
import { selectHosts } from "./hosts.ts";

function node(Hostname: string, more: Partial<SwarmNodeInfo> & { Labels?: object } = {}) {
  const { Labels = {}, ...rest } = more;
  return {
    ID: `id-${Hostname}`,
    Version: { Index: 1 },
    Spec: { Labels, Role: "worker", Availability: "active" },
    Description: { Hostname },
    Status: { State: "ready", Message: "", Addr: "" },
    ...rest,
  } as SwarmNodeInfo;
}

const names = (hosts: readonly { hostname: string }[]) => hosts.map(({ hostname }) => hostname);

Deno.test("selectHosts takes nodes by name, by label, by slots, else all", () => {
  const nodes = [
    node("n10", { Labels: { disk: "ssd" } }),
    node("n2", { Labels: { "io.metis.slots": "8", disk: "hdd" } }),
  ];
  assert.deepEqual(names(selectHosts(nodes, { names: ["n10", "n2"] })), ["n10", "n2"]);
  assert.deepEqual(names(selectHosts(nodes, { label: "disk" })), ["n2", "n10"]);
  assert.deepEqual(names(selectHosts(nodes, { label: "disk=ssd" })), ["n10"]);
  assert.deepEqual(names(selectHosts(nodes, { ofPlan: ["n2", "n10"] })), ["n2", "n10"]);
  assert.deepEqual(names(selectHosts(nodes, { ofPlan: ["n2", "n10"], label: "disk=ssd" })), [
    "n10",
  ]);
  // A plan may call its nodes what it likes: those that no Swarm has are no host names.
  assert.deepEqual(names(selectHosts(nodes, { ofPlan: ["n2", "big"] })), ["n2"]);
  const [sized] = selectHosts(nodes, {});
  assert.deepEqual([sized!.hostname, sized!.capacity], ["n2", 8]);
  assert.deepEqual(names(selectHosts([node("b"), node("a")], {})), ["a", "b"]);
});

Deno.test("selectHosts names what is not there", () => {
  const nodes = [node("worker-1"), node("worker-2")];
  assert.throws(
    () => selectHosts(nodes, { names: ["worker-3"] }),
    /The Swarm has no node worker-3.*it has worker-1, worker-2/,
  );
  assert.throws(
    () => selectHosts(nodes, { label: "disk=ssd" }),
    /docker node update --label-add disk=/,
  );
});

Deno.test("selectHosts tells why a node takes no tasks", () => {
  const down = node("a", { Status: { State: "down", Message: "heartbeat failure", Addr: "" } });
  const drained = node("b");
  drained.Spec.Availability = "drain";
  const [a, b] = selectHosts([down, drained], {});
  assert.equal(a!.unavailable, "down (heartbeat failure)");
  assert.equal(b!.unavailable, "drain");
});

Deno.test("selectHosts takes the living one of two entries of a machine, and refuses two that live", () => {
  const dead = node("a", { ID: "old", Status: { State: "down", Message: "", Addr: "" } });
  for (const nodes of [[dead, node("a")], [node("a"), dead]]) {
    assert.deepEqual(selectHosts(nodes, {}).map(({ id }) => id), ["id-a"]);
  }
  assert.throws(() => selectHosts([node("a"), node("a", { ID: "b" })], {}), /Two nodes.*name a/);
});

Deno.test("selectHosts leaves out a node that is just joining, and refuses names that are none", () => {
  assert.deepEqual(names(selectHosts([node(""), node("a")], {})), ["a"]);
  assert.throws(() => selectHosts([node("a; reboot")], {}), /not the host name of a node/);
});
