import assert from "node:assert/strict";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { demoHandler, isLoopbackHost } from "./handler.ts";

const files = new Map([
  ["index.html", "<!doctype html>"],
  ["assets-0a1b2c3d/core.wasm", "\0asm"],
  ["assets/metis/policy.json", "{}"],
]);
const asked: string[] = [];
const handle = demoHandler(
  (path) => {
    asked.push(path);
    const text = files.get(path);
    return Promise.resolve(text === undefined ? null : new TextEncoder().encode(text));
  },
  (host) => isLoopbackHost(host, 8080),
);

function ask(path: string, options: RequestInit & { host?: string } = {}): Promise<Response> {
  const { host = "localhost:8080", headers = {}, ...rest } = options;
  const sent = { ...headers as Record<string, string>, host };
  return handle(new Request(`http://localhost:8080${path}`, { ...rest, headers: sent }));
}

for (
  const [path, type] of [
    ["/", "text/html; charset=utf-8"],
    ["/index.html?x=1", "text/html; charset=utf-8"],
    ["/assets-0a1b2c3d/core.wasm", "application/wasm"],
    ["/assets/metis/policy.json", "application/json"],
  ] as const
) {
  Deno.test(`demoHandler serves ${path} as ${type} under a strict policy`, async () => {
    const response = await ask(path);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), type);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.match(response.headers.get("content-security-policy")!, /default-src 'none'/);
    assert.ok((await response.arrayBuffer()).byteLength > 0);
  });
}

for (
  const path of [
    "/nothing.js",
    "/assets/%2e%2e/%2e%2e/deno.json",
    "/assets/..%2fdeno.json",
    "/..%5cdeno.json",
    "/.env",
    "/%00.html",
    "/%E0%A4%A",
    "//etc/passwd",
  ]
) {
  Deno.test(`demoHandler never leaves the demo for ${path}`, async () => {
    asked.length = 0;
    const response = await ask(path);
    assert.equal(response.status, 404);
    assert.deepEqual(asked.filter((each) => each.includes("..") || each.startsWith("/")), []);
  });
}

Deno.test("demoHandler refuses hosts that are not this machine: names can be made to point here", async () => {
  for (const host of ["evil.example", "evil.example:8080", "localhost:8081", "localhost", ""]) {
    assert.equal((await ask("/", { host })).status, 403, host);
  }
  assert.equal((await ask("/", { host: "a b" })).status, 400);
  for (const host of ["127.0.0.1:8080", "[::1]:8080"]) {
    assert.equal((await ask("/", { host })).status, 200, host);
  }
});

Deno.test("demoHandler answers HEAD without a body, and refuses to be written to", async () => {
  const head = await ask("/", { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "15");
  assert.equal(await head.text(), "");
  assert.equal((await ask("/", { method: "POST" })).status, 405);
});

for (
  const [accepted, encoding] of [["gzip, deflate, br", "br"], ["gzip", "gzip"], ["", null]] as const
) {
  Deno.test(`demoHandler sends ${encoding ?? "bytes as they are"} to who accepts "${accepted}"`, async () => {
    const response = await ask("/", { headers: { "accept-encoding": accepted } });
    assert.equal(response.headers.get("content-encoding"), encoding);
    assert.equal(response.headers.get("vary"), "accept-encoding");
    const bytes = new Uint8Array(await response.arrayBuffer());
    assert.equal(Number(response.headers.get("content-length")), bytes.length);
    const unpack = encoding === "br"
      ? brotliDecompressSync
      : encoding === "gzip"
      ? gunzipSync
      : null;
    assert.equal(
      new TextDecoder().decode(unpack === null ? bytes : unpack(bytes)),
      files.get("index.html"),
    );
  });
}

Deno.test("demoHandler sends nothing to who has the file already", async () => {
  const etag = (await ask("/")).headers.get("etag")!;
  const again = await ask("/", { headers: { "if-none-match": etag } });
  assert.deepEqual([again.status, await again.text()], [304, ""]);
  const other = await ask("/assets-0a1b2c3d/core.wasm", { headers: { "if-none-match": etag } });
  assert.equal(other.status, 200);
});

Deno.test("demoHandler lets browsers keep what is named after its content, and ask for all else", async () => {
  for (
    const [path, control] of [
      ["/", "no-cache"],
      ["/assets/metis/policy.json", "no-cache"],
      ["/assets-0a1b2c3d/core.wasm", "max-age=31536000, immutable"],
    ]
  ) assert.equal((await ask(path!)).headers.get("cache-control"), control, path);
});
