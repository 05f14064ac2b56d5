import { Random, UsageError } from "../domain/mod.ts";

/** The contended resources of a node. */
export const RESOURCES = ["cpu", "cache", "bandwidth", "network"] as const;

/** A number per resource. */
export type PerResource = Readonly<Record<typeof RESOURCES[number], number>>;

/** An app that runs faster beside another one. */
export interface Dependency {
  /** Name of the app that it asks. */
  readonly app: string;
  /** How many times as fast it is where every request is answered on its node; above 1. */
  readonly speedup: number;
  /** How many of its containers one container of the other app can answer; above 0. */
  readonly served: number;
}

/** A made-up app. */
export interface SyntheticApp {
  /** Name in profiles and demands. */
  readonly name: string;
  /** What one container takes of each resource of a node, as a share; 0 or more. */
  readonly load: PerResource;
  /** Shares of the time per request spent on each resource; 0 or more, together at most 1. */
  readonly time: PerResource;
  /** The app whose answers it waits for, or null. */
  readonly dependency: Dependency | null;
}

function app(
  name: string,
  load: readonly [cpu: number, cache: number, bandwidth: number, network: number],
  time: readonly [cpu: number, cache: number, bandwidth: number, network: number],
  dependency: SyntheticApp["dependency"] = null,
): SyntheticApp {
  return { name, load: perResource(load), time: perResource(time), dependency };
}

function perResource([cpu, cache, bandwidth, network]: readonly [
  number,
  number,
  number,
  number,
]): PerResource {
  return { cpu, cache, bandwidth, network };
}

/**
 * Seven made-up apps, named after the kinds of workload of the 2020 paper. Their numbers are chosen by
 * hand so that the kinds behave plausibly (a store suffers from cache and network, a checksum from
 * memory bandwidth); none is measured or fitted.
 */
export const PAPER_WORKLOADS: readonly SyntheticApp[] = Object.freeze([
  // Shares of load, then of time, each in the order cpu, cache, bandwidth, network.
  app("redis", [0.15, 0.20, 0.12, 0.32], [0.10, 0.50, 0.10, 0.30]),
  app("mms", [0.26, 0.14, 0.12, 0.06], [0.15, 0.05, 0.05, 0.00], {
    app: "redis",
    speedup: 2.6,
    served: 1.5,
  }),
  app("checksum", [0.18, 0.16, 0.26, 0.04], [0.10, 0.20, 0.60, 0.00]),
  app("ycsb-a", [0.22, 0.30, 0.22, 0.30], [0.20, 0.30, 0.15, 0.30]),
  app("ycsb-b", [0.20, 0.34, 0.18, 0.28], [0.15, 0.40, 0.10, 0.30]),
  app("scene-detect", [0.30, 0.26, 0.24, 0.04], [0.60, 0.15, 0.15, 0.00]),
  app("isr", [0.22, 0.10, 0.10, 0.05], [0.15, 0.05, 0.05, 0.00], {
    app: "redis",
    speedup: 1.7,
    served: 2,
  }),
]);

/**
 * Made-up apps for benchmarks with many apps: every fourth depends on an earlier one.
 * @param count How many, 1 to 255; they are named app-1, app-2, ...
 * @param seed Whole number from 0 to 2^32 - 1; the same seed gives the same apps.
 * @throws {UsageError} if `count` is out of range.
 */
export function randomApps(count: number, seed: number): SyntheticApp[] {
  if (!Number.isInteger(count) || count < 1 || count > 255) {
    throw new UsageError(`Number of apps must be a whole number from 1 to 255: got ${count}`);
  }
  const random = new Random(seed);
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  return Array.from({ length: count }, (_, at): SyntheticApp => {
    const load = RESOURCES.map(() => between(0.02, 0.26));
    const shares = RESOURCES.map(() => random.uniform());
    const disturbed = between(0.3, 0.95) / shares.reduce((sum, share) => sum + share, 0.01);
    const depends = at % 4 === 3;
    return {
      name: `app-${at + 1}`,
      load: perResource(load as [number, number, number, number]),
      time: perResource(
        shares.map((share) => share * disturbed) as [number, number, number, number],
      ),
      dependency: depends
        ? {
          app: `app-${1 + random.below(at)}`,
          speedup: between(1.3, 2.6),
          served: between(0.5, 2),
        }
        : null,
    };
  });
}
