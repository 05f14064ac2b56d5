import assert from "node:assert/strict";
import { inFull } from "../../tools/_full.ts";
import { PROGRAMS } from "./build/names.ts";
import {
  eventually,
  freePort,
  startMemcached,
  startRedis,
  TestServer,
  whyMissing,
} from "./testing/_servers.ts";

const MAIN = new URL("main.ts", import.meta.url).pathname;
const missing = whyMissing(...PROGRAMS);

/** Starts a workload as a process on this machine. @returns Its address. */
function start(stack: AsyncDisposableStack, name: string, env: Record<string, string>): string {
  const port = freePort();
  const args = ["run", "--no-prompt", "--no-check", "--allow-all", MAIN, name];
  stack.use(new TestServer("deno", args, { ...env, PORT: `${port}` }));
  return `http://127.0.0.1:${port}`;
}

async function ask(address: string, path = "/") {
  const response = await fetch(`${address}${path}`);
  return { status: response.status, text: await response.text() };
}

/** What a request to `/` did. */
async function work(address: string): Promise<Record<string, unknown>> {
  const { status, text } = await ask(address);
  assert.equal(status, 200, text);
  return JSON.parse(text).work;
}

async function ready(address: string): Promise<void> {
  await eventually(async () => {
    const { status, text } = await ask(address, "/health");
    if (status !== 200) throw new Error(text);
  });
}

Deno.test(inFull({
  name: `every workload answers as a process, and fails loudly without what it depends on${
    missing ? ` (${missing})` : ""
  }`,
  ignore: missing !== null,
  fn: async (t) => {
    await using stack = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    const memcachedPort = freePort();
    const redisPort = freePort();
    const files = start(stack, "file-server", { FILES_FOLDER: folder, FILES_IMAGES: "2" });
    const common = {
      NODE_ADDRESS: "127.0.0.1",
      MEMCACHED_PORT: `${memcachedPort}`,
      REDIS_PORT: `${redisPort}`,
      REDIS_PORTS: "1",
      FILE_SERVER: files,
    };
    const settings: Record<string, Record<string, string>> = {
      redis: { REDIS_LISTEN_PORT: `${freePort()}`, REDIS_REQUESTS: "500" },
      mms: { MMS_SIDE: "64", MMS_WIDTH: "0.25", MMS_IMAGES: "2" },
      checksum: { CHECKSUM_BLOCKS: "3", CHECKSUM_BLOCK_KIB: "100" },
      "ycsb-a": { YCSB_RECORDS: "100", YCSB_OPERATIONS: "200" },
      "ycsb-b": { YCSB_RECORDS: "100", YCSB_OPERATIONS: "200" },
      "scene-detect": {},
      isr: { ISR_CROP: "8", ISR_BLOCKS: "2", ISR_GROWTH: "8" },
    };
    const addresses = Object.fromEntries(
      Object.entries(settings).map((
        [name, own],
      ) => [name, start(stack, name, { ...common, ...own })]),
    );
    let memcached: TestServer;

    await t.step("without a memcached they say so, and wait for it", async () => {
      const text = await eventually(async () => {
        const { status, text } = await ask(addresses["ycsb-a"]!, "/health");
        assert.equal(status, 503);
        assert.match(text, /No memcached at 127\.0\.0\.1/);
        return text;
      });
      assert.equal(JSON.parse(text).workload, "ycsb-a");
      memcached = startMemcached(memcachedPort, "-I", "4m");
      stack.defer(() => memcached[Symbol.asyncDispose]());
    });

    for (const [name, address] of Object.entries(addresses)) {
      await t.step(`${name} is ready, works and counts`, async () => {
        await ready(address);
        await work(address);
        const { status, text } = await ask(address, "/metrics");
        assert.equal(status, 200);
        const counted = new RegExp(
          `^metis_requests_total\\{workload="${name}",outcome="ok"\\} 1$`,
          "m",
        );
        assert.match(text, counted);
        assert.match(
          text,
          new RegExp(`^metis_request_seconds_count\\{workload="${name}"\\} 1$`, "m"),
        );
      });
    }

    await t.step("each does the work that its settings ask for", async () => {
      assert.equal((await work(addresses.redis!)).requests, 3 * 500);
      const checksum = await work(addresses.checksum!);
      assert.equal(checksum.bytes, 3 * 100 * 1024);
      assert.equal(checksum.source, "memcached");
      const [a, b] = [await work(addresses["ycsb-a"]!), await work(addresses["ycsb-b"]!)];
      assert.equal(a.operations, 200);
      // 5 standard deviations of 200 draws: sqrt(200 x 0.5 x 0.5) = 7, sqrt(200 x 0.95 x 0.05) = 3.1.
      assert.ok(Math.abs(a.reads as number - 100) <= 35, `${a.reads} reads`);
      assert.ok(Math.abs(b.reads as number - 190) <= 15, `${b.reads} reads`);
      const scenes = await work(addresses["scene-detect"]!);
      assert.deepEqual([scenes.cuts, scenes.source], [3, "memcached"]);
      const isr = await work(addresses.isr!);
      assert.deepEqual([isr.side, isr.enlarged], [8, 16]);
      assert.equal((await work(addresses.mms!)).source, "file-server");
      assert.equal((await ask(files, "/health")).status, 200);
    });

    await t.step("beside a Redis, data comes from there, and the same is made of it", async () => {
      const before = await work(addresses.checksum!);
      stack.use(startRedis(redisPort));
      const beside = async (name: string) =>
        await eventually(async () => {
          const done = await work(addresses[name]!);
          assert.equal(done.source, "redis");
          return done;
        });
      assert.equal((await beside("checksum")).sha512, before.sha512);
      await beside("mms");
    });

    await t.step("without its memcached a request is HTTP 500 with the reason", async () => {
      await memcached[Symbol.asyncDispose]();
      for (const name of ["ycsb-a", "ycsb-b", "scene-detect"]) {
        await ask(addresses[name]!);
        const { status, text } = await ask(addresses[name]!);
        assert.equal(status, 500);
        assert.match(JSON.parse(text).error, /memcached at 127\.0\.0\.1/);
      }
      assert.match((await ask(addresses["ycsb-a"]!, "/metrics")).text, /outcome="error"\} 2$/m);
    });

    await t.step("a new memcached is filled again by those who miss their data", async () => {
      memcached = startMemcached(memcachedPort, "-I", "4m");
      const done = await eventually(() => work(addresses["ycsb-b"]!));
      assert.ok(done.loaded as number > 0);
      assert.equal((await work(addresses["scene-detect"]!)).source, "file-server");
      assert.equal((await work(addresses["scene-detect"]!)).source, "memcached");
    });
  },
}));

Deno.test("an unknown workload and a wrong setting end the process with one line", async () => {
  for (
    const [name, env, wanted] of [
      ["rediss", {}, /^rediss: There is no workload rediss: there are redis, mms/],
      [
        "isr",
        { ISR_CROP: "big" },
        /^isr: ISR_CROP must be a whole number of at least 1: got "big"$/,
      ],
    ] as const
  ) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-check", "--allow-all", MAIN, name],
      env,
    }).output();
    assert.equal(code, 2);
    assert.match(new TextDecoder().decode(stderr).trim(), wanted);
  }
});
