/**
 * Calls between the page and its workers: typed methods, progress, abort, errors by name and message.
 * @module
 */

/** Methods of a worker: name to argument, result and what is told on the way. */
export type Methods = Record<string, { argument: unknown; result: unknown; progress: unknown }>;

/** What a method of a worker is told besides its argument. */
export interface CallContext<Progress> {
  /** Fires when the page no longer wants the result. */
  readonly signal: AbortSignal;
  /** Tells the page something on the way. */
  tell(progress: Progress): void;
  /** Hands a buffer over with the result instead of copying it. */
  give(buffer: ArrayBufferLike): void;
}

/** The methods as a worker implements them. */
export type Handlers<M extends Methods> = {
  [Name in keyof M]: (
    argument: M[Name]["argument"],
    context: CallContext<M[Name]["progress"]>,
  ) => Promise<M[Name]["result"]> | M[Name]["result"];
};

type Request =
  | {
    readonly kind: "call";
    readonly id: number;
    readonly name: string;
    readonly argument: unknown;
  }
  | { readonly kind: "abort"; readonly id: number };

type Reply =
  | { readonly kind: "progress"; readonly id: number; readonly value: unknown }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | {
    readonly kind: "failure";
    readonly id: number;
    readonly name: string;
    readonly message: string;
  };

/** The part of a worker's global scope, or of a Worker, that calls go through. */
interface Port {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** A method of a worker failed. The name is that of the worker's error class. */
export class CallError extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Answers the calls of a page; several may be under way at once. */
export function serveCalls<M extends Methods>(port: Port, handlers: Handlers<M>): void {
  const running = new Map<number, AbortController>();
  port.onmessage = async ({ data }: MessageEvent<Request>): Promise<void> => {
    if (data.kind === "abort") return running.get(data.id)?.abort();
    const { id, name, argument } = data;
    const controller = new AbortController();
    const transfer: Transferable[] = [];
    const reply = (message: Reply, buffers: Transferable[] = []) =>
      port.postMessage(message, buffers);
    running.set(id, controller);
    try {
      const value = await handlers[name]!(argument, {
        signal: controller.signal,
        tell: (progress) => reply({ kind: "progress", id, value: progress }),
        give: (buffer) => transfer.push(buffer as ArrayBuffer),
      });
      reply({ kind: "result", id, value }, transfer);
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      reply({ kind: "failure", id, name, message: message.split("\n")[0]! });
    } finally {
      running.delete(id);
    }
  };
}

/** How a call is made. */
export interface CallOptions<Progress> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  progress(value: unknown): void;
}

/** The page's end of a worker. */
export class WorkerClient<M extends Methods> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #next = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Reply>): void => {
      const call = this.#pending.get(data.id);
      // Workers may say other things, too.
      if (call === undefined) return;
      if (data.kind === "progress") return call.progress(data.value);
      this.#pending.delete(data.id);
      if (data.kind === "result") call.resolve(data.value);
      else call.reject(new CallError(data.name, data.message));
    };
    worker.onerror = (event): void => {
      event.preventDefault();
      // A script that could not be fetched has no message.
      const what = event.message
        ? `failed: ${event.message}`
        : "could not be loaded: try again when the network is there";
      const error = new CallError("WorkerError", `The page's worker ${what}`);
      for (const call of this.#pending.values()) call.reject(error);
      this.#pending.clear();
    };
  }

  /** Calls a method. @throws {CallError} as the method does. */
  call<Name extends keyof M & string>(
    name: Name,
    argument: M[Name]["argument"],
    options: CallOptions<M[Name]["progress"]> = {},
  ): Promise<M[Name]["result"]> {
    const id = this.#next++;
    const { signal, onProgress = () => {} } = options;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {
        resolve: (value) => resolve(value as M[Name]["result"]),
        reject,
        progress: (value) => onProgress(value as M[Name]["progress"]),
      });
      const abort = (): void => this.#post({ kind: "abort", id });
      this.#post({ kind: "call", id, name, argument });
      if (signal?.aborted) abort();
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  #post(request: Request): void {
    this.#worker.postMessage(request);
  }
}
