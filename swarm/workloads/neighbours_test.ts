import assert from "node:assert/strict";
import { defaultGateway, Neighbours } from "./neighbours.ts";
import { eventually, freePort, startRedis, whyMissing } from "./testing/_servers.ts";

Deno.test("the node is the default gateway in the kernel's routes", () => {
  const head =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  const local = "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
  // 172.17.0.1, the last byte first.
  const route = "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
  assert.equal(defaultGateway(head + local + route), "172.17.0.1");
  assert.equal(defaultGateway(head + local), null);
  assert.equal(defaultGateway(""), null);
});

const missing = whyMissing("redis-server");
Deno.test({
  name: `a node's Redis is found at any of its ports, missed when gone, and found again${
    missing ? ` (${missing})` : ""
  }`,
  ignore: missing !== null,
  fn: async () => {
    const port = freePort();
    const settings: Record<string, string> = {
      NODE_ADDRESS: "127.0.0.1",
      REDIS_PORT: `${port - 1}`,
      REDIS_PORTS: "2",
    };
    // Each look is long after the one before.
    let now = 0;
    const neighbours = new Neighbours((name) => settings[name], () => now += 60_000);
    assert.equal(await neighbours.redis(), null);
    const found = async () => {
      const redis = await neighbours.redis();
      if (redis === null) throw new Error("not found yet");
      return redis;
    };
    {
      await using _server = startRedis(port);
      const redis = await eventually(found);
      assert.equal(await redis.call("PING"), "PONG");
      assert.equal(await neighbours.redis(), redis);
    }
    await assert.rejects((await neighbours.redis())!.call("PING"));
    await eventually(async () => assert.equal(await neighbours.redis(), null));
    await using _server = startRedis(port);
    assert.equal(await (await eventually(found)).call("PING"), "PONG");
    neighbours.close();
  },
});
