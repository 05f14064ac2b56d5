import { oneLine } from "../errors.ts";
import { Histogram, type Metric, METRICS_TYPE, metricsText } from "./metrics.ts";
import type { Workload } from "./workload.ts";

/** Upper bounds of the histogram of request times, in seconds. */
const BOUNDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const RETRY_MS = 500;

/**
 * The HTTP face of a workload. `/` does the work once and answers with JSON: 200 with what was done and how
 * long it took, 500 with the reason where it failed, 503 while it is being prepared. `/health` answers 200 or
 * 503, `/metrics` the text of Prometheus.
 */
export class Service {
  readonly #name: string;
  readonly #workload: Workload;
  readonly #times = new Histogram(BOUNDS);
  #counts = { ok: 0, error: 0, unprepared: 0 };
  #running = 0;
  #closed = false;
  /** Why it is not ready, null if it is. */
  #obstacle: string | null = "being prepared";
  #tell: (text: string) => void = () => {};

  constructor(name: string, workload: Workload) {
    this.#name = name;
    this.#workload = workload;
  }

  /** Prepares the workload, again and again until it succeeds or {@link close} is called. */
  async prepare(tell: (text: string) => void): Promise<void> {
    this.#tell = tell;
    while (!this.#closed && this.#obstacle !== null) {
      try {
        await this.#workload.prepare();
        this.#obstacle = null;
        tell(`${this.#name}: ready`);
      } catch (error) {
        const reason = messageOf(error);
        if (reason !== this.#obstacle) tell(`${this.#name}: not ready: ${reason}`);
        this.#obstacle = reason;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Answers one request. */
  async answer(request: Request): Promise<Response> {
    const pathname = pathOf(request);
    this.#look();
    if (pathname === null) return json(400, { workload: this.#name, error: "Not an address" });
    if (request.method !== "GET" && request.method !== "HEAD") {
      return json(405, {
        workload: this.#name,
        error: `${request.method} is not supported: use GET`,
      });
    }
    switch (pathname) {
      case "/":
        return await this.#work();
      case "/health":
        return this.#obstacle === null
          ? json(200, { workload: this.#name, status: "ready" })
          : json(503, { workload: this.#name, status: "preparing", error: this.#obstacle });
      case "/metrics":
        return new Response(metricsText(this.#metrics()), {
          headers: { "Content-Type": METRICS_TYPE },
        });
    }
    return json(404, { workload: this.#name, error: "There are /, /health and /metrics" });
  }

  /** Ends the workload. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#workload.close();
  }

  /** Notices what has ended since it was prepared, and prepares it again. */
  #look(): void {
    if (this.#obstacle !== null || this.#closed) return;
    try {
      this.#workload.check?.();
    } catch (error) {
      this.#obstacle = messageOf(error);
      this.#tell(`${this.#name}: ${this.#obstacle}: started again`);
      this.prepare(this.#tell);
    }
  }

  async #work(): Promise<Response> {
    if (this.#obstacle !== null) {
      this.#counts.unprepared++;
      return json(503, { workload: this.#name, error: `not ready: ${this.#obstacle}` });
    }
    const began = performance.now();
    this.#running++;
    try {
      const work = await this.#workload.work();
      const milliseconds = performance.now() - began;
      this.#times.observe(milliseconds / 1000);
      this.#counts.ok++;
      return json(200, { workload: this.#name, work, milliseconds: rounded(milliseconds) });
    } catch (error) {
      this.#counts.error++;
      const milliseconds = rounded(performance.now() - began);
      return json(500, { workload: this.#name, error: messageOf(error), milliseconds });
    } finally {
      this.#running--;
    }
  }

  #metrics(): Metric[] {
    const workload = this.#name;
    return [
      {
        name: "metis_requests_total",
        help: "Requests to / by how they ended",
        type: "counter",
        samples: Object.entries(this.#counts).map(([outcome, value]) => ({
          labels: { workload, outcome },
          value,
        })),
      },
      {
        name: "metis_request_seconds",
        help: "Time of the requests that succeeded, from their arrival to the end of their work",
        type: "histogram",
        samples: this.#times.samples({ workload }),
      },
      {
        name: "metis_requests_running",
        help: "Requests under way",
        type: "gauge",
        samples: [{ labels: { workload }, value: this.#running }],
      },
      {
        name: "metis_ready",
        help: "1 where requests can be answered",
        type: "gauge",
        samples: [{ labels: { workload }, value: this.#obstacle === null ? 1 : 0 }],
      },
      ...this.#workload.metrics(),
    ];
  }
}

/** The path of a request, or null if its Host header makes no address of it. */
function pathOf(request: Request): string | null {
  try {
    return new URL(request.url).pathname;
  } catch {
    return null;
  }
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}
