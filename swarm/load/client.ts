import { AnswerReader, BrokenAnswerError } from "./response.ts";
import type { LoadTarget } from "./plan.ts";

/** How one request ended. */
export interface Outcome {
  /** Null if it was answered with 200 to 299; else the kind of error: "timeout", "status 503", ... */
  readonly error: string | null;
  /** Length of the answer's body. */
  readonly bytes: number;
}

/** Sends requests to one target. */
export interface Client {
  /** Sends one and waits for its end; never throws. */
  send(): Promise<Outcome>;
  /** Gives requests up that began longer ago than the limit. @param now Milliseconds. */
  expire(now: number): void;
  /** Ends all connections; requests under way end as "aborted". */
  close(): void;
  /** Idle connections that the server had closed, so that the request went out on another one. */
  readonly reconnects: number;
}

interface Attempt {
  readonly deadline: number;
  ended: "timeout" | "aborted" | null;
  /** Only while a connection is opened: signals cost more than a whole request. */
  opening: AbortController | null;
  connection: Connection | null;
}

/** Requests over connections that are kept, as many as there are requests at the same time. */
export class HttpClient implements Client {
  readonly #target: LoadTarget;
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #request: Uint8Array<ArrayBuffer>;
  readonly #idle: Connection[] = [];
  readonly #active = new Set<Attempt>();
  #closed = false;
  reconnects = 0;

  /** @param now Milliseconds on the clock of {@link expire}. */
  constructor(target: LoadTarget, timeoutMs: number, now: () => number) {
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    this.#now = now;
    this.#request = requestBytes(target);
  }

  /** As {@link Client.send}. */
  async send(): Promise<Outcome> {
    if (this.#closed) return { error: "aborted", bytes: 0 };
    const attempt: Attempt = {
      deadline: this.#now() + this.#timeoutMs,
      ended: null,
      opening: null,
      connection: null,
    };
    this.#active.add(attempt);
    try {
      return await this.#try(attempt);
    } finally {
      this.#active.delete(attempt);
    }
  }

  async #try(attempt: Attempt): Promise<Outcome> {
    for (;;) {
      const kept = this.#idle.pop();
      try {
        attempt.connection = kept ?? await this.#open(attempt);
        if (attempt.ended !== null) throw new Error(attempt.ended);
        const hasBody = this.#target.request.method !== "HEAD";
        const answer = await attempt.connection.exchange(this.#request, hasBody);
        const { status, bytes, keepAlive } = answer;
        if (keepAlive && !this.#closed) this.#idle.push(attempt.connection);
        else attempt.connection.close();
        return { error: status >= 200 && status < 300 ? null : `status ${status}`, bytes };
      } catch (error) {
        attempt.connection?.close();
        if (attempt.ended !== null) return { error: attempt.ended, bytes: 0 };
        // Servers close connections that nobody used for a while; the request never reached them.
        if (kept !== undefined && isStale(error)) {
          this.reconnects++;
          continue;
        }
        return { error: kindOf(error), bytes: 0 };
      }
    }
  }

  async #open(attempt: Attempt): Promise<Connection> {
    attempt.opening = new AbortController();
    try {
      return await Connection.open(this.#target, attempt.opening.signal);
    } finally {
      attempt.opening = null;
    }
  }

  /** As {@link Client.expire}. */
  expire(now: number): void {
    // A set keeps the order of insertion, and all have the same limit.
    for (const attempt of this.#active) {
      if (attempt.deadline > now) return;
      end(attempt, "timeout");
    }
  }

  /** As {@link Client.close}. */
  close(): void {
    this.#closed = true;
    for (const attempt of this.#active) end(attempt, "aborted");
    for (const connection of this.#idle.splice(0)) connection.close();
  }
}

function end(attempt: Attempt, why: "timeout" | "aborted"): void {
  attempt.ended ??= why;
  attempt.opening?.abort();
  attempt.connection?.close();
}

/** One connection, one request at a time. */
class Connection {
  readonly #conn: Deno.Conn;
  readonly #answers: AnswerReader;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#answers = new AnswerReader(conn);
  }

  static async open(target: LoadTarget, signal: AbortSignal): Promise<Connection> {
    const { protocol, hostname, port } = new URL(target.origin);
    const host = hostname.replace(/^\[|\]$/g, "");
    const number = Number(port) || (protocol === "https:" ? 443 : 80);
    const plain = await Deno.connect({ hostname: host, port: number, signal });
    plain.setNoDelay(true);
    if (protocol === "http:") return new Connection(plain);
    return new Connection(await Deno.startTls(plain, { hostname: host }));
  }

  async exchange(request: Uint8Array, hasBody: boolean) {
    for (let sent = 0; sent < request.length;) {
      sent += await this.#conn.write(request.subarray(sent));
    }
    return await this.#answers.next(hasBody);
  }

  close(): void {
    try {
      this.#conn.close();
    } catch { /* closed before */ }
  }
}

function requestBytes({ origin, request }: LoadTarget): Uint8Array<ArrayBuffer> {
  const { method, path, headers, body } = request;
  const encoder = new TextEncoder();
  const content = encoder.encode(body ?? "");
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(given.has("host") ? [] : [`Host: ${new URL(origin).host}`]),
    ...(given.has("user-agent") ? [] : ["User-Agent: metis-load"]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`Content-Length: ${content.length}`]),
  ];
  const head = encoder.encode(`${lines.join("\r\n")}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}

function isStale(error: unknown): boolean {
  if (error instanceof BrokenAnswerError) return !error.started;
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionAborted;
}

function kindOf(error: unknown): string {
  if (error instanceof BrokenAnswerError) return error.message;
  if (error instanceof Deno.errors.ConnectionRefused) return "connection refused";
  if (error instanceof Deno.errors.ConnectionReset) return "connection reset";
  if (error instanceof Deno.errors.BrokenPipe) return "connection reset";
  // Messages hold addresses and ports that differ by request: the class is the kind.
  return error instanceof Error ? `failed: ${error.name}` : "failed";
}
