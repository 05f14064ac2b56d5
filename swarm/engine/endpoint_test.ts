import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError, UsageError } from "../../domain/errors.ts";
import { sha256 } from "../names.ts";
import { anyText } from "../testing/_any_text.ts";
import {
  type EndpointOptions,
  endpointText,
  type EndpointWorld,
  findEndpoint,
} from "./endpoint.ts";

const HOME = "/home/ada";

function world(
  env: Record<string, string> = {},
  files: Record<string, string> = {},
): EndpointWorld {
  return {
    env: (name) => ({ HOME, ...env })[name],
    readText: (path) => Promise.resolve(files[path] ?? null),
  };
}

function contextFiles(name: string, meta: unknown, tls: Record<string, string> = {}) {
  const id = sha256(name);
  const folder = `${HOME}/.docker/contexts`;
  return Object.fromEntries([
    [`${folder}/meta/${id}/meta.json`, typeof meta === "string" ? meta : JSON.stringify(meta)],
    ...Object.entries(tls).map(([file, text]) => [`${folder}/tls/${id}/docker/${file}`, text]),
  ]);
}

const text = async (given: EndpointWorld, options: EndpointOptions = {}) =>
  endpointText(await findEndpoint(given, options));

Deno.test("findEndpoint prefers --host, then --context, then the environment, then the current context", async () => {
  const files = {
    ...contextFiles("far", { Endpoints: { docker: { Host: "ssh://far" } } }),
    ...contextFiles("near", { Endpoints: { docker: { Host: "unix:///near.sock" } } }),
    [`${HOME}/.docker/config.json`]: JSON.stringify({ currentContext: "near" }),
  };
  const env = { DOCKER_HOST: "unix:///env.sock", DOCKER_CONTEXT: "far" };
  assert.equal(await text(world(env, files), { host: "ssh://ada@h:22" }), "ssh://ada@h:22");
  assert.equal(await text(world(env, files), { context: "near" }), "unix:///near.sock");
  assert.equal(await text(world(env, files)), "unix:///env.sock");
  assert.equal(await text(world({ DOCKER_CONTEXT: "far" }, files)), "ssh://far");
  assert.equal(await text(world({}, files)), "unix:///near.sock");
  assert.equal(await text(world({}, {})), "unix:///var/run/docker.sock");
  assert.equal(await text(world({}, files), { context: "default" }), "unix:///var/run/docker.sock");
  await assert.rejects(text(world(), { host: "unix:///a", context: "near" }), /not both/);
});

Deno.test("findEndpoint reads the configuration of docker from DOCKER_CONFIG, and takes no other engine where it is broken", async () => {
  const configured = (config: string) =>
    text(world({ DOCKER_CONFIG: "/etc/d" }, { "/etc/d/config.json": config }));
  assert.equal(await configured('{"auths":{}}'), "unix:///var/run/docker.sock");
  for (const config of ["{ broken", "[]x", '{"currentContext":1}', '{"a":1,"a":2}']) {
    await assert.rejects(configured(config), /^InputError: \/etc\/d\/config\.json: /, config);
  }
});

Deno.test("findEndpoint refuses ports that there are not", async () => {
  for (const host of ["tcp://a:0", "tcp://a:65536", "ssh://a:99999"]) {
    await assert.rejects(text(world(), { host, insecure: true }), /from 1 to 65535/, host);
  }
});

Deno.test("findEndpoint takes TCP with TLS, and plain TCP only where it is asked for", async () => {
  const pem = { "/certs/ca.pem": "CA", "/certs/cert.pem": "CERT", "/certs/key.pem": "KEY" };
  const tls = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" };
  assert.deepEqual(await findEndpoint(world({ ...tls, DOCKER_HOST: "tcp://manager:2376" }, pem)), {
    kind: "tcp",
    host: "manager:2376",
    tls: { ca: "CA", cert: "CERT", key: "KEY" },
  });
  assert.equal(await text(world(tls, pem), { host: "tcp://manager" }), "tcp://manager:2376");
  await assert.rejects(text(world(tls), { host: "tcp://manager" }), /No ca.pem.*DOCKER_CERT_PATH/);
  await assert.rejects(text(world(), { host: "tcp://manager:2375" }), /--insecure/);
  const plain = await findEndpoint(world(), { host: "tcp://manager:2375", insecure: true });
  assert.deepEqual(plain, { kind: "tcp", host: "manager:2375", tls: null });
  assert.equal(
    await text(world(), { host: "tcp://[::1]:2375", insecure: true }),
    "tcp://[::1]:2375",
  );
});

Deno.test("findEndpoint takes the certificates of a context, and refuses one that verifies nothing", async () => {
  const meta = (more: object = {}) => ({
    Endpoints: { docker: { Host: "tcp://m:2376", ...more } },
  });
  const secured = contextFiles("tls", meta(), { "ca.pem": "CA" });
  assert.deepEqual(await findEndpoint(world({}, secured), { context: "tls" }), {
    kind: "tcp",
    host: "m:2376",
    tls: { ca: "CA", cert: null, key: null },
  });
  const bare = contextFiles("bare", meta());
  await assert.rejects(text(world({}, bare), { context: "bare" }), /--insecure/);
  const blind = contextFiles("blind", meta({ SkipTLSVerify: true }), { "ca.pem": "CA" });
  await assert.rejects(
    text(world({}, blind), { context: "blind", insecure: true }),
    /skips TLS verification/,
  );
});

Deno.test("findEndpoint names what is wrong with a context", async () => {
  await assert.rejects(text(world(), { context: "gone" }), /No Docker context.*docker context ls/);
  for (const [meta, complaint] of [["{", /not JSON/], [{}, /names no Docker endpoint/]] as const) {
    const files = contextFiles("odd", meta);
    await assert.rejects(text(world({}, files), { context: "odd" }), complaint);
  }
});

Deno.test("findEndpoint refuses addresses by which ssh could be made to do something else", async () => {
  const hostile = [
    "ssh://-oProxyCommand=x",
    "ssh://host -oProxyCommand=x",
    "ssh://-l@host",
    "ssh://user:password@host",
    "ssh://host/path",
    "ssh://host;reboot",
    "ssh://$(reboot)",
    "ssh://",
    "tcp://user@host",
    "tcp://host/path",
    "tcp://",
    "unix://relative",
    "unix:///a b",
    "npipe:////./pipe/docker_engine",
    "http://host",
    "fd://3",
    "host:2375",
    "",
  ];
  for (const host of hostile) {
    await assert.rejects(text(world(), { host, insecure: true }), UsageError, host);
  }
});

Deno.test("findEndpoint gives an endpoint or an error of ours for any text", async () => {
  const address = fc.oneof(
    anyText,
    fc.tuple(fc.constantFrom("unix", "tcp", "ssh"), fc.string()).map(([a, b]) => `${a}://${b}`),
  );
  await fc.assert(
    fc.asyncProperty(address, async (host) => {
      try {
        const found = await findEndpoint(world(), { host, insecure: true });
        // What reaches ssh as an argument is one word, and no option.
        if (found.kind === "ssh") assert.match(found.target, /^[^-\s][^\s]*$/);
      } catch (error) {
        assert.ok(error instanceof UsageError || error instanceof InputError, String(error));
        assert.ok(!error.message.includes("\n"));
      }
    }),
    { numRuns: 200 },
  );
});
