import { InputError } from "../../domain/errors.ts";
import { demoHandler, isLoopbackHost, type ReadDemoFile } from "./handler.ts";

/** Where `deno task demo:build` puts the demo: beside the modules, also inside a compiled program. */
export const BUILT_DEMO = new URL("../../dist/demo/", import.meta.url);

/** The address of a folder that a user names. */
export function folderUrl(path: string): URL {
  return new URL(
    `${path.replaceAll("%", "%25").replaceAll("?", "%3F").replaceAll("#", "%23")}/`,
    `file://${Deno.cwd()}/`,
  );
}

/** A demo that is being served. */
export interface DemoServer {
  readonly url: string;
  /** Settles when it has stopped. */
  readonly finished: Promise<void>;
}

/**
 * Serves a built demo to this machine only.
 * @param folder Ends in a slash. @param port 0 takes any free one.
 * @param signal Stops it.
 * @throws {InputError} if there is no demo in the folder, or the port cannot be had.
 */
export async function serveDemo(
  folder: URL,
  port: number,
  signal: AbortSignal,
): Promise<DemoServer> {
  const read: ReadDemoFile = async (path) => {
    try {
      return await Deno.readFile(new URL(path, folder));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) return null;
      throw new InputError(
        `Cannot read ${path} of the demo: Deno was started without the permission for it: use \`deno task cluster demo\``,
        { cause: error },
      );
    }
  };
  if (await read("index.html") === null) {
    throw new InputError(
      `There is no demo in ${
        decodeURIComponent(folder.pathname)
      }: make it with deno task demo:build`,
    );
  }
  try {
    let own = port;
    const server = Deno.serve(
      { hostname: "127.0.0.1", port, signal, onListen: () => {} },
      demoHandler(read, (host) => isLoopbackHost(host, own)),
    );
    own = server.addr.port;
    return { url: `http://localhost:${own}/`, finished: server.finished };
  } catch (error) {
    if (
      !(error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied)
    ) {
      throw error;
    }
    throw new InputError(`Port ${port} is not available: choose another one (--port)`, {
      cause: error,
    });
  }
}
