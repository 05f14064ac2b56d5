import {
  InputError,
  type InterferenceModel,
  type Placement,
  type Profile,
  suggest,
  UsageError,
} from "../domain/mod.ts";
import type { AimFields } from "../scheduling/plans/mod.ts";
import type { Objective } from "../scheduling/objective.ts";
import { groupConfigurations } from "../scheduling/value.ts";
import type { Simulator } from "../sim-wasm/mod.ts";
import type { CliContext } from "./context.ts";
import { aboutFile, DEFAULT_FIT, type Surface } from "./input.ts";
import type { ObjectiveOptions, SurfaceOptions } from "./options/options.ts";

/** What `--objective` and `--p99-limit` ask for, ready to be used. */
export interface Aim {
  readonly objective: Objective;
  /** Milliseconds per app, null = none. */
  readonly limits: readonly (number | null)[];
  /** Predicts latencies, where the surface was measured with them. */
  readonly latency: { predict(counts: Uint8Array, rows: number): Float64Array } | null;
}

/**
 * Fits the latencies that limits need, or that can be told.
 * @throws {UsageError} where limits are given, but the surface was measured without latencies.
 * @throws {InputError} for a limit on an app that does not exist.
 */
export async function loadAim(
  context: CliContext,
  surface: Surface,
  given: ObjectiveOptions & SurfaceOptions & { readonly seed?: number | undefined },
): Promise<Aim> {
  const { apps } = surface.model;
  const limits = new Array<number | null>(apps.length).fill(null);
  for (const { app, milliseconds } of given.p99Limit ?? []) {
    const at = apps.indexOf(app);
    if (at < 0) throw new InputError(`--p99-limit: unknown app ${app}${suggest(app, apps)}`);
    limits[at] = Math.min(milliseconds, limits[at] ?? Infinity);
  }
  const wanted = limits.some((limit) => limit !== null);
  const { profile } = surface;
  if (profile?.p99 === undefined) {
    if (wanted) {
      throw new UsageError(
        "--p99-limit needs measured latencies: give --profile or --table with columns p99:APP",
      );
    }
    return { objective: given.objective, limits, latency: null };
  }
  const { fitLatency, fitModel, TableModel } = await import("../models/mod.ts");
  const { seed = 1, fallback } = given;
  const fit = (paces: Profile): InterferenceModel =>
    given.table === undefined
      ? fitModel(given.fit ?? DEFAULT_FIT, paces, { seed })
      : new TableModel(
        paces,
        fallback === undefined ? null : fitModel(fallback, paces, { seed }),
      );
  const latency = context.blocking(() => aboutFile(surface.source, () => fitLatency(profile, fit)));
  return { objective: given.objective, limits, latency };
}

/** The simulator without what the limits forbid; the same one where there are none. */
export async function limitedBy(
  simulator: Simulator,
  { limits, latency }: Aim,
): Promise<Simulator> {
  if (latency === null || limits.every((limit) => limit === null)) return simulator;
  const { forbidSlow } = await import("../scheduling/limits.ts");
  return forbidSlow(simulator, latency, limits);
}

/** What a problem says about its objective; nothing where it is the usual one. */
export function objectiveOf({ objective }: Aim): { readonly objective?: Objective } {
  return objective === "throughput" ? {} : { objective };
}

/** The fields about a placement. @param boundWorst What was proven about every other, where anything was. */
export function aimFields(
  aim: Aim,
  apps: readonly string[],
  placement: Placement,
  boundWorst?: number,
): AimFields {
  const { objective, limits, latency } = aim;
  const limited = apps.flatMap((app, at) =>
    limits[at] === null ? [] : [[app, limits[at]!] as const]
  );
  return {
    ...(objective === "throughput" ? {} : { objective, worstBound: boundWorst ?? null }),
    ...(latency === null ? {} : { p99: slowestLatencies(latency, apps, placement) }),
    ...(limited.length === 0 ? {} : { p99Limits: Object.fromEntries(limited) }),
  };
}

function slowestLatencies(
  latency: NonNullable<Aim["latency"]>,
  apps: readonly string[],
  placement: Placement,
): Record<string, number | null> {
  const groups = groupConfigurations(placement);
  const counts = new Uint8Array(groups.length * apps.length);
  groups.forEach((group, row) => counts.set(group.counts, row * apps.length));
  const latencies = latency.predict(counts, groups.length);
  return Object.fromEntries(apps.map((app, at) => {
    let most: number | null = null;
    for (let cell = at; cell < counts.length; cell += apps.length) {
      if (counts[cell]! > 0) most = Math.max(most ?? 0, latencies[cell]!);
    }
    return [app, most];
  }));
}

/** The fields as pairs for people. */
export function aimPairs(
  fields: AimFields & { readonly worst: number | null },
): [string, string][] {
  const { objective, worst, worstBound, p99 = {}, p99Limits = {} } = fields;
  const pairs: [string, string][] = [];
  if (objective === "worst" && worst !== null) {
    const proof = worstBound === null || worstBound === undefined
      ? "no bound"
      : worstBound - worst <= 1e-9
      ? "proven the highest"
      : `at most ${worstBound.toFixed(4)}`;
    pairs.push(["objective", `worst container (${proof})`]);
  }
  const told = Object.entries(p99).flatMap(([app, most]) => {
    if (most === null) return [];
    const limit = p99Limits[app];
    return [`${app} ${most.toFixed(1)}${limit === undefined ? "" : ` of ${limit}`}`];
  });
  if (told.length > 0) pairs.push(["highest p99, ms", told.join(", ")]);
  return pairs;
}
