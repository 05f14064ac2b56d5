import {
  configurationKey,
  countOf,
  inAppOrder,
  type Profile,
  profiledCapacity,
} from "../../domain/mod.ts";
import { writeProfileCsv } from "../../profiles/mod.ts";
import {
  averageRepeats,
  type Measurer,
  ScatteringMeasurer,
  TableMeasurer,
} from "../../profiling/mod.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import type { ProfileArguments } from "./arguments.ts";
import { durationText } from "./load.ts";
import { loadProfile } from "../options/mod.ts";

/** What `metis profile` needs of anything that measures: a table, or a cluster. */
export interface Measuring {
  readonly measurer: Measurer;
  /** What was measured before, with `--resume`. */
  readonly start: Profile | undefined;
  /** Writes the profile to its file. @param measured What the command had from the measurer, `start` included. */
  save(measured: Profile): Promise<void>;
  /** Seconds that so many configurations take, where nothing goes wrong; absent where it takes no time. */
  seconds?(configurations: number): number;
  /** What there is to say at the end. */
  summary(): readonly (readonly [string, string])[];
  /** For `--json`. */
  facts(): Readonly<Record<string, unknown>>;
  /** Ends it, whatever happened. @param finished False if the work was not done to its end. */
  close(finished: boolean): Promise<void>;
}

/** Measurements from a table, for research. */
export async function oracleMeasuring(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
): Promise<Measuring> {
  const table = await loadProfile(context, talk, given.oracle!, given);
  const quiet = new TableMeasurer(table, given.capacity ?? profiledCapacity(table));
  const measurer = given.oracleNoise
    ? new ScatteringMeasurer(quiet, given.oracleNoise, given.seed)
    : quiet;
  await context.checkWritable(given.out);
  const start = given.resume === undefined
    ? undefined
    : inAppOrder(await loadProfile(context, talk, given.out, given), measurer.apps, given.out);
  return {
    measurer,
    start,
    save: (measured) => context.writeFile(given.out, writeProfileCsv(averageRepeats(measured))),
    summary: () => [],
    facts: () => ({}),
    close: () => Promise.resolve(),
  };
}

/** Says how long it will take, before it begins. */
export function tellTime(talk: Talk, measuring: Measuring, configurations: number): void {
  if (configurations === 0 || measuring.seconds === undefined) return;
  talk.notice(
    `about ${durationText(measuring.seconds(configurations))} for ${
      countOf(configurations, "configuration")
    } and apps alone: less by a shorter --duration or fewer --repeats`,
  );
}

/** Keys of the configurations of a profile. */
export function keysOf(profile: Profile | undefined): Set<string> {
  const width = profile?.apps.length ?? 0;
  return new Set(
    Array.from(
      { length: profile?.rows ?? 0 },
      (_, row) => configurationKey(profile!.counts, row * width, width),
    ),
  );
}
