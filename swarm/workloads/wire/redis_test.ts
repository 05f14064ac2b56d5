import assert from "node:assert/strict";
import { ServiceError } from "../errors.ts";
import { eventually, freePort, startRedis, whyMissing } from "../testing/_servers.ts";
import { encodeCommand, Redis } from "./redis.ts";

Deno.test("a command of Redis is an array of byte strings with their lengths in bytes", () => {
  const text = new TextDecoder().decode(encodeCommand(["SET", "ä", 12]));
  // "ä" has two bytes in UTF-8.
  assert.equal(text, "*3\r\n$3\r\nSET\r\n$2\r\nä\r\n$2\r\n12\r\n");
});

const missing = whyMissing("redis-server");
Deno.test({
  name: `a client of Redis reads all kinds of replies${missing ? ` (${missing})` : ""}`,
  ignore: missing !== null,
  fn: async () => {
    const port = freePort();
    await using _server = startRedis(port);
    const redis = await eventually(() => Redis.connect("127.0.0.1", port));
    assert.equal(await redis.call("INCR", "count"), 1);
    assert.equal(await redis.call("GET", "nothing"), null);
    // Longer than the client's own buffer, with line ends and every byte in it.
    const long = Uint8Array.from({ length: 300_000 }, (_, at) => at % 256);
    assert.equal(await redis.call("SET", "long", long), "OK");
    assert.deepEqual(await redis.bytes("GET", "long"), long);
    await redis.call("RPUSH", "list", "a", "", "c");
    const list = await redis.call("LRANGE", "list", 0, -1) as Uint8Array[];
    assert.deepEqual(list.map((item) => new TextDecoder().decode(item)), ["a", "", "c"]);
    await assert.rejects(redis.call("INCR", "long"), (error) => {
      assert.ok(error instanceof ServiceError);
      assert.match(error.message, /not an integer/);
      return true;
    });
    // Sent at once, answered in order; the refusal before has not broken the connection.
    const numbers = await Promise.all([1, 2, 3].map(() => redis.call("INCR", "count")));
    assert.deepEqual(numbers, [2, 3, 4]);
    redis.close();
    await assert.rejects(redis.call("PING"), /is gone/);
  },
});

Deno.test("what is no Redis is refused by name, and a missing one too", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("hello"),
  );
  const { port } = server.addr;
  await assert.rejects(
    Redis.connect("127.0.0.1", port),
    /Redis at 127\.0\.0\.1:\d+ speaks another protocol/,
  );
  await server.shutdown();
  await assert.rejects(Redis.connect("127.0.0.1", port), /No Redis at 127\.0\.0\.1:\d+/);
});

/** A server that answers every command with the same bytes; nothing if there are none. */
function answering(answer: string): { port: number; close(): void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      (async () => {
        while (await connection.read(new Uint8Array(1024)) !== null) {
          await connection.write(new TextEncoder().encode(answer));
        }
      })().catch(() => {});
    }
  })().catch(() => {});
  return {
    port: listener.addr.port,
    close() {
      for (const connection of connections) connection.close();
      listener.close();
    },
  };
}

Deno.test("a port that accepts and stays silent is no Redis once the given time is over", async () => {
  const server = answering("");
  await assert.rejects(Redis.connect("127.0.0.1", server.port, 50), /Redis at .* broke off/);
  server.close();
});

for (
  const [what, answer] of [
    ["a list", "*536870912\r\n"],
    ["bytes", "$536870912\r\n"],
    ["lists within lists", "*1\r\n".repeat(100)],
    ["many lists", `*60000\r\n*60000\r\n`],
  ] as const
) {
  Deno.test(`a reply of too much is refused before it takes memory: ${what}`, async () => {
    const server = answering(answer);
    await assert.rejects(Redis.connect("127.0.0.1", server.port), /too many|nested too deeply/);
    server.close();
  });
}
