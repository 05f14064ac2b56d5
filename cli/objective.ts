import { InputError, suggest, UsageError } from "../domain/mod.ts";
import type { Aim, Surface } from "../scheduling/mod.ts";
import type { AimFields } from "../scheduling/plans/mod.ts";
import type { CliContext } from "./context.ts";
import type { ObjectiveOptions } from "./options/options.ts";

/**
 * What `--objective` and `--p99-limit` ask for, with the latencies fitted that limits need, or that can be told.
 * @throws {UsageError} where limits are given, but the surface was measured without latencies.
 * @throws {InputError} for a limit on an app that does not exist.
 */
export function loadAim(context: CliContext, surface: Surface, given: ObjectiveOptions): Aim {
  const { apps } = surface;
  const limits = new Array<number | null>(apps.length).fill(null);
  for (const { app, milliseconds } of given.p99Limit ?? []) {
    const at = apps.indexOf(app);
    if (at < 0) throw new InputError(`--p99-limit: unknown app ${app}${suggest(app, apps)}`);
    limits[at] = Math.min(milliseconds, limits[at] ?? Infinity);
  }
  const latency = context.blocking(() => surface.latencies());
  if (latency === null && limits.some((limit) => limit !== null)) {
    throw new UsageError(
      "--p99-limit needs measured latencies: give --profile or --table with columns p99:APP",
    );
  }
  return { objective: given.objective, limits, latency };
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
