import assert from "node:assert/strict";
import { contentionModel } from "../../datasets/mod.ts";
import { drawMixedDemand, NO_RULES, Random, totalSlots, uniformCluster } from "../../domain/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import { problemOn, runScheduler } from "../../scheduling/mod.ts";
import { Simulator } from "../../sim-wasm/mod.ts";
import { encodeCheckpoint } from "../checkpoint/checkpoint.ts";
import { drawNodes } from "./nodes.ts";
import { NodeStream, type PlayedNodes } from "./node_stream.ts";
import { universalPolicy } from "./shipped.ts";
import { drawSurface, TEXTURES, TRAINED_KINDS, UNSEEN_KINDS } from "./surfaces.ts";

Deno.test("every kind of surface gives each present app a speed, the same for the same counts in any chunk", () => {
  for (const kind of [...TRAINED_KINDS, ...UNSEEN_KINDS]) {
    for (const texture of TEXTURES) {
      const draw = () => drawSurface(kind, texture, 4, 5, new Random(7));
      const counts = Uint8Array.from([1, 0, 2, 1, 0, 5, 0, 0, 3, 1, 0, 1]);
      const whole = draw().predict(counts, 3);
      counts.forEach((count, at) => {
        assert.equal(whole[at]! > 0, count > 0, `${kind}, ${texture}: element ${at}`);
        assert.ok(whole[at]! < 3);
      });
      const second = draw().predict(counts.slice(4, 8), 1);
      assert.deepEqual(second, whole.slice(4, 8), `${kind}, ${texture}`);
    }
  }
});

Deno.test("drawn nodes vary in apps, slots, sizes and rules, and the same draws give the same", () => {
  const shapes = new Set<string>();
  let rules = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const draw = () => {
      const nodes = drawNodes(new Random(seed));
      using simulator = nodes.simulator;
      const { apps, capacity } = simulator;
      return { nodes, shape: `${apps.length}x${capacity}`, table: simulator.table() };
    };
    const { nodes, shape, table } = draw();
    shapes.add(shape);
    if (nodes.rules !== NO_RULES) rules++;
    assert.ok(totalSlots(nodes.cluster, nodes.rules) <= 320);
    if (seed % 10 === 0) assert.deepEqual(draw().table, table);
  }
  assert.ok(shapes.size > 15, [...shapes].join());
  assert.ok(rules > 0 && rules < 20);
});

Deno.test("a stream of drawn nodes gives an update the same nodes however it came there, and gives all back", () => {
  const given: PlayedNodes[] = [];
  const returned: PlayedNodes[] = [];
  using simulator = Simulator.create({ model: contentionModel(), capacity: 3 });
  const setting = { simulator, cluster: uniformCluster(3, 3) };
  const stream = (drawn: boolean) =>
    new NodeStream(setting, drawn, 5, (nodes) => {
      given.push(nodes);
      return { nodes, [Symbol.dispose]: () => void returned.push(nodes) };
    });
  const apps = (nodes: PlayedNodes) => nodes.simulator.apps.length;
  {
    using whole = stream(true);
    const early = whole.player(0, 1);
    assert.equal(whole.player(3, 1), early);
    const late = whole.player(40, 1);
    assert.notEqual(late, early);
    using resumed = stream(true);
    const other = resumed.player(40, 1).nodes;
    assert.equal(apps(other), apps(late.nodes));
    assert.deepEqual(other.cluster, late.nodes.cluster);
  }
  assert.equal(returned.length, given.length);
  using own = stream(false);
  assert.equal(own.player(0, 0), own.player(999, 5));
  assert.equal(own.player(0, 0).nodes.simulator, simulator);
});

Deno.test("the policies that come with Metis are small, and place what they never saw better than the greedy rule", async () => {
  let bytes = 0;
  for (const kind of ["metis", "online"]) {
    const policy = (await universalPolicy(kind))!;
    assert.equal(policy.info.options["universal"], true);
    for (const file of (await encodeCheckpoint(policy)).values()) bytes += file.length;
  }
  assert.ok(bytes < 200_000, `${bytes} bytes`);
  assert.equal(await universalPolicy("sub"), null);
  const registry = defaultRegistry();
  let [ours, rule, online, spread] = [0, 0, 0, 0];
  for (const [seed, kind] of UNSEEN_KINDS.entries()) {
    const draws = new Random(900 + seed);
    using simulator = Simulator.create({
      model: drawSurface(kind, "smooth", 6, 6, draws),
      capacity: 6,
    });
    const demand = drawMixedDemand(6, 75, false, draws);
    const problem = problemOn(simulator, { cluster: uniformCluster(27, 6), demand });
    const total = async (name: string) =>
      (await runScheduler(registry.get(name), problem, { seed: 1 })).total;
    ours += await total("metis");
    rule += await total("greedy");
    online += await total("metis-online");
    spread += await total("spread");
  }
  assert.ok(ours > rule, `${ours} against ${rule}`);
  assert.ok(online > spread, `${online} against ${spread}`);
});
