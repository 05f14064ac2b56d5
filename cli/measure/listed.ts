import { configurationKey } from "../../domain/mod.ts";
import { type Measurement, profileOf } from "../../profiling/mod.ts";
import {
  everyConfiguration,
  randomConfigurations,
  readSeries,
  shortTour,
} from "../../swarm/measure/configurations.ts";
import { type CliContext, printJson } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { renderPairs } from "../output/table.ts";
import type { ProfileArguments } from "./arguments.ts";
import { keysOf, type Measuring, tellTime } from "./measuring.ts";

/** Measures what `--series`, `--random` or `--all` lists, but what was measured before. */
export async function runListed(
  context: CliContext,
  talk: Talk,
  given: ProfileArguments,
  measuring: Measuring,
): Promise<void> {
  const { measurer, start } = measuring;
  const listed = listConfigurations(given, measuring);
  const known = keysOf(start);
  const width = measurer.apps.length;
  const left = listed.filter((counts) => !known.has(configurationKey(counts, 0, width)));
  if (left.length < listed.length) {
    talk.notice(`${listed.length - left.length} of ${listed.length} were measured before`);
  }
  tellTime(talk, measuring, left.length);
  const measured: Measurement[] = [];
  const results = left.length === 0 ? [] : await measurer.measure(left, context.signal);
  measured.push(...results.filter((one) => one !== null));
  await measuring.save(profileOf(measurer.apps, measured, start));
  talk.clear();
  const missing = left.length - measured.length;
  if (given.json) {
    return printJson(context, {
      profile: given.out,
      apps: measurer.apps,
      configurations: listed.length,
      measured: listed.length - missing,
      missing,
      ...measuring.facts(),
    });
  }
  context.stdout.write(renderPairs([
    ["profile", given.out],
    ["configurations", `${listed.length - missing} of ${listed.length} measured`],
    ...measuring.summary(),
  ]));
}

function listConfigurations(
  given: ProfileArguments,
  { measurer: { apps, capacity } }: Measuring,
): Uint8Array[] {
  if (given.series !== undefined) return readSeries(given.series, apps, capacity);
  const drawn = given.random === undefined
    ? everyConfiguration(apps.length, capacity)
    : randomConfigurations(given.random, apps.length, capacity, given.seed);
  return shortTour(drawn);
}
