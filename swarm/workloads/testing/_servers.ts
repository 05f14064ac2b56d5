/**
 * Real servers for tests, on ports of this machine that are free.
 * @module
 */
import { findProgram } from "../build/programs.ts";

/** Why these programs cannot be run here, or null if they can: part of a test's name. */
export function whyMissing(...programs: readonly string[]): string | null {
  const missing = programs.filter((name) => findProgram(name) === null);
  return missing.length === 0 ? null : `no ${missing.join(", ")}`;
}

/** A port of 127.0.0.1 that nothing listens at. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    return listener.addr.port;
  } finally {
    listener.close();
  }
}

/** A server that ends with the block that it is made in. */
export class TestServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(program: string, args: readonly string[], env: Record<string, string> = {}) {
    const path = program === "deno" ? Deno.execPath() : findProgram(program)!;
    this.#child = new Deno.Command(path, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
  }
}

/** A memcached that listens at a port. */
export function startMemcached(port: number, ...more: readonly string[]): TestServer {
  return new TestServer("memcached", ["-u", "nobody", "-l", "127.0.0.1", "-p", `${port}`, ...more]);
}

/** A Redis that keeps nothing on disk. */
export function startRedis(port: number): TestServer {
  const args = ["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--appendonly", "no"];
  return new TestServer("redis-server", args);
}

/** The first result of work that does not throw; the last error if there is none within a minute. */
export async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 0;; tried++) {
    try {
      return await work();
    } catch (error) {
      if (tried === 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
