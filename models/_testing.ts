import { configurationKey, type Profile, Random } from "../domain/mod.ts";

/** A small made-up profile for tests: distinct random configurations whose RPS falls with the load. */
export function makeProfile(
  options: { apps?: number; rows?: number; seed?: number } = {},
): Profile {
  const { apps = 3, rows = 60, seed = 1 } = options;
  const random = new Random(seed);
  const seen = new Set<string>();
  const counts: number[] = [];
  while (seen.size < rows) {
    const row = new Uint8Array(apps);
    for (let left = 1 + random.below(8); left > 0; left--) row[random.below(apps)]!++;
    const key = configurationKey(row, 0, apps);
    if (seen.has(key)) continue;
    seen.add(key);
    counts.push(...row);
  }
  const rps = counts.map((count, at) => {
    if (count === 0) return NaN;
    const first = at - at % apps;
    const total = counts.slice(first, first + apps).reduce((sum, n) => sum + n, 0);
    const helped = at % apps === 1 && counts[first]! > 0 ? 0.5 : 0;
    return 1 / (1 + 0.1 * (total - 1)) + helped + 0.01 * random.normal();
  });
  return {
    apps: Array.from({ length: apps }, (_, app) => `app-${app}`),
    rows,
    counts: Uint8Array.from(counts),
    rps: Float64Array.from(rps),
  };
}
