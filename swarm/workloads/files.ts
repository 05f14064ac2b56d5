import { ServiceError } from "./errors.ts";
import { text } from "./settings.ts";

/** Where the file server is. */
export const FILE_SETTINGS = {
  FILE_SERVER: text("", "address of the file server: http://HOST:PORT"),
} as const;

const FETCH_MS = 30_000;

/** A file of the file server. @throws {ServiceError} if it cannot be had. */
export async function fetchFile(server: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (server === "") throw new ServiceError("There is no file server: set FILE_SERVER");
  let response: Response;
  try {
    response = await fetch(new URL(path, server), { signal: AbortSignal.timeout(FETCH_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new ServiceError(`The file server ${server} does not answer`, { cause: error });
  }
  await response.body?.cancel();
  throw new ServiceError(`The file server ${server} has no ${path}: HTTP ${response.status}`);
}
