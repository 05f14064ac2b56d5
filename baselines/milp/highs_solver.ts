import { SolverError } from "../../domain/mod.ts";
import type { HighsReply, HighsRequest } from "./highs_protocol.ts";
import { checkModel, type MilpAnswer, type MilpModel, type MilpOptions } from "./model.ts";
import type { MilpSolver } from "./model.ts";
import { startNodeThread, type Thread } from "./thread.ts";

/** Bundled or compiled to JavaScript, this module and the worker lie side by side as .js files. */
const WORKER = import.meta.url.endsWith(".js") ? "./highs_worker.js" : "./highs_worker.ts";

/** A worker is ended by force after this many times the time limit. */
const PATIENCE = 1.5;

/** Seconds more that a worker has, since loading HiGHS is not part of a time limit. */
const GRACE_SECONDS = 0.5;

/**
 * HiGHS (npm `highs`, WebAssembly) in a Web Worker, which starts with the first call and serves one
 * call after another until `close`. Works in Deno, browsers and Node; loading this module loads nothing else.
 */
export class HighsSolver implements MilpSolver {
  #worker: Thread<HighsRequest, HighsReply> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** As {@link MilpSolver.solve}; a signal or an overstayed time limit ends the worker by force. */
  solve(model: MilpModel, options: MilpOptions = {}): Promise<MilpAnswer> {
    checkModel(model);
    return this.#inTurn(() => this.#solve(model, options));
  }

  write(model: MilpModel, format: "lp" | "mps"): Promise<string> {
    checkModel(model);
    return this.#inTurn(async () => {
      const reply = await this.#ask({ kind: "write", model, format });
      return reply.kind === "text" ? reply.text : refuse(reply);
    });
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** Starts the worker ahead of the first call, so that loading HiGHS overlaps with other work. */
  warmUp(): void {
    this.#worker ??= typeof Worker === "undefined"
      ? startNodeThread(new URL(WORKER, import.meta.url))
      : new Worker(new URL(WORKER, import.meta.url), { type: "module" });
  }

  async #solve(model: MilpModel, options: MilpOptions): Promise<MilpAnswer> {
    const { signal, ...rest } = options;
    let best: Float64Array | undefined;
    let bound = model.sense === "maximise" ? Infinity : -Infinity;
    const stop = stopOf(signal, options.timeLimit);
    const halt = haltFlag();
    try {
      const reply = await this.#ask(
        { kind: "solve", model, options: rest, halt },
        (incumbent) => {
          best = incumbent.solution;
          if (!Number.isNaN(incumbent.bound)) bound = incumbent.bound;
        },
        stop.stopped,
      );
      if (reply.kind === "answer") return reply.answer;
      if (reply.kind !== "stopped") return refuse(reply);
      if (halt !== undefined) Atomics.store(halt, 0, 1);
      return {
        status: "interrupted",
        ...(best ? { solution: best } : {}),
        objective: best ? best.reduce((sum, x, at) => sum + x * model.cost[at]!, 0) : NaN,
        bound,
        nodes: 0,
        log: "",
      };
    } finally {
      stop.clear();
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn;
    return turn;
  }

  /** Sends a request; resolves with its last reply, or ends the worker when `stopped` resolves first. */
  #ask(
    request: HighsRequest,
    onIncumbent: (reply: Extract<HighsReply, { kind: "incumbent" }>) => void = () => {},
    stopped?: Promise<void>,
  ): Promise<HighsReply | { kind: "stopped" }> {
    this.warmUp();
    const worker = this.#worker!;
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<HighsReply>): void => {
        if (data.kind === "incumbent") onIncumbent(data);
        else resolve(data);
      };
      worker.onerror = (event: ErrorEvent): void => {
        event.preventDefault();
        this.close();
        reject(new SolverError(`HiGHS failed: ${event.message}`));
      };
      stopped?.then(() => {
        this.close();
        resolve({ kind: "stopped" });
      });
      worker.postMessage(request);
    });
  }
}

/**
 * A flag that says HiGHS to end from within, where memory can be shared: Deno does not end a worker that is busy, and so
 * would compute on, and not exit.
 */
function haltFlag(): Int32Array<SharedArrayBuffer> | undefined {
  return typeof SharedArrayBuffer === "undefined"
    ? undefined
    : new Int32Array(new SharedArrayBuffer(4));
}

/** Resolves when the signal fires or the worker's patience ends. */
function stopOf(
  signal: AbortSignal | undefined,
  timeLimit: number | undefined,
): { readonly stopped: Promise<void>; readonly clear: () => void } {
  let clear = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    const stop = (): void => resolve();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    const timer = timeLimit !== undefined && Number.isFinite(timeLimit)
      ? setTimeout(stop, (timeLimit * PATIENCE + GRACE_SECONDS) * 1000)
      : undefined;
    clear = (): void => {
      signal?.removeEventListener("abort", stop);
      if (timer !== undefined) clearTimeout(timer);
    };
  });
  return { stopped, clear };
}

function refuse(reply: HighsReply | { kind: "stopped" }): never {
  throw new SolverError(
    reply.kind === "failure" ? `HiGHS failed: ${reply.message}` : `HiGHS answered ${reply.kind}`,
  );
}
