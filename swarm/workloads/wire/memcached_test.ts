import assert from "node:assert/strict";
import { eventually, freePort, startMemcached, whyMissing } from "../testing/_servers.ts";
import { Memcached } from "./memcached.ts";

const missing = whyMissing("memcached");
Deno.test({
  name: `a client of memcached gets what was set, and says what it refuses${
    missing ? ` (${missing})` : ""
  }`,
  ignore: missing !== null,
  fn: async () => {
    const port = freePort();
    await using _server = startMemcached(port, "-I", "1m");
    const memcached = await eventually(() => Memcached.connect("127.0.0.1", port));
    assert.equal(await memcached.get("nothing"), null);
    const long = Uint8Array.from({ length: 200_000 }, (_, at) => (at * 7) % 256);
    await memcached.set("long", long);
    await memcached.set("empty", new Uint8Array());
    assert.deepEqual(await memcached.get("long"), long);
    assert.deepEqual(await memcached.get("empty"), new Uint8Array());
    await assert.rejects(memcached.get("two words"), /Not a key of memcached/);
    // What does not fit is an error of the server, not of the connection.
    await assert.rejects(memcached.set("huge", new Uint8Array(2 << 20)), /did not store/);
    memcached.close();
    await assert.rejects(memcached.get("long"), /is gone/);
  },
});
