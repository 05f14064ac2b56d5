/**
 * Workers that a worker needs, started by the page: Firefox hangs about once in a thousand times that a worker starts one itself.
 * @module
 */

/** A worker asks the page for another one. */
interface Asked {
  readonly kind: "start worker";
  readonly address: string;
  /** Carries what is said to the new worker, and what it says. */
  readonly port: MessagePort;
}

/** What is said to the new worker, or that it should end. */
type Said = { readonly message: unknown } | "end";
/** What the new worker says, or what it failed of. */
type Heard = { readonly message: unknown } | { readonly failure: string };

/** In the page: starts the workers that a worker asks for. They should live no longer than the page does. */
export function startWorkersFor(parent: Worker): void {
  parent.addEventListener(
    "message",
    ({ data }: MessageEvent<Asked | { readonly kind: string }>) => {
      if (!isAsked(data)) return;
      const { address, port } = data;
      const worker = new Worker(address, { type: "module" });
      const hear = (heard: Heard): void => port.postMessage(heard);
      worker.onmessage = ({ data: message }): void => hear({ message });
      worker.onerror = (event): void => {
        event.preventDefault();
        hear({ failure: event.message });
      };
      port.onmessage = ({ data: said }: MessageEvent<Said>): void => {
        if (said !== "end") return worker.postMessage(said.message);
        worker.terminate();
        port.close();
      };
    },
  );
}

function isAsked(data: Asked | { readonly kind: string }): data is Asked {
  return data.kind === "start worker";
}

/** In a worker: whatever starts a worker from now on has it started by the page. */
export function askPageForWorkers(): void {
  Object.assign(globalThis, { Worker: WorkerOfPage });
}

/** As much of a Worker as is needed. */
class WorkerOfPage {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  readonly #port: MessagePort;

  constructor(address: URL) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }: MessageEvent<Heard>): void => {
      if ("failure" in data) {
        this.onerror?.(new ErrorEvent("error", { message: data.failure, cancelable: true }));
      } else this.onmessage?.(new MessageEvent("message", { data: data.message }));
    };
    const asked: Asked = { kind: "start worker", address: address.href, port: port2 };
    postMessage(asked, { transfer: [port2] });
  }

  postMessage(message: unknown): void {
    this.#say({ message });
  }

  terminate(): void {
    this.#port.onmessage = null;
    this.#say("end");
  }

  #say(said: Said): void {
    this.#port.postMessage(said);
  }
}
