/**
 * A real Prometheus for tests and studies, Debian's.
 * @module
 */

const PROGRAM = "/usr/bin/prometheus";

/** Why Debian's Prometheus cannot run here, or null. */
export function whyNoPrometheus(): string | null {
  try {
    Deno.statSync(PROGRAM);
    return null;
  } catch {
    return "no prometheus";
  }
}

/** A Prometheus that runs until it is disposed of. */
export interface RunningPrometheus extends AsyncDisposable {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** The first value that a query gives; undefined for none. */
  value(query: string): Promise<number | undefined>;
}

/**
 * Starts a Prometheus, and waits until it answers.
 * @param config Its configuration, as YAML. @param openMetrics What it knows already: text with a time on every line.
 */
export async function startPrometheus(
  config: string,
  openMetrics?: string,
): Promise<RunningPrometheus> {
  const folder = await Deno.makeTempDir();
  const port = freePort();
  await Deno.writeTextFile(`${folder}/prometheus.yml`, config);
  if (openMetrics !== undefined) {
    await Deno.writeTextFile(`${folder}/metrics.txt`, openMetrics);
    const made = await new Deno.Command("/usr/bin/promtool", {
      args: [
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        `${folder}/metrics.txt`,
        `${folder}/data`,
      ],
    }).output();
    if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
  }
  const url = `http://127.0.0.1:${port}`;
  const process = new Deno.Command(PROGRAM, {
    args: [
      ...[`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`],
      ...["--storage.tsdb.retention.time=50y", `--web.listen-address=127.0.0.1:${port}`],
      "--log.level=error",
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const dispose = async () => {
    process.kill("SIGTERM");
    await process.status;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await until(async () => {
      const response = await fetch(`${url}/-/ready`);
      await response.body?.cancel();
      return response.ok;
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    url,
    value: async (query) => {
      const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
      const { data } = await answer.json();
      return data?.result?.[0] === undefined ? undefined : Number(data.result[0].value[1]);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** What Prometheus' own checker says against a text of metrics: nothing where all is well. */
export async function metricsFaults(text: string): Promise<string> {
  const checker = new Deno.Command("/usr/bin/promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = checker.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout, stderr } = await checker.output();
  const decoder = new TextDecoder();
  const said = `${decoder.decode(stdout)}${decoder.decode(stderr)}`.trim();
  return success ? said : said || "promtool failed without a word";
}

/** A port of this machine that nobody listens at. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    return listener.addr.port;
  } finally {
    listener.close();
  }
}

/** Waits for a state. @throws {Error} after a minute. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 600; tried++) {
    if (await done().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("waited a minute for nothing");
}
