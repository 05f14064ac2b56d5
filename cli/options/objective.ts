/**
 * What to make large and which latencies to keep: the options, and the aim that they ask for.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { decimal, InputError, suggest, UsageError } from "../../domain/mod.ts";
import type { Aim, Surface } from "../../scheduling/mod.ts";
import type { AimFields } from "../../scheduling/plans/mod.ts";
import type { CliContext } from "../context.ts";
import type { GivenBy } from "./define.ts";
import { refuseTwice } from "./parse.ts";

/** A limit on the latency of an app, as given: `redis=5`. */
export interface NamedMilliseconds {
  readonly app: string;
  readonly milliseconds: number;
}

/** What to make large. */
export const objectiveOption = () =>
  new Option("--objective <name>", "what to maximise: total throughput, or the slowest container")
    .choices(["throughput", "worst"] as const).default("throughput" as const);

/** Limits on latencies. */
export const p99LimitOption = () =>
  new Option(
    "--p99-limit <app=ms>",
    "upper limit of the predicted 99th percentile latency of an app: redis=5,web=20 (repeatable)",
  ).argParser<NamedMilliseconds[]>((text, earlier) => [...earlier ?? [], ...parseLimits(text)]);

/** What to make large, and which latencies to keep. */
export const objectiveOptions = () => [objectiveOption(), p99LimitOption()] as const;

/** Values of {@link objectiveOptions}. */
export type ObjectiveOptions = GivenBy<typeof objectiveOptions>;

/**
 * What `--objective` and `--p99-limit` ask for, with the latencies fitted that limits need, or that can be told.
 * @throws {UsageError} if limits are given, but the surface was measured without latencies.
 * @throws {InputError} for a limit on an app that does not exist.
 */
export function loadAim(context: CliContext, surface: Surface, given: ObjectiveOptions): Aim {
  const { apps } = surface;
  const limits = new Array<number | null>(apps.length).fill(null);
  refuseTwice("--p99-limit", given.p99Limit ?? []);
  for (const { app, milliseconds } of given.p99Limit ?? []) {
    const at = apps.indexOf(app);
    if (at < 0) throw new InputError(`--p99-limit: unknown app ${app}${suggest(app, apps)}`);
    limits[at] = milliseconds;
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

function parseLimits(text: string): NamedMilliseconds[] {
  return text.split(",").map((part) => {
    const at = part.lastIndexOf("=");
    const milliseconds = decimal(part.slice(at + 1));
    if (at < 1 || !(milliseconds > 0 && milliseconds < Infinity)) {
      throw new InvalidArgumentError("It must be apps with milliseconds above 0: redis=5,web=20.");
    }
    return { app: part.slice(0, at).trim(), milliseconds };
  });
}
