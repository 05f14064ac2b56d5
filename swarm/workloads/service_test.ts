import assert from "node:assert/strict";
import { Service } from "./service.ts";
import type { Workload } from "./workload.ts";

/** A workload whose steps are given. */
function workload(steps: Partial<Workload>): Workload {
  return {
    prepare: () => Promise.resolve(),
    work: () => Promise.resolve({ done: 1 }),
    metrics: () => [],
    close: () => Promise.resolve(),
    ...steps,
  };
}

async function ask(service: Service, path: string, method = "GET") {
  const response = await service.answer(new Request(`http://localhost${path}`, { method }));
  return { status: response.status, text: await response.text() };
}

Deno.test("a service that is not prepared says why, and tries again until it is", async () => {
  let tries = 0;
  const service = new Service(
    "app",
    workload({
      prepare: () => ++tries < 3 ? Promise.reject(new Error("no data")) : Promise.resolve(),
    }),
  );
  const said: string[] = [];
  const before = await ask(service, "/");
  assert.equal(before.status, 503);
  assert.equal((await ask(service, "/health")).status, 503);
  await service.prepare((text) => said.push(text));
  assert.deepEqual(said, ["app: not ready: no data", "app: ready"]);
  assert.equal((await ask(service, "/health")).status, 200);
  const { status, text } = await ask(service, "/");
  assert.equal(status, 200);
  const { milliseconds, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, { workload: "app", work: { done: 1 } });
  assert.ok(milliseconds >= 0);
});

Deno.test("work that fails is HTTP 500 with the reason, and is counted as such", async () => {
  let fail = true;
  const work = () => fail ? Promise.reject(new Error("wrong\nsum")) : Promise.resolve({});
  const service = new Service("app", workload({ work }));
  await service.prepare(() => {});
  const { status, text } = await ask(service, "/");
  assert.equal(status, 500);
  assert.equal(JSON.parse(text).error, "wrong sum");
  fail = false;
  await ask(service, "/");
  const metrics = (await ask(service, "/metrics")).text;
  assert.match(metrics, /^metis_requests_total\{workload="app",outcome="ok"\} 1$/m);
  assert.match(metrics, /^metis_requests_total\{workload="app",outcome="error"\} 1$/m);
  // Times of failures would make a service look fast that does nothing.
  assert.match(metrics, /^metis_request_seconds_count\{workload="app"\} 1$/m);
});

Deno.test("a service whose server has ended is unhealthy until it was started again", async () => {
  let runs = true;
  const service = new Service(
    "app",
    workload({
      prepare: () => Promise.resolve(void (runs = true)),
      check: () => {
        if (!runs) throw new Error("redis-server has ended");
      },
    }),
  );
  await service.prepare(() => {});
  runs = false;
  const { status, text } = await ask(service, "/health");
  assert.equal(status, 503);
  assert.equal(JSON.parse(text).error, "redis-server has ended");
  await service.prepare(() => {});
  assert.equal((await ask(service, "/health")).status, 200);
});

Deno.test("other paths and methods are refused", async () => {
  const service = new Service("app", workload({}));
  await service.prepare(() => {});
  assert.equal((await ask(service, "/favicon.ico")).status, 404);
  assert.equal((await ask(service, "/", "POST")).status, 405);
});

Deno.test("a Host header that makes no address is HTTP 400", async () => {
  const service = new Service("app", workload({}));
  await service.prepare(() => {});
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => service.answer(request),
  );
  const connection = await Deno.connect({ port: server.addr.port });
  const request = "GET /health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  assert.match(await new Response(connection.readable).text(), /^HTTP\/1.1 400 /);
  await server.shutdown();
});
