import { InputError } from "../../domain/mod.ts";
import { type Gauges, watchHandler } from "./gauges.ts";

/** Serves the figures of a watch until it is stopped. @param port 0 takes any free one. @throws {InputError} if it cannot be had. */
export function serveWatch(
  gauges: Gauges,
  hostname: string,
  port: number,
): { readonly url: string; stop(): Promise<void> } {
  try {
    const server = Deno.serve(
      { hostname, port, onListen: () => {} },
      watchHandler(gauges),
    );
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    return { url: `http://${host}:${server.addr.port}`, stop: () => server.shutdown() };
  } catch (error) {
    throw new InputError(
      `Cannot listen on ${hostname}:${port}: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}
