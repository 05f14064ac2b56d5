import { drawEvenDemand, Random } from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { bytesOf, concatenate, sha256, utf8 } from "./bytes.ts";

/** Configurations that stand for a space that is too large for a table. */
const SAMPLED = 4096;

/**
 * Identifies a surface: SHA-256 over the apps, the slots and the throughput of every configuration
 * (of 4096 fixed ones where the space is too large for a table). Equal for equal throughputs only.
 */
export function surfaceFingerprint(simulator: Simulator): Promise<string> {
  const { apps, capacity } = simulator;
  const head = utf8(JSON.stringify({ format: "metis-surface", version: 1, apps, capacity }));
  const values = simulator.dense ? simulator.table() : sampledThroughputs(simulator);
  return sha256(concatenate([head, bytesOf(values)]));
}

function sampledThroughputs(simulator: Simulator): Float64Array {
  const draws = new Random(1);
  const width = simulator.apps.length;
  return Float64Array.from({ length: SAMPLED }, () => {
    const containers = draws.below(simulator.capacity + 1);
    return simulator.throughput(Uint8Array.from(drawEvenDemand(width, containers, draws)));
  });
}
