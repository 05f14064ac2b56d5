import * as v from "valibot";
import { EngineError, EngineUnreachableError, oneLine } from "../errors.ts";
import type { Transport } from "./transport.ts";

/** Oldest version of the API that has all we use (Docker 19.03). */
export const OLDEST_API = "1.40";
/** Newest version of the API that we know (Docker 28.3). */
export const NEWEST_API = "1.51";

const CALL_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 64 << 20;

/** One call of the engine's API. */
export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  /** With a slash, without the version. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: BodyInit;
  /** @default 30 seconds */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Speaks HTTP with one engine: negotiates the version, bounds time and size, checks every answer. */
export class EngineClient {
  readonly #transport: Transport;
  #version: Promise<string> | null = null;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** What the user calls the engine. */
  get name(): string {
    return this.#transport.name;
  }

  /**
   * The version of the API that is spoken, such as "1.41".
   * @throws {EngineUnreachableError} if nothing answers or the engine is too old.
   */
  version(signal?: AbortSignal): Promise<string> {
    // A failed try is forgotten: the engine may just be starting.
    this.#version ??= this.#negotiate(signal).catch((error) => {
      this.#version = null;
      throw error;
    });
    return this.#version;
  }

  /** Calls, and checks the answer's form. */
  async json<Schema extends v.GenericSchema>(
    call: Call,
    schema: Schema,
  ): Promise<v.InferOutput<Schema>> {
    const text = await this.#exchange(call);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new EngineUnreachableError(
        `${this.name}: the answer to ${callName(call)} is not JSON`,
        {
          cause: error,
        },
      );
    }
    const result = v.safeParse(schema, value, { abortEarly: true });
    if (result.success) return result.output;
    const path = v.getDotPath(result.issues[0]) ?? "";
    throw new EngineUnreachableError(
      `${this.name}: the answer to ${callName(call)} has an unknown form at ${oneLine(path)}`,
    );
  }

  /** Calls where the answer says nothing more than that it was done. */
  async done(call: Call): Promise<string> {
    return await this.#exchange(call);
  }

  /** Calls for an answer of any length. */
  async stream(call: Call): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#send(call, call.signal);
    if (response.body === null) return new Blob([]).stream();
    return response.body;
  }

  close(): void {
    this.#transport.close();
  }

  async #negotiate(signal?: AbortSignal): Promise<string> {
    const response = await this.#timed(
      (limit) => this.#transport.send("/_ping", { signal: limit }),
      CALL_TIMEOUT_MS,
      signal,
    );
    await response.body?.cancel();
    const offered = response.headers.get("Api-Version");
    if (!response.ok || offered === null || !/^\d+\.\d+$/.test(offered)) {
      throw new EngineUnreachableError(
        `${this.name}: the server there (${response.status}) is not a Docker engine`,
      );
    }
    if (compareVersions(offered, OLDEST_API) < 0) {
      throw new EngineUnreachableError(
        `${this.name}: the engine speaks API ${offered}, at least ${OLDEST_API} is needed: ` +
          "update it to Docker 19.03 or newer",
      );
    }
    return compareVersions(offered, NEWEST_API) < 0 ? offered : NEWEST_API;
  }

  async #exchange(call: Call): Promise<string> {
    return await this.#timed(
      async (signal) => {
        const response = await this.#send(call, signal);
        return await readCapped(response, `${this.name}: the answer to ${callName(call)}`);
      },
      call.timeoutMs ?? CALL_TIMEOUT_MS,
      call.signal,
    );
  }

  async #send(call: Call, signal?: AbortSignal): Promise<Response> {
    const version = await this.version(signal);
    const query = new URLSearchParams(call.query).toString();
    const init: RequestInit = { method: call.method };
    if (signal !== undefined) init.signal = signal;
    if (call.json !== undefined) {
      init.headers = { "Content-Type": "application/json" };
      init.body = JSON.stringify(call.json);
    } else if (call.body !== undefined) {
      init.headers = { "Content-Type": "application/x-tar" };
      init.body = call.body;
    }
    const path = `/v${version}${call.path}${query === "" ? "" : `?${query}`}`;
    const response = await this.#transport.send(path, init);
    if (response.ok) return response;
    const text = await readCapped(response, `${this.name}: the refusal of ${callName(call)}`);
    throw new EngineError(response.status, callName(call), reasonOf(text));
  }

  async #timed<T>(
    work: (signal: AbortSignal) => Promise<T>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<T> {
    const controller = new AbortController();
    const stop = () => controller.abort();
    const timer = setTimeout(stop, timeoutMs);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      return await work(controller.signal);
    } catch (error) {
      if (signal?.aborted || error instanceof EngineError) throw error;
      if (error instanceof EngineUnreachableError) throw error;
      const late = controller.signal.aborted
        ? `gave no answer in ${timeoutMs / 1000} s`
        : "broke off";
      throw new EngineUnreachableError(`${this.name}: the Docker engine ${late}`, { cause: error });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}

/**
 * True if trying again may help: no connection, no leader, an engine that is starting (a manager says for
 * a moment that it is none).
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof EngineUnreachableError) return true;
  if (!(error instanceof EngineError)) return false;
  return error.status === 503 ||
    error.status >= 500 &&
      /leader|deadline|unavailable|timed? ?out|connection|eof|transport|context canceled/i.test(
        error.reason,
      );
}

/** Negative where the first is older. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

/** Method and path with ids left out: what errors and logs may show, and what proxies allow. */
export function callName({ method, path }: Pick<Call, "method" | "path">): string {
  return `${method} ${
    path.replace(/^\/(services|nodes|configs|tasks|secrets|networks)\/(?!create$)[^/]+/, "/$1/{id}")
      .replace(/^\/(images|distribution)\/.+\/(json|get)$/, "/$1/{name}/$2")
  }`;
}

function reasonOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Proxies answer in HTML.
  }
  return text.slice(0, 200) || "no reason given";
}

async function readCapped(response: Response, what: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new EngineUnreachableError(`${what} is larger than ${MAX_ANSWER_BYTES >> 20} MiB`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
