import assert from "node:assert/strict";
import { Service } from "../service.ts";
import { eventually, freePort, whyMissing } from "../testing/_servers.ts";
import { Redis } from "../wire/redis.ts";
import { readBenchmark, RedisServer } from "./redis.ts";

Deno.test("rates are read from what redis-benchmark --csv prints, whatever columns follow", () => {
  const csv =
    '"test","rps","avg_latency_ms"\n"INCR","11111.11","0.081"\n"LPUSH","5.5"\n"LPOP","0.00"\n';
  // A rate of 0 says that nothing was done.
  assert.deepEqual([...readBenchmark(csv)], [["INCR", 11111.11], ["LPUSH", 5.5]]);
});

const missing = whyMissing("redis-server", "redis-benchmark");
Deno.test({
  name: `neighbours may use the data of a Redis, and may not end, empty or rule it${
    missing ? ` (${missing})` : ""
  }`,
  ignore: missing !== null,
  fn: async () => {
    const port = freePort();
    const settings: Record<string, string> = {
      REDIS_LISTEN_PORT: `${port}`,
      REDIS_REQUESTS: "1000",
    };
    const server = new RedisServer((name) => settings[name]);
    await server.prepare();
    const neighbour = await Redis.connect("127.0.0.1", port);
    assert.equal(await neighbour.call("SET", "block", "x"), "OK");
    assert.equal(await neighbour.call("RPUSH", "list", "a"), 1);
    assert.deepEqual(await neighbour.bytes("RPOPLPUSH", "list", "list"), Uint8Array.of(97));
    for (
      const words of [
        ["SHUTDOWN", "NOSAVE"],
        ["FLUSHALL"],
        ["CONFIG", "SET", "dir", "/"],
        ["DEBUG", "SLEEP", "1"],
        ["REPLICAOF", "127.0.0.1", "1"],
        ["ACL", "SETUSER", "default", "+@all"],
        ["EVAL", "return 1", "0"],
      ]
    ) {
      await assert.rejects(neighbour.call(...words), /NOPERM|not allowed/, words.join(" "));
    }
    // More at once than run side by side: each has its turn.
    const done = await Promise.all(Array.from({ length: 30 }, () => server.work()));
    assert.ok(done.every(({ requests }) => requests === 3000));
    neighbour.close();
    await server.close();
  },
});

Deno.test({
  name: `a Redis that has ended is started again${missing ? ` (${missing})` : ""}`,
  ignore: missing !== null,
  fn: async () => {
    const port = freePort();
    const settings: Record<string, string> = {
      REDIS_LISTEN_PORT: `${port}`,
      REDIS_REQUESTS: "1000",
    };
    const server = new RedisServer((name) => settings[name]);
    const service = new Service("redis", server);
    await service.prepare(() => {});
    const health = async () => {
      const response = await service.answer(new Request("http://localhost/health"));
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await health(), 200);
    await server.close();
    assert.equal(await health(), 503);
    await eventually(async () => assert.equal(await health(), 200));
    assert.equal((await server.work())["requests"], 3000);
    await service.close();
  },
});
