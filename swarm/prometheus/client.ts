import * as v from "valibot";
import { parseJson } from "../../domain/decode.ts";
import { InputError, InterruptedError } from "../../domain/errors.ts";
import { oneLine, PrometheusError } from "../errors.ts";

/** Prometheus answers no more points of a series than 11,000. */
const MOST_POINTS = 10_000;
/** Longest answer that is read. */
const MOST_BYTES = 64 << 20;
const TIMEOUT_MS = 60_000;

const point = v.tuple([v.number(), v.string()]);
const matrixSchema = v.object({
  status: v.literal("success"),
  data: v.object({
    resultType: v.literal("matrix"),
    result: v.array(v.object({ metric: v.record(v.string(), v.string()), values: v.array(point) })),
  }),
});
const refusalSchema = v.object({ status: v.literal("error"), error: v.string() });

/** One series of an answer. */
export interface MatrixSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value. */
  readonly points: readonly (readonly [number, number])[];
}

/** A span of time, in seconds since 1970, and the time between two points. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** The query part of Prometheus' HTTP API. */
export class Prometheus {
  /** Its address without user and password. */
  readonly name: string;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  /**
   * @param url Such as http://prometheus:9090; `user:password@` is sent as basic authentication, and never shown.
   * @throws {InputError} if it is no such address.
   */
  constructor(url: string, signal: AbortSignal) {
    const parsed = URL.canParse(url) ? new URL(url) : null;
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      throw new InputError("--prometheus takes an address such as http://prometheus:9090");
    }
    const { username, password } = parsed;
    this.#headers = username === "" && password === ""
      ? {}
      : { Authorization: `Basic ${credentials(username, password)}` };
    parsed.username =
      parsed.password =
      parsed.search =
      parsed.hash =
        "";
    this.#base = parsed.href.replace(/\/+$/, "");
    this.name = this.#base;
    this.#signal = signal;
  }

  /**
   * What a query gives over time, in as many requests as it takes.
   * @param what What the query is for, in messages.
   * @throws {PrometheusError} if it does not answer, or refuses. @throws {InterruptedError}
   */
  async range(query: string, { from, to, step }: Range, what: string): Promise<MatrixSeries[]> {
    const found = new Map<string, { labels: MatrixSeries["labels"]; points: [number, number][] }>();
    for (let start = from; start <= to; start += step * MOST_POINTS) {
      const end = Math.min(to, start + step * (MOST_POINTS - 1));
      const words = { query, start: `${start}`, end: `${end}`, step: `${step}` };
      const { data } = await this.#ask("/api/v1/query_range", words, what);
      for (const { metric, values } of data.result) {
        const key = JSON.stringify(Object.entries(metric).sort());
        const series = found.get(key) ?? { labels: metric, points: [] };
        found.set(key, series);
        for (const [at, value] of values) series.points.push([at, Number(value)]);
      }
    }
    return [...found.values()];
  }

  async #ask(path: string, words: Readonly<Record<string, string>>, what: string) {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const place = `${this.name}: the query for ${what}`;
    try {
      const response = await fetch(this.#base + path, {
        method: "POST",
        headers: { ...this.#headers, "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(words),
        redirect: "manual",
        signal,
      });
      const text = await boundedText(response, place);
      if (!response.ok) throw new PrometheusError(`${place}: ${refusal(response.status, text)}`);
      const result = v.safeParse(matrixSchema, parseJson(text, place));
      if (result.success) return result.output;
      throw new PrometheusError(`${place}: answers in an unknown form: is it a Prometheus?`);
    } catch (error) {
      if (this.#signal.aborted) throw new InterruptedError("Interrupted");
      if (error instanceof PrometheusError || error instanceof InputError) throw error;
      throw new PrometheusError(`${place}: ${explanation(error)}`, { cause: error });
    }
  }
}

/** User and password as basic authentication has them. @throws {InputError} if they cannot be told apart. */
function credentials(username: string, password: string): string {
  try {
    const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return new TextEncoder().encode(both).toBase64();
  } catch {
    throw new InputError("--prometheus: write a % in its user or password as %25");
  }
}

/** The text of an answer. @throws {PrometheusError} if it is too long. */
async function boundedText(response: Response, place: string): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      throw new PrometheusError(`${place}: answers more than 64 MiB: ask for less time by --last`);
    }
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}

function refusal(status: number, text: string): string {
  if (status === 401 || status === 403) {
    return `refused (${status}): give user and password in the address`;
  }
  if (status >= 300 && status < 400) {
    return `leads elsewhere (${status}): give the address it leads to`;
  }
  try {
    const result = v.safeParse(refusalSchema, JSON.parse(text));
    if (result.success) return `refused (${status}): ${oneLine(result.output.error)}`;
  } catch {
    // Not JSON: the status has to do.
  }
  return `refused (${status})`;
}

/** What went wrong; the runtime's own words may hold the address with its password. */
function explanation(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was started without the permission for it: use `deno task cluster`";
  }
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `no answer in ${TIMEOUT_MS / 1000} s: ask for less time by --last`;
  }
  return "nothing answers there: check the address, and that Prometheus runs";
}
