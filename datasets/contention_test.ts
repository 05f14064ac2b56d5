import { strict as assert } from "node:assert";
import fc from "fast-check";
import { InputError, ShapeError, UsageError } from "../domain/mod.ts";
import { contentionModel, PAPER_WORKLOADS, randomApps, type SyntheticApp } from "./mod.ts";

const NONE = { cpu: 0, cache: 0, bandwidth: 0, network: 0 };
const plain = (name: string, load: number, time: number): SyntheticApp => ({
  name,
  load: { ...NONE, cpu: load },
  time: { ...NONE, cpu: time },
  dependency: null,
});

Deno.test("contentionModel() follows its formula on one resource", () => {
  const model = contentionModel([plain("a", 0.75, 0.5), plain("b", 1, 1)]);
  // Alone: a 1 + 0.5 (sqrt(1 + 0.75^2) - 1) = 1.125; b sqrt(2). Together the load is 1.75.
  const stretch = Math.sqrt(1 + 1.75 ** 2);
  const [a, b] = model.predict(Uint8Array.of(1, 1), 1);
  assert.ok(Math.abs(a! - 1.125 / (1 + 0.5 * (stretch - 1))) < 1e-12);
  assert.ok(Math.abs(b! - Math.SQRT2 / stretch) < 1e-12);
});

Deno.test("contentionModel() makes an app faster beside the one that it depends on, as far as that serves", () => {
  const server = plain("server", 0, 0);
  const client = { ...plain("client", 0, 0), dependency: { app: "server", speedup: 3, served: 2 } };
  const model = contentionModel([server, client]);
  const client_ = (servers: number, clients: number) =>
    model.predict(Uint8Array.of(servers, clients), 1)[1];
  assert.equal(client_(0, 4), 1);
  assert.equal(client_(1, 4), 1.5); // half of the requests: 3 / (1 + 2 x 0.5)
  assert.equal(client_(2, 4), 3);
  assert.equal(client_(3, 4), 3);
});

Deno.test("contentionModel() has the default apps behave as documented", () => {
  const model = contentionModel();
  assert.deepEqual(model.apps, PAPER_WORKLOADS.map(({ name }) => name));
  model.apps.forEach((_, app) => {
    const alone = new Uint8Array(7);
    alone[app] = 1;
    assert.equal(model.predict(alone, 1)[app], 1);
  });
  const [, mms] = model.predict(Uint8Array.of(1, 1, 0, 0, 0, 0, 0), 1);
  assert.ok(mms! > 2.4 && mms! < 2.6, `${mms}`);
});

Deno.test("contentionModel() gives finite values, 0 exactly where absent, at most the speedup", () => {
  const apps = randomApps(20, 3);
  const model = contentionModel(apps);
  const counts = fc.array(fc.nat({ max: 12 }), { minLength: 40, maxLength: 40 });
  fc.assert(fc.property(counts, (held) => {
    const rps = model.predict(Uint8Array.from(held), 2);
    assert.equal(rps.length, 40);
    rps.forEach((value, at) => {
      assert.equal(value === 0, held[at] === 0);
      assert.ok(value >= 0 && value <= (apps[at % 20]!.dependency?.speedup ?? 1) + 1e-12);
    });
  }));
});

Deno.test("contentionModel() refuses apps and counts that make no sense", () => {
  assert.throws(() => contentionModel([]), InputError);
  assert.throws(() => contentionModel([plain("a", 0, 0), plain("a", 0, 0)]), /different names/);
  assert.throws(() => contentionModel([plain("a", -1, 0)]), /App a: load on cpu must be 0 or more/);
  assert.throws(() => contentionModel([plain("a", 0, NaN)]), /App a: time on cpu/);
  assert.throws(() => contentionModel([plain("a", 0, 1.5)]), /add up to 1.5, above 1/);
  const dependency = { app: "b", speedup: 1, served: 1 };
  assert.throws(() => contentionModel([{ ...plain("a", 0, 0), dependency }]), /speedup above 1/);
  assert.throws(() => contentionModel().predict(new Uint8Array(8), 1), ShapeError);
});

Deno.test("randomApps() gives sound apps, the same for the same seed", () => {
  assert.deepEqual(randomApps(20, 1), randomApps(20, 1));
  assert.notDeepEqual(randomApps(20, 1), randomApps(20, 2));
  for (let seed = 0; seed < 50; seed++) contentionModel(randomApps(1 + seed, seed));
  assert.equal(randomApps(20, 1).filter(({ dependency }) => dependency !== null).length, 5);
  assert.throws(() => randomApps(0, 1), UsageError);
  assert.throws(() => randomApps(256, 1), UsageError);
});
