import assert from "node:assert/strict";
import fc from "fast-check";
import { gainedAffinity } from "../bench/gained_affinity.ts";
import { rasaAssignment, rasaFile, rasaProblem, rasaToday, readRasa } from "../bench/rasa.ts";
import { InputError, ShapeError } from "../domain/mod.ts";
import { TrafficModel } from "./mod.ts";

const APPS = ["web", "cache", "log"];

function meanOf(model: TrafficModel, rows: readonly (readonly number[])[]): number {
  const counts = rows.flat();
  const rps = model.predict(Uint8Array.from(counts), rows.length);
  const total = counts.reduce((sum, count, at) => sum + count * rps[at]!, 0);
  return total / counts.reduce((sum, count) => sum + count, 0);
}

Deno.test("the mean on a surface of traffic is the share of the traffic that stays on one machine", () => {
  const pairs = [{ a: 0, b: 1, traffic: 30 }, { a: 1, b: 2, traffic: 10 }];
  const model = new TrafficModel({ apps: APPS, demand: [4, 2, 1], pairs });
  // Node 0: web 3/4, cache 1/2, log all. Node 1: web 1/4, cache 1/2.
  // Kept: 30 x (1/2 + 1/4) + 10 x 1/2 = 27.5 of 40.
  assert.ok(Math.abs(meanOf(model, [[3, 1, 1], [1, 1, 0]]) - 27.5 / 40) < 1e-12);
  assert.equal(meanOf(model, [[4, 0, 0], [0, 2, 0], [0, 0, 1]]), 0);
  assert.ok(Math.abs(meanOf(model, [[4, 2, 1]]) - 1) < 1e-12);
});

Deno.test("apps share what a pair keeps, and those without partners have nothing", () => {
  const pairs = [{ a: 0, b: 1, traffic: 5 }];
  const model = new TrafficModel({ apps: APPS, demand: [2, 2, 4], pairs });
  // 8 containers for all traffic; a half of it is kept: 4, of which each app has 2 on one container.
  assert.deepEqual([...model.predict(Uint8Array.from([1, 1, 4]), 1)], [2, 2, 0]);
});

Deno.test("a node never keeps more than all traffic, whatever it holds", () => {
  const model = new TrafficModel({
    apps: APPS,
    demand: [1, 0, 1],
    pairs: [{ a: 0, b: 1, traffic: 1 }],
  });
  assert.deepEqual([...model.predict(Uint8Array.from([9, 9, 9]), 1)].map((rps) => rps * 9), [
    1,
    1,
    0,
  ]);
  const none = new TrafficModel({ apps: APPS, demand: [1, 1, 1], pairs: [] });
  assert.deepEqual([...none.predict(Uint8Array.from([1, 1, 1]), 1)], [0, 0, 0]);
});

Deno.test("traffic that is none is refused by name", () => {
  const make = (a: number, b: number, traffic: number) =>
    new TrafficModel({ apps: APPS, demand: [1, 1, 1], pairs: [{ a, b, traffic }] });
  assert.throws(() => make(0, 0, 1), InputError);
  assert.throws(() => make(0, 3, 1), InputError);
  for (const traffic of [0, -1, NaN, Infinity]) {
    assert.throws(() => make(0, 1, traffic), /web and cache must be a number above 0/);
  }
  assert.throws(() => new TrafficModel({ apps: APPS, demand: [1], pairs: [] }), ShapeError);
});

Deno.test("the model agrees with the definition on random clusters, container by container", () => {
  const cluster = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 }),
    machines: fc.integer({ min: 1, max: 4 }),
    draws: fc.infiniteStream(fc.nat(1000)),
  });
  fc.assert(fc.property(cluster, ({ sizes, machines, draws }) => {
    const next = (): number => draws.next().value;
    const addresses = Array.from({ length: machines }, (_, at) => `m${at}`);
    const services = sizes.map((size, app) => ({
      Service: `s${app}`,
      RequestCPU: 1,
      RequestMem: 1,
      ContainerList: Array.from({ length: size }, (_, at) => `s${app}-${at}`),
      CompatibleMachines: "*" as const,
    }));
    const pairs = Array.from({ length: 3 }, () => {
      const a = next() % sizes.length;
      return { a, b: (a + 1 + next() % (sizes.length - 1)) % sizes.length, traffic: 1 + next() };
    });
    const counts = new Uint8Array(machines * sizes.length);
    const assignment = new Map<string, string>();
    services.forEach(({ ContainerList }, app) =>
      ContainerList.forEach((container) => {
        const machine = next() % machines;
        counts[machine * sizes.length + app]!++;
        assignment.set(container, addresses[machine]!);
      })
    );
    const { gained, faults } = gainedAffinity({
      ServiceList: services,
      MachineList: addresses.map((MachineIP) => ({
        MachineIP,
        TotalCPU: 100,
        TotalMem: 100,
        InitialDeployingContainers: [],
      })),
      TrafficList: pairs.map(({ a, b, traffic }) => ({
        Service1: `s${a}`,
        Service2: `s${b}`,
        Traffic: traffic,
      })),
    }, assignment);
    assert.deepEqual(faults, []);
    const model = new TrafficModel({ apps: services.map((s) => s.Service), demand: sizes, pairs });
    const rows = addresses.map((_, at) => [
      ...counts.subarray(at * sizes.length, (at + 1) * sizes.length),
    ]);
    assert.ok(Math.abs(meanOf(model, rows) - gained) < 1e-9);
  }));
});

const file = rasaFile();

Deno.test({
  name: `the containers of M3 keep 0.0700 of their traffic where they are today${
    file === null ? " (skipped: ../shared/data/rasa is missing)" : ""
  }`,
  ignore: file === null,
  fn() {
    const cluster = readRasa(file!);
    const today = rasaToday(cluster);
    const { gained, faults } = gainedAffinity(cluster, today);
    assert.equal(gained.toFixed(4), "0.0700");
    assert.deepEqual(faults, []);
    const { problem, pairs } = rasaProblem(cluster);
    const model = new TrafficModel({ ...problem, pairs });
    const counts = new Uint8Array(cluster.MachineList.length * problem.apps.length);
    cluster.ServiceList.forEach(({ ContainerList }, app) =>
      ContainerList.forEach((container) => {
        const node = cluster.MachineList.findIndex(({ MachineIP }) =>
          MachineIP === today.get(container)
        );
        counts[node * problem.apps.length + app]!++;
      })
    );
    const placement = { nodes: cluster.MachineList.length, apps: problem.apps.length, counts };
    const rps = model.predict(counts, placement.nodes);
    const total = counts.reduce((sum, count, at) => sum + count * rps[at]!, 0);
    assert.ok(Math.abs(total / 3485 - gained) < 1e-9);
    assert.equal(
      gainedAffinity(cluster, rasaAssignment(cluster, placement)).gained.toFixed(9),
      gained.toFixed(9),
    );
  },
});
