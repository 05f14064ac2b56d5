/**
 * What to make large and which latencies to keep: the options, and the aim that they ask for.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { decimal, UsageError } from "../../domain/mod.ts";
import type { Aim, Surface } from "../../scheduling/mod.ts";
import type { AimFields } from "../../scheduling/plans/mod.ts";
import type { CliContext } from "../context.ts";
import type { GivenBy } from "./define.ts";
import { appIndex, refuseTwice } from "./parse.ts";

/** A limit on the latency of an app, as given: `redis=5`. */
export interface NamedMilliseconds {
  readonly app: string;
  readonly milliseconds: number;
}

/** What to make large. */
export const objectiveOption = () =>
  new Option(
    "--objective <name>",
    "what to maximise: total throughput, fairness (the sum of the logarithms of what containers run at), or the slowest " +
      "container (default: throughput)",
  )
    .choices(["throughput", "fair", "worst"] as const);

/** Limits on latencies. */
export const p99LimitOption = () =>
  new Option(
    "--p99-limit <app=ms>",
    "upper limit of the predicted 99th percentile latency of an app: redis=5,web=20 (repeatable)",
  ).argParser<NamedMilliseconds[]>((text, earlier) => [...earlier ?? [], ...parseLimits(text)]);

/** A floor under an app, or under all where it names none, as given: `redis=0.6` or `0.5`. */
export interface Floor {
  readonly app: string | null;
  readonly rps: number;
}

/** The speed that containers must keep. */
export const floorOption = () =>
  new Option(
    "--floor <rps>",
    "normalised RPS that every container must be predicted to keep: 0.5, or by app: redis=0.6,web=0.5 (repeatable)",
  ).argParser<Floor[]>((text, earlier) => [...earlier ?? [], ...parseFloors(text)]);

/** What to make large, and which latencies to keep. */
export const objectiveOptions = () => [objectiveOption(), p99LimitOption()] as const;

/** Values of {@link objectiveOptions}. */
export type ObjectiveOptions = GivenBy<typeof objectiveOptions>;

/**
 * What `--objective`, `--p99-limit` and `--floor` ask for, with the latencies fitted that limits need, or that can be told.
 * @throws {UsageError} if limits are given, but the surface was measured without latencies.
 * @throws {InputError} for a limit or floor of an app that does not exist.
 */
export function loadAim(
  context: CliContext,
  surface: Surface,
  given: Partial<ObjectiveOptions> & { readonly floor?: readonly Floor[] | undefined },
): Aim {
  const { apps } = surface;
  const limits = new Array<number | null>(apps.length).fill(null);
  refuseTwice("--p99-limit", given.p99Limit ?? []);
  for (const { app, milliseconds } of given.p99Limit ?? []) {
    limits[appIndex(app, apps, "--p99-limit")] = milliseconds;
  }
  const latency = context.blocking(() => surface.latencies());
  if (latency === null && limits.some((limit) => limit !== null)) {
    throw new UsageError(
      "--p99-limit needs measured latencies: give --profile or --table with columns p99:APP",
    );
  }
  return {
    objective: given.objective ?? "throughput",
    limits,
    latency,
    floors: floorsOf(given.floor, apps),
  };
}

/** Floor of each app: its own, else that of all, else none. */
function floorsOf(given: readonly Floor[] = [], apps: readonly string[]): (number | null)[] {
  const all = given.filter(({ app }) => app === null);
  if (all.length > 1) throw new UsageError("--floor: give one number for all apps");
  const named = given.flatMap(({ app, rps }) => app === null ? [] : [{ app, rps }]);
  refuseTwice("--floor", named);
  const floors = new Array<number | null>(apps.length).fill(all[0]?.rps ?? null);
  for (const { app, rps } of named) floors[appIndex(app, apps, "--floor")] = rps;
  return floors;
}

/** The fields as pairs for people. */
export function aimPairs(
  fields: AimFields & { readonly worst: number | null; readonly fairness: number | null },
): [string, string][] {
  const { objective, worst, worstBound, fairness, fairnessBound } = fields;
  const { weightedMean, weightedBound, p99 = {}, p99Limits = {}, floors = {} } = fields;
  const pairs: [string, string][] = [];
  if (objective === "worst" && worst !== null) {
    pairs.push(["objective", `worst container (${proofText(worst, worstBound)})`]);
  }
  if (objective === "fair" && fairness !== null) {
    const proof = proofText(fairness, fairnessBound);
    pairs.push(["objective", `fair: geometric mean ${fairness.toFixed(4)} (${proof})`]);
  }
  if (weightedMean !== undefined) {
    const proof = proofText(weightedMean, weightedBound);
    pairs.push(["objective", `weighted mean ${weightedMean.toFixed(4)} (${proof})`]);
  }
  const told = Object.entries(p99).flatMap(([app, most]) => {
    if (most === null) return [];
    const limit = p99Limits[app];
    return [`${app} ${most.toFixed(1)}${limit === undefined ? "" : ` of ${limit}`}`];
  });
  if (told.length > 0) pairs.push(["highest p99, ms", told.join(", ")]);
  const kept = Object.entries(floors).map(([app, floor]) => `${app} ${floor}`);
  if (kept.length > 0) pairs.push(["floors, normalised RPS", kept.join(", ")]);
  return pairs;
}

/** How sure it is that nothing is higher. */
function proofText(value: number, bound: number | null | undefined): string {
  if (bound === null || bound === undefined) return "no bound";
  return bound - value <= PROVEN ? "proven the highest" : `at most ${bound.toFixed(4)}`;
}

/** Difference within which a value counts as its bound. */
const PROVEN = 1e-9;

function parseFloors(text: string): Floor[] {
  return text.split(",").map((part) => {
    const at = part.lastIndexOf("=");
    const rps = decimal(part.slice(at + 1).trim());
    if (at === 0 || !(rps > 0 && rps < Infinity)) {
      throw new InvalidArgumentError(
        "It must be a number above 0, or apps with such: redis=0.6,web=0.5.",
      );
    }
    return { app: at < 0 ? null : part.slice(0, at).trim(), rps };
  });
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
