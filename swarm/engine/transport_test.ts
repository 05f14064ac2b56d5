import assert from "node:assert/strict";
import { EngineUnreachableError } from "../errors.ts";
import { FakeSwarm, serveSwarm } from "../testing/_fake_engine.ts";
import { connectEngine, requireManager } from "./connect.ts";
import { openEngine } from "./engine.ts";
import { openSshRelay } from "./ssh.ts";
import { openTransport } from "./transport.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const connect = (env: Record<string, string>) => connectEngine({}, (name) => env[name]);

Deno.test("connectEngine says what to do where no engine listens", async () => {
  await inFolder(async (folder) => {
    const env = { DOCKER_HOST: `unix://${folder}/none.sock` };
    await assert.rejects(connect(env), (error: Error) => {
      assert.ok(error instanceof EngineUnreachableError);
      assert.match(error.message, /none.sock: no Docker engine listens there: start it, or set/);
      return true;
    });
    // A file that is no socket, and a socket that nobody listens on any more.
    await Deno.writeTextFile(`${folder}/file`, "");
    await assert.rejects(connect({ DOCKER_HOST: `unix://${folder}/file` }), EngineUnreachableError);
    Deno.listen({ transport: "unix", path: `${folder}/left.sock` }).close();
    await assert.rejects(
      connect({ DOCKER_HOST: `unix://${folder}/left.sock` }),
      /left.sock: no(thing| Docker engine)/,
    );
  });
});

Deno.test("connectEngine tells an HTTP server from an engine", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/other.sock`;
    const server = Deno.serve(
      { path, transport: "unix", onListen: () => {} },
      () => new Response("hello", { status: 404 }),
    );
    await assert.rejects(connect({ DOCKER_HOST: `unix://${path}` }), /is not a Docker engine/);
    await server.shutdown();
  });
});

/** What a process of its own says of the engine that this environment names. */
async function connectElsewhere(env: Record<string, string>): Promise<string> {
  const script = new URL("../testing/_connect.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", script],
    env: { NO_COLOR: "1", ...env },
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

for (const noProxy of ["*", "docker,localhost"]) {
  Deno.test(`a socket is a socket, whatever NO_PROXY says (${noProxy})`, async () => {
    const server = await serveSwarm(new FakeSwarm());
    try {
      const said = await connectElsewhere({
        DOCKER_HOST: `unix://${server.path}`,
        NO_PROXY: noProxy,
        no_proxy: noProxy,
      });
      assert.match(said, /^1\.\d+$/);
    } finally {
      await server.close();
    }
  });
}

Deno.test("an engine that redirects is refused, and nothing is sent to where it points", async () => {
  let sent = 0;
  const elsewhere = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    sent++;
    return new Response("OK", { headers: { "Api-Version": "1.41" } });
  });
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    ({ url }) =>
      Response.redirect(`http://127.0.0.1:${elsewhere.addr.port}${new URL(url).pathname}`, 307),
  );
  const host = `tcp://127.0.0.1:${server.addr.port}`;
  await assert.rejects(
    connectEngine({ host, insecure: true }, () => undefined),
    /answers with a redirect, which no Docker engine does/,
  );
  assert.equal(sent, 0);
  await Promise.all([server.shutdown(), elsewhere.shutdown()]);
});

Deno.test("requireManager says which command helps", async () => {
  const swarm = new FakeSwarm();
  const server = await serveSwarm(swarm);
  try {
    const engine = await connect({ DOCKER_HOST: `unix://${server.path}` });
    await requireManager(engine);
    swarm.info = { LocalNodeState: "inactive", ControlAvailable: false };
    await assert.rejects(
      requireManager(engine),
      /in no Swarm \(inactive\): run `docker swarm init`/,
    );
    swarm.info = { LocalNodeState: "active", ControlAvailable: false };
    await assert.rejects(requireManager(engine), /is a worker of its Swarm: set --host/);
    engine.close();
  } finally {
    await server.close();
  }
});

Deno.test("ssh carries the API by the system's program, and its complaint is shown", async () => {
  const server = await serveSwarm(new FakeSwarm());
  await inFolder(async (folder) => {
    const program = `${folder}/ssh`;
    const helper = new URL("../testing/_dial_stdio.ts", import.meta.url).pathname;
    const play = async (socket: string) => {
      const script =
        `#!/bin/sh\nexec ${Deno.execPath()} run --quiet --allow-all --no-lock ${helper} ` +
        `${socket} ${folder}/args "$@"\n`;
      await Deno.writeTextFile(program, script, { mode: 0o755 });
    };
    await play(server.path);
    const endpoint = { kind: "ssh", target: "ada@host", port: "2222" } as const;
    const relay = openSshRelay(endpoint, program);
    const engine = openEngine(openTransport({ kind: "unix", path: relay.path }));
    try {
      assert.equal((await engine.nodes()).length, 3);
      assert.deepEqual(JSON.parse(await Deno.readTextFile(`${folder}/args`)), [
        ...["-o", "BatchMode=yes", "-o", "ConnectTimeout=30", "-T", "-p", "2222"],
        ...["--", "ada@host", "docker", "system", "dial-stdio"],
      ]);
    } finally {
      engine.close();
      relay.close();
    }
    await assert.rejects(Deno.stat(relay.path), Deno.errors.NotFound);

    // Brackets of an address are the URL's, not ssh's.
    const bracketed = openSshRelay(
      { kind: "ssh", target: "ada@[::1]", port: null },
      program,
    );
    const far = openEngine(openTransport({ kind: "unix", path: bracketed.path }));
    assert.equal((await far.nodes()).length, 3);
    assert.equal(JSON.parse(await Deno.readTextFile(`${folder}/args`))[6], "ada@::1");
    far.close();
    bracketed.close();

    await play("refuse");
    const refused = openTransport(endpoint, program);
    await assert.rejects(
      openEngine(refused).version(),
      /ssh:\/\/ada@host:2222: ssh said: ada@host: Permission denied \(publickey\)\./,
    );
    refused.close();
  });
  await server.close();
});

Deno.test("an answer cut off at any byte is an error, never a shorter answer", async () => {
  const body = JSON.stringify([{ ID: "a", Spec: { Name: "s" } }, { ID: "b", Spec: { Name: "t" } }]);
  const answer = new TextEncoder().encode(
    `HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await inFolder(async (folder) => {
    for (let cut = 0; cut < answer.length; cut += 11) {
      const path = `${folder}/${cut}.sock`;
      const listener = Deno.listen({ transport: "unix", path });
      const serving = (async () => {
        for (const length of [answer.length, cut]) {
          const connection = await listener.accept();
          await connection.read(new Uint8Array(4096));
          await connection.write(answer.subarray(0, length));
          connection.close();
        }
      })();
      const engine = openEngine(openTransport({ kind: "unix", path }));
      await engine.version();
      await assert.rejects(engine.secrets(), EngineUnreachableError, `cut at byte ${cut}`);
      engine.close();
      await serving;
      listener.close();
    }
  });
});

const openssl = (() => {
  try {
    return new Deno.Command("openssl", { args: ["version"] }).outputSync().success;
  } catch {
    return false;
  }
})();

Deno.test({
  name: `TCP with TLS trusts the CA of DOCKER_CERT_PATH and no other${
    openssl ? "" : " (no openssl)"
  }`,
  ignore: !openssl,
  fn: async () => {
    await inFolder(async (folder) => {
      const make = async (name: string) => {
        const { success } = await new Deno.Command("openssl", {
          args: [
            ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
            ...["-nodes", "-days", "2", "-subj", "/CN=localhost"],
            ...[
              "-addext",
              "subjectAltName=DNS:localhost",
              "-addext",
              "basicConstraints=critical,CA:FALSE",
              "-keyout",
              `${folder}/${name}-key.pem`,
            ],
            ...["-out", `${folder}/${name}.pem`],
          ],
          stdout: "null",
          stderr: "null",
        }).output();
        assert.ok(success);
        await Deno.mkdir(`${folder}/${name}`);
        await Deno.copyFile(`${folder}/${name}.pem`, `${folder}/${name}/ca.pem`);
      };
      await make("right");
      await make("wrong");
      const server = Deno.serve({
        hostname: "localhost",
        port: 0,
        cert: await Deno.readTextFile(`${folder}/right.pem`),
        key: await Deno.readTextFile(`${folder}/right-key.pem`),
        onListen: () => {},
      }, () => new Response("OK", { headers: { "Api-Version": "1.41" } }));
      const env = (name: string) => ({
        DOCKER_HOST: `tcp://localhost:${server.addr.port}`,
        DOCKER_TLS_VERIFY: "1",
        DOCKER_CERT_PATH: `${folder}/${name}`,
      });
      const engine = await connect(env("right"));
      assert.equal(await engine.version(), "1.41");
      engine.close();
      await assert.rejects(connect(env("wrong")), /TLS certificates do not fit/);
      // What the system trusts does not count where there is a CA of the engine's own.
      const system = { DENO_TLS_CA_STORE: "system", SSL_CERT_FILE: `${folder}/right.pem` };
      assert.equal(await connectElsewhere({ ...env("right"), ...system }), "1.41");
      assert.match(
        await connectElsewhere({ ...env("wrong"), ...system }),
        /TLS certificates do not fit/,
      );
      await Deno.copyFile(`${folder}/right-key.pem`, `${folder}/key.pem`);
      await assert.rejects(
        connect({ ...env("right"), DOCKER_CERT_PATH: folder }),
        /No ca.pem in .*: without it the engine cannot be verified/,
      );
      await server.shutdown();
    });
  },
});
