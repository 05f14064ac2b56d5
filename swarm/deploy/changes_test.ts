import assert from "node:assert/strict";
import fc from "fast-check";
import { readServices } from "../services/compose.ts";
import { serviceBody } from "../services/spec.ts";
import {
  type CurrentService,
  currentService,
  type DesiredService,
  endOf,
  planChanges,
  serviceKey,
} from "./changes.ts";

function desired(
  app: string,
  node: string,
  replicas: number,
  options: object = {},
): DesiredService {
  const file = { services: { [app]: { image: `${app}:1`, ...options } } };
  const service = readServices(JSON.stringify(file), "services.json").get(app)!;
  const name = `metis_${app}-${node}`;
  const pinning = { stack: "metis", name, app, node, replicas };
  const { body, hash } = serviceBody(service, pinning, { secrets: new Map(), configs: new Map() });
  return { key: serviceKey(app, node), name, app, node, replicas, hash, body, ...endOf(body) };
}

function current(service: DesiredService, ports?: object[]): CurrentService {
  return currentService({
    ID: `id-${service.key}`,
    Version: { Index: 1 },
    // As it comes back from an engine.
    Spec: JSON.parse(JSON.stringify(service.body)),
    Endpoint: ports === undefined ? {} : { Ports: ports as never },
  })!;
}

const kinds = (wanted: DesiredService[], now: CurrentService[]) =>
  planChanges(wanted, now).map(({ kind }) => kind);

Deno.test("planChanges keeps what is as it should be, and orders what frees room first", () => {
  const wanted = [
    desired("a", "n1", 2),
    desired("b", "n1", 3),
    desired("c", "n2", 1),
    desired("d", "n2", 1),
  ];
  const now = [
    current(desired("a", "n1", 2)),
    current(desired("b", "n1", 5)),
    current(desired("c", "n2", 1, { command: ["x"] })),
    current(desired("e", "n2", 1)),
  ];
  assert.deepEqual(
    planChanges(wanted, now).map((change) =>
      `${change.kind} ${(change.kind === "remove" ? change.from : change.to).key}`
    ),
    ["keep a@n1", "scale b@n1", "remove e@n2", "update c@n2", "create d@n2"],
  );
});

Deno.test("planChanges sees what was changed by hand though the label stayed", () => {
  const wanted = desired("a", "n1", 1, { ports: [{ target: 80, published: 8080 }] });
  const spoil: ((body: Record<string, never> & { [key: string]: never }) => void)[] = [
    // deno-lint-ignore no-explicit-any
    (body: any) => body.TaskTemplate.ContainerSpec.Image = "evil:1",
    // deno-lint-ignore no-explicit-any
    (body: any) => body.TaskTemplate.ContainerSpec.Env = ["ADDED=1"],
    // deno-lint-ignore no-explicit-any
    (body: any) => body.TaskTemplate.Placement.Constraints = ["node.hostname==n9"],
    // deno-lint-ignore no-explicit-any
    (body: any) => body.EndpointSpec.Ports[0].PublishedPort = 9090,
  ];
  for (const change of spoil) {
    const now = current(wanted);
    change(now.body as never);
    assert.deepEqual(kinds([wanted], [now]), ["update"]);
  }
});

Deno.test("planChanges creates a service again whose published port an update would keep", () => {
  const free = desired("a", "n1", 1, { ports: [{ target: 8080 }] });
  const held = { Protocol: "tcp", TargetPort: 8080, PublishedPort: 9090, PublishMode: "host" };
  assert.deepEqual(kinds([free], [current(free, [held])]), ["remove", "create"]);
  // One that Swarm itself chose, one of the routing mesh, and one of another port are no reason.
  for (const other of [{ PublishedPort: 0 }, { PublishMode: "ingress" }, { TargetPort: 81 }]) {
    assert.deepEqual(kinds([free], [current(free, [{ ...held, ...other }])]), ["keep"]);
  }
  const fixed = desired("a", "n1", 1, { ports: [{ target: 8080, published: 9090 }] });
  assert.deepEqual(kinds([fixed], [current(fixed, [held])]), ["keep"]);
});

Deno.test("planChanges leads from any state to any other, and then has nothing to do", () => {
  const state = fc.uniqueArray(
    fc.record({
      app: fc.constantFrom("a", "b", "c"),
      node: fc.constantFrom("n1", "n2"),
      replicas: fc.integer({ min: 1, max: 3 }),
      image: fc.constantFrom("x", "y"),
    }),
    { selector: ({ app, node }) => `${app}@${node}`, maxLength: 6 },
  );
  fc.assert(
    fc.property(state, state, fc.func(fc.integer()), (from, to, shuffle) => {
      const services = (list: typeof from) =>
        list.map(({ app, node, replicas, image }) => desired(app, node, replicas, { user: image }));
      const wanted = services(to);
      const now = new Map(services(from).map((one) => [one.key, current(one)]));
      const changes = planChanges(wanted, [...now.values()]);
      for (const change of changes) {
        if (change.kind === "remove") assert.ok(now.delete(change.from.key));
        else now.set(change.to.key, current(change.to));
      }
      assert.deepEqual([...now.keys()].sort(), wanted.map(({ key }) => key).sort());
      assert.ok(kinds(wanted, [...now.values()]).every((kind) => kind === "keep"));
      // The order of the input says nothing.
      const mixed = [...wanted].sort((a, b) => shuffle(a.key) - shuffle(b.key));
      assert.deepEqual(
        planChanges(mixed, [...now.values()].reverse()).map(({ kind }) => kind),
        kinds(wanted, [...now.values()]),
      );
    }),
    { numRuns: 300 },
  );
});

Deno.test("currentService ignores what lacks our labels", () => {
  const Spec = { Name: "x", Labels: { a: "b" }, TaskTemplate: {}, Mode: {} };
  assert.equal(currentService({ ID: "a", Version: { Index: 1 }, Spec, Endpoint: {} }), null);
});
