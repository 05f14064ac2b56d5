/** One number with its labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram: "_bucket", "_sum", "_count". */
  readonly suffix?: string;
}

/** A named quantity, as Prometheus knows it. */
export interface Metric {
  /** With its unit: `metis_request_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

/** Content type of the text that {@link metricsText} gives. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Metrics in the text format of Prometheus, version 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics.map(({ name, help, type, samples }) =>
    `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n` +
    `# TYPE ${name} ${type}\n` +
    samples.map((sample) =>
      `${name}${sample.suffix ?? ""}${labelText(sample.labels)} ${numberText(sample.value)}\n`
    ).join("")
  ).join("");
}

function labelText(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) =>
    `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return `${value}`;
}

/** Counts of times by their upper bounds, as a histogram of Prometheus. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds Upper bounds in seconds, ascending; infinity is added. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** @param seconds At least 0. */
  observe(seconds: number): void {
    const at = this.#bounds.findIndex((bound) => seconds <= bound);
    this.#counts[at < 0 ? this.#bounds.length : at]!++;
    this.#sum += seconds;
  }

  /** The samples of a metric of type histogram. */
  samples(labels: Readonly<Record<string, string>>): Sample[] {
    let below = 0;
    const buckets = [...this.#bounds, Infinity].map((bound, at) => {
      below += this.#counts[at]!;
      const le = bound === Infinity ? "+Inf" : `${bound}`;
      return { suffix: "_bucket", labels: { ...labels, le }, value: below };
    });
    return [
      ...buckets,
      { suffix: "_sum", labels, value: this.#sum },
      { suffix: "_count", labels, value: below },
    ];
  }
}
