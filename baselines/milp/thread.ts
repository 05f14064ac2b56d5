/**
 * Workers as the web has them, also in Node, whose threads speak otherwise. Bundlers find a worker's file only
 * where `new Worker(new URL(...))` is written out, so that call stays where the worker is needed.
 * @module
 */

/** What is needed of a worker; those of the web are of this form. */
export interface Thread<Request, Reply> {
  /** Hears what the worker says. */
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  /** Hears of a failure that the worker did not catch. */
  onerror: ((event: ErrorEvent) => void) | null;
  /** Says something to the worker. */
  postMessage(message: Request): void;
  /** Ends the worker at once. */
  terminate(): void;
}

/** The other end, inside of a worker. */
export interface ThreadPort<Request, Reply> {
  /** Sets who hears what is said to the worker. */
  listen(hear: (request: Request) => void): void;
  /** Answers. */
  post(reply: Reply): void;
}

/** The part of `node:worker_threads` that is used. */
interface NodeThreads {
  readonly Worker: new (address: URL) => NodeEnd & { terminate(): unknown };
  readonly parentPort: NodeEnd | null;
}

interface NodeEnd {
  postMessage(message: unknown): void;
  on(event: "message", hear: (message: never) => void): unknown;
  on(event: "error", hear: (error: Error) => void): unknown;
}

/** Starts a thread of Node 20.16 or later. */
export function startNodeThread<Request, Reply>(address: URL): Thread<Request, Reply> {
  const worker = new (nodeThreads().Worker)(address);
  const thread: Thread<Request, Reply> = {
    onmessage: null,
    onerror: null,
    postMessage: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
  worker.on("message", (data: Reply) => thread.onmessage?.({ data } as MessageEvent<Reply>));
  worker.on("error", ({ message }) => {
    thread.onerror?.({ message, preventDefault: () => {} } as ErrorEvent);
  });
  return thread;
}

/** The port of the worker that calls this. */
export function threadPort<Request, Reply>(): ThreadPort<Request, Reply> {
  const scope = globalThis as unknown as Partial<Thread<Reply, Request>>;
  if (typeof scope.postMessage === "function") {
    const port = scope as Thread<Reply, Request>;
    return {
      listen: (hear) => void (port.onmessage = ({ data }) => hear(data)),
      post: (reply) => port.postMessage(reply),
    };
  }
  const port = nodeThreads().parentPort!;
  return {
    listen: (hear) => void port.on("message", hear),
    post: (reply) => port.postMessage(reply),
  };
}

/** Asked for without an import: browsers and bundlers would trip over one. */
function nodeThreads(): NodeThreads {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(name: string): unknown };
  };
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads === undefined) throw new Error("This runtime has neither workers nor Node's threads");
  return threads as NodeThreads;
}
