import { ServiceError } from "../errors.ts";

const CHUNK_BYTES = 64 << 10;
const CONNECT_MS = 2_000;
/** A neighbour that stays silent must not hold a request for longer. */
const EXCHANGE_MS = 5_000;
const decoder = new TextDecoder();

/** A TCP connection on which requests and answers alternate: what Redis and memcached speak over. */
export class Wire {
  readonly #connection: Deno.TcpConn;
  readonly #name: string;
  /** What came and was not taken yet: chunk[from..to). */
  readonly #chunk = new Uint8Array(CHUNK_BYTES);
  #from = 0;
  #to = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(connection: Deno.TcpConn, name: string) {
    this.#connection = connection;
    this.#name = name;
  }

  /** @param what Name of the server, for messages. @throws {ServiceError} if nothing answers in time. */
  static async connect(
    host: string,
    port: number,
    what: string,
    timeoutMs: number = CONNECT_MS,
  ): Promise<Wire> {
    const name = `${what} at ${host}:${port}`;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const connection = await Deno.connect({ hostname: host, port, signal });
      connection.setNoDelay(true);
      return new Wire(connection, name);
    } catch (error) {
      throw new ServiceError(`No ${name}`, { cause: error });
    }
  }

  /** What the other end is called. */
  get name(): string {
    return this.#name;
  }

  /** True once it was closed or broke. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Sends a request and reads its answer; requests of several callers are sent one after another.
   * @throws {ServiceError} if the connection breaks; it is closed then, since answers would no longer fit
   * their requests.
   */
  exchange<T>(
    request: Uint8Array,
    read: (wire: Wire) => Promise<T>,
    timeoutMs: number = EXCHANGE_MS,
  ): Promise<T> {
    const turn = this.#last.then(() => this.#exchange(request, read, timeoutMs));
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** One line, without its CR LF. Only for use in {@link exchange}. */
  async line(): Promise<string> {
    let line = "";
    for (;;) {
      const end = this.#chunk.subarray(this.#from, this.#to).indexOf(10);
      const until = end < 0 ? this.#to : this.#from + end;
      line += decoder.decode(this.#chunk.subarray(this.#from, until));
      this.#from = end < 0 ? until : until + 1;
      if (end >= 0) return line.endsWith("\r") ? line.slice(0, -1) : line;
      if (line.length > CHUNK_BYTES) throw new ServiceError(`${this.#name} sends no line`);
      await this.#fill();
    }
  }

  /** So many bytes, followed by CR LF, which is dropped. Only for use in {@link exchange}. */
  async bytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count + 2);
    let at = Math.min(bytes.length, this.#to - this.#from);
    bytes.set(this.#chunk.subarray(this.#from, this.#from + at));
    this.#from += at;
    while (at < bytes.length) at += await this.#read(bytes.subarray(at));
    return bytes.subarray(0, count);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  async #exchange<T>(
    request: Uint8Array,
    read: (wire: Wire) => Promise<T>,
    timeoutMs: number,
  ): Promise<T> {
    if (this.#closed) throw new ServiceError(`${this.#name} is gone`);
    const timer = setTimeout(() => this.close(), timeoutMs);
    try {
      for (let sent = 0; sent < request.length;) {
        sent += await this.#connection.write(request.subarray(sent));
      }
      return await read(this);
    } catch (error) {
      this.close();
      if (error instanceof ServiceError) throw error;
      throw new ServiceError(`${this.#name} broke off`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #fill(): Promise<void> {
    this.#from = 0;
    this.#to = await this.#read(this.#chunk);
  }

  async #read(target: Uint8Array): Promise<number> {
    const count = await this.#connection.read(target);
    if (count === null) throw new ServiceError(`${this.#name} closed the connection`);
    return count;
  }
}
