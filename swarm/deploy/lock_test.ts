import assert from "node:assert/strict";
import { jumpingClock } from "../testing/_clock.ts";
import { FakeSwarm } from "../testing/_fake_engine.ts";
import { LockedError, takeLock } from "./lock.ts";

function world() {
  const swarm = new FakeSwarm();
  const clock = jumpingClock(() => swarm.inFlight > 0);
  const take = (owner: string, onWait: (owner: string) => void = () => {}, signal?: AbortSignal) =>
    takeLock(swarm.client(), "metis", owner, { clock, deadline: 60_000, signal }, onWait);
  return { swarm, clock, take };
}

Deno.test("a lock is one config, renewed while it is held, gone when it is released", async () => {
  const { swarm, clock, take } = world();
  const lock = await take("ada");
  const version = () => swarm.configs.get("metis-lock-metis")!.Version.Index;
  const first = version();
  await clock.sleep(10_000);
  assert.ok(version() > first);
  lock.check();
  await lock.release();
  assert.equal(swarm.configs.size, 0);
});

Deno.test("a living lock is refused with its owner's name, a dead one is broken", async () => {
  const { swarm, clock, take } = world();
  const lock = await take("ada");
  await assert.rejects(take("bob"), (error) => {
    assert.ok(error instanceof LockedError);
    assert.match(error.message, /^ada is deploying the stack metis: wait/);
    return true;
  });
  await lock.release();
  await swarm.client().createConfig("metis-lock-metis", { "io.metis.lock.owner": "ghost" });
  const waited: string[] = [];
  const began = clock.now();
  const mine = await take("bob", (owner) => waited.push(owner));
  assert.deepEqual(waited, ["ghost"]);
  assert.ok(clock.now() - began >= 12_000);
  await mine.release();
});

Deno.test("who lost the lock is told before the next change", async () => {
  const { swarm, clock, take } = world();
  const lock = await take("ada");
  swarm.configs.clear();
  await swarm.client().createConfig("metis-lock-metis", { "io.metis.lock.owner": "bob" });
  await clock.sleep(7000);
  assert.throws(() => lock.check(), /The lock of the stack was lost/);
  await lock.release();
  assert.equal(swarm.configs.size, 1, "the lock of somebody else was removed");
});

Deno.test("waiting for a lock hears an interruption", async () => {
  const { swarm, take } = world();
  await swarm.client().createConfig("metis-lock-metis", { "io.metis.lock.owner": "ghost" });
  const stop = new AbortController();
  swarm.afterCall = () => stop.abort();
  await assert.rejects(take("bob", () => {}, stop.signal), /Interrupted/);
  assert.equal(swarm.configs.size, 1);
});
