import assert from "node:assert/strict";
import { readBenchmark } from "./redis.ts";

Deno.test("rates are read from what redis-benchmark --csv prints, whatever columns follow", () => {
  const csv =
    '"test","rps","avg_latency_ms"\n"INCR","11111.11","0.081"\n"LPUSH","5.5"\n"LPOP","0.00"\n';
  // A rate of 0 says that nothing was done.
  assert.deepEqual([...readBenchmark(csv)], [["INCR", 11111.11], ["LPUSH", 5.5]]);
});
