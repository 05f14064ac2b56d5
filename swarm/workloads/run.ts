import { UsageError } from "../../domain/errors.ts";
import { MetisError } from "../../domain/errors.ts";
import { Service } from "./service.ts";
import { number, readSettings } from "./settings.ts";
import type { Workload } from "./workload.ts";

/** Value of an environment variable. */
export type Env = (name: string) => string | undefined;

/** Settings of every workload. */
export const COMMON_SETTINGS = {
  PORT: number(8080, "port that it listens at", { min: 0 }),
} as const;

const MAKERS: Readonly<Record<string, (env: Env) => Promise<Workload>>> = {
  redis: async (env) => new (await import("./work/redis.ts")).RedisServer(env),
  mms: async (env) => new (await import("./work/mms.ts")).ModelServer(env),
  checksum: async (env) => new (await import("./work/checksum.ts")).Checksum(env),
  "ycsb-a": async (env) => new (await import("./work/ycsb.ts")).Ycsb(0.5, env),
  "ycsb-b": async (env) => new (await import("./work/ycsb.ts")).Ycsb(0.95, env),
  "scene-detect": async (env) => new (await import("./work/scene_detect.ts")).SceneDetect(env),
  isr: async (env) => new (await import("./work/isr.ts")).SuperResolution(env),
};

/** The workload of a name; only its own modules are loaded. @throws {UsageError} if there is none. */
export async function makeWorkload(name: string, env: Env): Promise<Workload> {
  const make = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (make !== undefined) return await make(env);
  throw new UsageError(`There is no workload ${name}: there are ${Object.keys(MAKERS).join(", ")}`);
}

/** Runs a workload, or the file server, until SIGTERM or SIGINT. Being process 1, it must listen to them itself. */
export async function runWorkload(name: string, env: Env): Promise<void> {
  try {
    if (name === "file-server") return await runFileServer(env);
    const workload = await makeWorkload(name, env);
    const service = new Service(name, workload);
    const server = Deno.serve({
      port: readSettings(COMMON_SETTINGS, env).PORT,
      hostname: "0.0.0.0",
      onListen: ({ port }) => console.error(`${name}: listening at port ${port}`),
    }, (request) => service.answer(request));
    const preparing = service.prepare((text) => console.error(text));
    onStop(async () => {
      await server.shutdown();
      await service.close();
      Deno.exit(0);
    });
    await preparing;
    await server.finished;
  } catch (error) {
    if (!(error instanceof MetisError)) throw error;
    console.error(`${name}: ${error.message}`);
    Deno.exit(error.exitCode);
  }
}

async function runFileServer(env: Env): Promise<void> {
  const { startFileServer } = await import("./work/file_server.ts");
  const nginx = await startFileServer(env);
  console.error("file-server: ready");
  onStop(() => nginx.close());
  const { code } = await nginx.status;
  Deno.exit(code);
}

function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      if (stopping) Deno.exit(1);
      stopping = true;
      stop();
    });
  }
}
