/** One line of a benchmark: our figure beside a named alternative's, measured in the same run. */
export interface BenchmarkRow {
  readonly suite: string;
  readonly workload: string;
  /** Our figure. */
  readonly ours: number;
  readonly unit: string;
  /** Which way is better. */
  readonly better: "higher" | "lower";
  /** Name of the alternative; absent if it is not installed or there is none. */
  readonly alternative?: string;
  /** The alternative's figure, in the same unit. */
  readonly theirs?: number;
}

/** How many times better ours is than the alternative; null without one. */
export function ratio(row: BenchmarkRow): number | null {
  if (row.theirs === undefined) return null;
  return row.better === "higher" ? row.ours / row.theirs : row.theirs / row.ours;
}

/**
 * Seconds of one call: the median of several rounds of at least `leastSeconds` each, after one warm-up
 * call. `use` may return a promise.
 */
export async function secondsOf(
  use: () => unknown,
  { rounds = 5, leastSeconds = 0.1 }: { rounds?: number; leastSeconds?: number } = {},
): Promise<number> {
  await use();
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    let calls = 0;
    let elapsed = 0;
    do {
      await use();
      calls++;
      elapsed = (performance.now() - started) / 1000;
    } while (elapsed < leastSeconds);
    samples.push(elapsed / calls);
  }
  return samples.sort((a, b) => a - b)[samples.length >> 1]!;
}

/** Output of a peer program, parsed as JSON; null if the program is not installed or fails. */
export async function runPeer(
  command: string,
  args: readonly string[],
  input: string = "",
): Promise<unknown> {
  try {
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { success, stdout } = await child.output();
    return success ? JSON.parse(new TextDecoder().decode(stdout)) : null;
  } catch {
    return null;
  }
}
