import assert from "node:assert/strict";
import { HttpClient } from "./client.ts";
import { targetOf } from "./plan.ts";

const GET = { method: "GET", path: "/", headers: {} };

/** A client of a server on this machine that gives requests up after a second of the time that is told to it. */
function clientOf(port: number, path = "/"): HttpClient {
  return new HttpClient(targetOf(`http://127.0.0.1:${port}${path}`, GET), 1000, () => 0);
}

/** How one request to a server ends. */
async function outcomeOf(port: number, path = "/") {
  const client = clientOf(port, path);
  try {
    return await client.send();
  } finally {
    client.close();
  }
}

Deno.test("a real server's errors are told apart: status, closed connection, no HTTP, none at all", async () => {
  const chunks = () =>
    new ReadableStream({
      start: (c) => {
        for (const part of ["a", "bc"]) c.enqueue(new TextEncoder().encode(part));
        c.close();
      },
    });
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    ({ url }) =>
      url.endsWith("/chunks") ? new Response(chunks()) : new Response("no", { status: 503 }),
  );
  assert.equal((await outcomeOf(server.addr.port)).error, "status 503");
  assert.deepEqual(await outcomeOf(server.addr.port, "/chunks"), { error: null, bytes: 3 });
  await using broken = rawServer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc");
  assert.equal((await outcomeOf(broken.port)).error, "closed");
  await using other = rawServer("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  assert.equal((await outcomeOf(other.port)).error, "not HTTP/1.1");
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  assert.equal((await outcomeOf(port)).error, "connection refused");
});

Deno.test("a request that takes too long is given up, and its connection is not used again", async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  let asked = 0;
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async () => {
      if (++asked > 1) return new Response("ok");
      arrived.resolve();
      await answer.promise;
      return new Response("late");
    },
  );
  const client = clientOf(server.addr.port);
  const sent = client.send();
  await arrived.promise;
  client.expire(999);
  client.expire(1000);
  assert.deepEqual(await sent, { error: "timeout", bytes: 0 });
  answer.resolve();
  assert.deepEqual(await client.send(), { error: null, bytes: 2 });
  client.close();
});

Deno.test("connections that a server closes after each answer are opened again, and no request is lost", async () => {
  // It says that it keeps the connection, and does not: as servers do after their idle time.
  await using server = rawServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const client = clientOf(server.port);
  for (let request = 0; request < 5; request++) {
    assert.deepEqual(await client.send(), { error: null, bytes: 2 });
    // The next request finds a connection that is closed already.
    await server.closed(request + 1);
  }
  assert.equal(client.reconnects, 4);
  client.close();
});

/** A server that answers the first request of each connection by this text, and closes the connection. */
function rawServer(
  text: string,
): { readonly port: number; closed(connections: number): Promise<void> } & AsyncDisposable {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  let closed = 0;
  let told = Promise.withResolvers<void>();
  const accepting = (async () => {
    for await (const connection of listener) {
      void (async () => {
        await connection.read(new Uint8Array(1000));
        await connection.write(new TextEncoder().encode(text));
        connection.close();
        closed++;
        told.resolve();
        told = Promise.withResolvers();
      })().catch(() => {});
    }
  })();
  return {
    port: listener.addr.port,
    async closed(connections) {
      while (closed < connections) await told.promise;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
    },
  };
}
