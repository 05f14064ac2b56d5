import { ServiceError } from "../errors.ts";
import { Wire } from "./wire.ts";

const encoder = new TextEncoder();

/** A client of one memcached server, in its text protocol. */
export class Memcached {
  readonly #wire: Wire;

  private constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** @throws {ServiceError} if no memcached answers there. */
  static async connect(host: string, port: number, timeoutMs?: number): Promise<Memcached> {
    const wire = await Wire.connect(host, port, "memcached", timeoutMs);
    const version = await wire.exchange(encoder.encode("version\r\n"), (wire) => wire.line());
    if (version.startsWith("VERSION ")) return new Memcached(wire);
    wire.close();
    throw new ServiceError(`The server at ${host}:${port} is not memcached`);
  }

  get closed(): boolean {
    return this.#wire.closed;
  }

  /** The value of a key, or null. @throws {ServiceError} with the server's own words where it refuses. */
  async get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const answer = await this.#wire.exchange(
      encoder.encode(`get ${checkKey(key)}\r\n`),
      async (wire) => {
        const line = await wire.line();
        if (line === "END") return null;
        const size = /^VALUE \S+ \d+ (\d+)$/.exec(line)?.[1];
        if (size === undefined) return line;
        const value = await wire.bytes(Number(size));
        const end = await wire.line();
        if (end !== "END") throw new ServiceError(`${wire.name} speaks another protocol`);
        return value;
      },
    );
    if (typeof answer === "string") throw new ServiceError(`${this.#wire.name}: ${answer}`);
    return answer;
  }

  /** Sets the value of a key, for as long as there is room. @throws {ServiceError} likewise. */
  async set(key: string, value: Uint8Array): Promise<void> {
    const head = encoder.encode(`set ${checkKey(key)} 0 0 ${value.length}\r\n`);
    const request = new Uint8Array(head.length + value.length + 2);
    request.set(head);
    request.set(value, head.length);
    request.set([13, 10], head.length + value.length);
    const line = await this.#wire.exchange(request, (wire) => wire.line());
    if (line !== "STORED") throw new ServiceError(`${this.#wire.name} did not store: ${line}`);
  }

  close(): void {
    this.#wire.close();
  }
}

/** @throws {ServiceError} if the key would be read as something else. */
function checkKey(key: string): string {
  if (/^[\x21-\x7e]{1,250}$/.test(key)) return key;
  throw new ServiceError(`Not a key of memcached: ${JSON.stringify(key.slice(0, 40))}`);
}
