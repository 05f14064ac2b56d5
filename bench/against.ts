import type { BenchmarkRow } from "./measure.ts";

/** Runs of each checkout: they take turns, so that what else the machine does hits both. */
const TURNS = 3;

/**
 * The rows of this checkout, with another checkout of the project (an earlier version) as the alternative: suites run
 * by turns in both, and of each row the median counts. Rows that only one of them has are left out.
 * @param folder Root of the other checkout.
 * @throws {Error} if the benchmarks of a checkout fail.
 */
export async function benchAgainst(
  folder: string,
  suites: readonly string[],
): Promise<BenchmarkRow[]> {
  const here: BenchmarkRow[][] = [];
  const there: BenchmarkRow[][] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    there.push(await rowsOf(folder, suites));
    here.push(await rowsOf(new URL("..", import.meta.url).pathname, suites));
  }
  return here[0]!.flatMap((row) => {
    const ours = median(here, row);
    const theirs = median(there, row);
    if (ours === null || theirs === null) return [];
    return [{ ...row, ours, alternative: "that checkout", theirs }];
  });
}

async function rowsOf(folder: string, suites: readonly string[]): Promise<BenchmarkRow[]> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "bench", ...suites, "--json", file],
      cwd: folder,
      stdout: "null",
    }).output();
    if (!success) throw new Error(`The benchmarks of ${folder} failed`);
    return JSON.parse(await Deno.readTextFile(file)).rows;
  } finally {
    await Deno.remove(file);
  }
}

function median(runs: readonly BenchmarkRow[][], { suite, workload }: BenchmarkRow): number | null {
  const found = runs.flatMap((rows) =>
    rows.filter((row) => row.suite === suite && row.workload === workload).map(({ ours }) => ours)
  ).sort((a, b) => a - b);
  return found[found.length >> 1] ?? null;
}
