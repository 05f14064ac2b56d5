import assert from "node:assert/strict";
import fc from "fast-check";
import { placementFromRows, type Problem } from "../../domain/mod.ts";
import type { Host } from "./hosts.ts";
import { mapNodes, type RunningCounts } from "./mapping.ts";

const APPS = ["redis", "isr"];

function host(hostname: string, more: Partial<Host> = {}): Host {
  return { id: hostname, hostname, labels: {}, capacity: Infinity, unavailable: null, ...more };
}

function problem(rows: readonly (readonly number[])[], more: Partial<Problem> = {}): Problem {
  return {
    apps: APPS,
    cluster: {
      nodeClasses: [
        { name: "c", capacity: 9, count: rows.length, labels: {}, failureDomain: null },
      ],
    },
    demand: APPS.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0)),
    rules: { maxPerNode: [null, null], apart: [], fencedNodes: [] },
    ...more,
  };
}

function map(
  rows: readonly (readonly number[])[],
  hosts: readonly Host[],
  running: Record<string, Record<string, number>> = {},
  more: Partial<Problem> = {},
  byPosition = false,
) {
  const counts: RunningCounts = new Map(
    Object.entries(running).map(([node, apps]) => [node, new Map(Object.entries(apps))]),
  );
  const mapped = mapNodes(problem(rows, more), placementFromRows(rows), hosts, counts, byPosition);
  return mapped.map((one) => one?.hostname ?? null);
}

const three = ["n1", "n2", "n3"].map((name) => host(name));

Deno.test("mapNodes moves the fewest containers, whatever the order of the plan's nodes", () => {
  const running = { n1: { redis: 3 }, n2: { isr: 2 }, n3: { redis: 1, isr: 1 } };
  assert.deepEqual(map([[0, 2], [1, 1], [3, 0]], three, running), ["n2", "n3", "n1"]);
});

Deno.test("mapNodes never moves more than any other mapping would", () => {
  const count = fc.integer({ min: 0, max: 3 });
  const rows = fc.array(fc.tuple(count, count), { minLength: 3, maxLength: 3 });
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  fc.assert(
    fc.property(rows, rows, (wanted, now) => {
      const running = Object.fromEntries(
        now.map(([redis, isr], at) => [`n${at + 1}`, { redis: redis!, isr: isr! }]),
      );
      const staying = (node: number, at: number) =>
        Math.min(wanted[node]![0]!, now[at]![0]!) + Math.min(wanted[node]![1]!, now[at]![1]!);
      const mapped = map(wanted, three, running);
      const kept = mapped.reduce(
        (sum, name, node) => sum + (name === null ? 0 : staying(node, Number(name[1]) - 1)),
        0,
      );
      const best = Math.max(
        ...orders.map((order) => order.reduce((sum, at, node) => sum + staying(node, at), 0)),
      );
      assert.equal(kept, best);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("mapNodes needs no host for an empty node, and no node that takes no tasks", () => {
  const hosts = [host("n1"), host("n2", { unavailable: "drain" }), host("n3")];
  assert.deepEqual(map([[0, 0], [1, 0], [0, 1]], hosts), [null, "n1", "n3"]);
});

Deno.test("mapNodes keeps to positions where hosts are named or the plan fences nodes", () => {
  const running = { n1: { isr: 2 }, n2: { redis: 2 } };
  assert.deepEqual(map([[2, 0], [0, 2]], three.slice(0, 2), running), ["n2", "n1"]);
  assert.deepEqual(map([[2, 0], [0, 2]], three, running, {}, true), ["n1", "n2"]);
  const rules = { maxPerNode: [null, null], apart: [], fencedNodes: [2] };
  assert.deepEqual(map([[2, 0], [0, 2], [0, 0]], three, running, { rules }), ["n1", "n2", "n3"]);
});

Deno.test("mapNodes gives nodes of a class their labels, and no node more than it takes", () => {
  const hosts = [host("small", { capacity: 2 }), host("big", { labels: { disk: "ssd" } })];
  assert.deepEqual(map([[4, 0], [1, 0]], hosts, { small: { redis: 4 } }), ["big", "small"]);
  const classes = [
    { name: "a", capacity: 9, count: 1, labels: {}, failureDomain: null },
    { name: "b", capacity: 9, count: 1, labels: { disk: "ssd" }, failureDomain: null },
  ];
  const cluster = { cluster: { nodeClasses: classes } };
  assert.deepEqual(map([[1, 0], [1, 0]], hosts, {}, cluster), ["small", "big"]);
  assert.throws(
    () => map([[1, 0], [1, 0]], three, {}, cluster),
    /do not fit the plan: node 1 of the plan needs the label disk=ssd, n1 lacks it/,
  );
  assert.throws(
    () => map([[3, 0], [3, 0]], [host("a", { capacity: 2 }), host("b")]),
    /node 0 of the plan holds 3 containers, a takes 2/,
  );
});

Deno.test("mapNodes says how many nodes are missing, and which are away", () => {
  assert.throws(
    () => map([[1, 0], [1, 0], [1, 0]], [host("a"), host("b", { unavailable: "down" })]),
    /The plan needs 3 nodes, the Swarm offers 1 \(a\); b is down: plan for fewer by --nodes/,
  );
  assert.throws(() => map([[1, 0], [1, 0]], [host("a")], {}, {}, true), /needs 2 nodes/);
  assert.throws(
    () => map([[1, 0]], [host("a", { unavailable: "drain" })], {}, {}, true),
    /a is drain/,
  );
});
