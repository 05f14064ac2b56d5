import type { TargetResult } from "../load/generator.ts";
import type { ContainerRun } from "./records.ts";

/** What the load generator measured of one container, as the journal has it: latencies in milliseconds. */
export function containerRun(slot: number, app: string, result: TargetResult): ContainerRun {
  return {
    slot,
    app,
    repeats: result.measured.map(({ requestsPerSecond, latency, requests, errors }) => ({
      rps: requestsPerSecond,
      p50: latency === null ? null : latency.percentiles["p50"]! / 1000,
      p99: latency === null ? null : latency.percentiles["p99"]! / 1000,
      requests,
      errors,
    })),
  };
}
