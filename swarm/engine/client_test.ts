import assert from "node:assert/strict";
import fc from "fast-check";
import * as v from "valibot";
import { EngineError, EngineUnreachableError } from "../errors.ts";
import { callName, compareVersions, EngineClient, isTransient } from "./client.ts";
import { type Engine, openEngine } from "./engine.ts";
import type { Transport } from "./transport.ts";

/** A transport whose every answer but that to the ping is given. */
function transport(answer: (path: string, init: RequestInit) => Response | Promise<Response>) {
  const sent: string[] = [];
  const way: Transport & { sent: string[]; version: string | null } = {
    name: "unix:///fake.sock",
    sent,
    version: "1.41",
    send: async (path, init) => {
      sent.push(`${init.method ?? "GET"} ${path}`);
      if (path !== "/_ping") return await answer(path, init);
      const headers = way.version === null ? {} : { "Api-Version": way.version };
      return new Response("OK", { headers });
    },
    close: () => {},
  };
  return way;
}

const call = { method: "GET", path: "/info" } as const;

Deno.test("version is the newest that both sides know, and is asked for once", async () => {
  for (const [offered, spoken] of [["1.40", "1.40"], ["1.44", "1.44"], ["1.99", "1.51"]] as const) {
    const way = transport(() => Response.json({}));
    way.version = offered;
    const client = new EngineClient(way);
    assert.equal(await client.version(), spoken);
    await client.json(call, v.object({}));
    assert.deepEqual(way.sent, ["GET /_ping", `GET /v${spoken}/info`]);
  }
});

Deno.test("version refuses engines that are too old, and what is no engine", async () => {
  for (
    const [offered, complaint] of [
      ["1.39", /speaks API 1.39, at least 1.40 is needed: update it/],
      [null, /is not a Docker engine/],
      ["1.41; evil", /is not a Docker engine/],
    ] as const
  ) {
    const way = transport(() => Response.json({}));
    way.version = offered;
    const client = new EngineClient(way);
    await assert.rejects(client.version(), complaint);
    // It may have been starting: the next try asks again.
    way.version = "1.41";
    assert.equal(await client.version(), "1.41");
  }
});

Deno.test("compareVersions compares by number, not by letter", () => {
  assert.ok(compareVersions("1.9", "1.41") < 0);
  assert.ok(compareVersions("2.0", "1.41") > 0);
  assert.equal(compareVersions("1.41", "1.41"), 0);
});

Deno.test("json refuses answers that are no JSON, of another form, or too large", async () => {
  const schema = v.object({ ID: v.string() });
  const answers: [BodyInit, RegExp][] = [
    ["<html>", /the answer to GET \/info is not JSON/],
    ["", /is not JSON/],
    ['{"ID":5}', /has an unknown form at ID/],
    ["null", /has an unknown form/],
  ];
  for (const [body, complaint] of answers) {
    const client = new EngineClient(transport(() => new Response(body)));
    await assert.rejects(client.json(call, schema), complaint);
  }
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(32)),
  });
  const client = new EngineClient(transport(() => new Response(endless)));
  await assert.rejects(client.json(call, schema), /larger than 64 MiB/);
});

Deno.test("a refusal gives the engine's own words in one line of bounded length", async () => {
  for (
    const [body, reason] of [
      ['{"message":"no such\\nthing\\u001b[2J"}', /\(404\): no such thing \[2J$/],
      ["<html>".repeat(1000), /\(404\): <html>.{1,200}$/],
      ["", /no reason given/],
    ] as const
  ) {
    const client = new EngineClient(transport(() => new Response(body, { status: 404 })));
    const error = await client.done({ method: "DELETE", path: "/services/abc" }).catch((e) => e);
    assert.ok(error instanceof EngineError);
    assert.equal(error.status, 404);
    assert.equal(error.call, "DELETE /services/{id}");
    assert.match(error.message, reason);
    assert.ok(error.message.length < 1000);
  }
});

Deno.test("an engine that hangs is given up, and an abort is passed on as it is", async () => {
  const hang = (_: string, init: RequestInit) =>
    new Promise<Response>((_, reject) =>
      init.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")))
    );
  const client = new EngineClient(transport(hang));
  await assert.rejects(client.done({ ...call, timeoutMs: 20 }), /gave no answer in 0.02 s/);
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 5);
  await assert.rejects(client.done({ ...call, signal: stop.signal }), { name: "AbortError" });
});

Deno.test("an answer that breaks off is never taken for a whole one", async () => {
  const broken = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"ID":"a"'));
        },
        pull: (controller) => controller.error(new Error("cut")),
      }),
    );
  const client = new EngineClient(transport(broken));
  await assert.rejects(client.json(call, v.object({})), (error) => {
    assert.ok(error instanceof EngineUnreachableError);
    assert.match(error.message, /broke off/);
    return isTransient(error);
  });
});

Deno.test("isTransient tells what a retry may fix", () => {
  const error = (status: number, reason: string) => new EngineError(status, "GET /tasks", reason);
  assert.ok(isTransient(new EngineUnreachableError("gone")));
  assert.ok(isTransient(error(503, "The swarm does not have a leader")));
  assert.ok(isTransient(error(503, "This node is not a swarm manager")));
  assert.ok(isTransient(error(500, "rpc error: code = DeadlineExceeded")));
  assert.ok(isTransient(error(500, "node lost leader status")));
  assert.ok(!isTransient(error(500, "update out of sequence")));
  assert.ok(!isTransient(error(400, "connection refused")));
  assert.ok(!isTransient(error(409, "name conflicts with an existing object")));
  assert.ok(!isTransient(new Error("leader")));
});

Deno.test("callName leaves ids and names out", () => {
  assert.equal(callName({ method: "POST", path: "/services/create" }), "POST /services/create");
  assert.equal(
    callName({ method: "POST", path: "/services/x/update" }),
    "POST /services/{id}/update",
  );
  assert.equal(callName({ method: "GET", path: "/images/a%2Fb/get" }), "GET /images/{name}/get");
  assert.equal(callName({ method: "GET", path: "/nodes" }), "GET /nodes");
});

Deno.test("no JSON that an engine answers breaks a call in another way than by our error", async () => {
  const calls: ((engine: Engine) => Promise<unknown>)[] = [
    (engine) => engine.info(),
    (engine) => engine.nodes(),
    (engine) => engine.services(),
    (engine) => engine.tasks({ a: "b" }),
    (engine) => engine.secrets(),
    (engine) => engine.configs("x"),
    (engine) => engine.joinTokens(),
    (engine) => engine.createService({ Name: "a", Labels: {}, TaskTemplate: {} }),
  ];
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.nat(calls.length - 1), async (json, which) => {
      const engine = openEngine(transport(() => Response.json(json)));
      try {
        await calls[which]!(engine);
      } catch (error) {
        assert.ok(error instanceof EngineUnreachableError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
