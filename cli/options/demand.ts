/**
 * What to place: the options, and the demands that they name, in the app order of the surface.
 * @module
 */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Demand, InputError, UsageError } from "../../domain/mod.ts";
import { readDemands, selectDemands } from "../../profiles/mod.ts";
import { type CliContext, readText } from "../context.ts";
import {
  appIndex,
  MAX_UINT32,
  type NamedLimit,
  parseNamed,
  parseRanges,
  refuseTwice,
  whole,
} from "./parse.ts";

/** A demand as given: by position, or by name where absent apps mean 0. */
export type DemandArgument =
  | { readonly counts: readonly number[] }
  | { readonly named: readonly NamedLimit[] };

/** Containers of each app. */
export const demandOption = () =>
  new Option("--demand <counts>", "containers of each app: 27,32,... or redis=27,isr=3")
    .argParser(parseDemand);

/** A file of demands. */
export const demandsOption = () =>
  new Option(
    "--demands <file>",
    "CSV file of demands: the header names the apps, one demand per row",
  );

/** What to place. */
export const demandOptions = () => [demandOption(), demandsOption()] as const;

/** One row of the file of demands. */
export const rowOption = () =>
  new Option("--row <index>", "row of --demands, from 0").argParser(whole(0, MAX_UINT32));

/** Rows of the file of demands. */
export const rowsOption = () =>
  new Option("--rows <indices>", "rows of --demands, from 0: 0-4,7").argParser((text: string) =>
    parseRanges(text)
  );

/** A demand and the row of its file, or null if it came from the command line. */
export interface DemandRow {
  readonly row: number | null;
  readonly demand: Demand;
}

/**
 * The demands that `--demand`, or `--demands` with its rows, name.
 * @param rows Rows of the file; undefined means all of them.
 * @throws {UsageError} if both or neither are given.
 * @throws {InputError} for an app that the surface does not have, or a row that the file does not have.
 */
export async function loadDemands(
  context: CliContext,
  options: { readonly demand?: DemandArgument | undefined; readonly demands?: string | undefined },
  rows: readonly number[] | undefined,
  apps: readonly string[],
): Promise<DemandRow[]> {
  const { demand, demands: file } = options;
  if ((demand === undefined) === (file === undefined)) {
    throw new UsageError(
      "Say what to place: --demand COUNTS, or --demands FILE (one of the two)",
    );
  }
  if (demand !== undefined) {
    if (rows !== undefined) {
      throw new UsageError("Rows select demands of --demands: --demand has none");
    }
    return [{ row: null, demand: demandOf(demand, apps) }];
  }
  const table = readDemands(await readText(context, file!), file!);
  return selectDemands(table, rows, apps, file!);
}

/** A demand by position (`27,32`) or by name (`redis=27`). */
export function parseDemand(text: string): DemandArgument {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.every((part) => /^\d+$/.test(part) && Number(part) <= MAX_UINT32)) {
    return { counts: parts.map(Number) };
  }
  if (parts.every((part) => part.includes("="))) return { named: parts.map(parseNamed) };
  throw new InvalidArgumentError("It must be whole numbers, 27,32,..., or names, redis=27,isr=3.");
}

/** A demand in the order of the apps. @throws {InputError} for an app that is not among them, or another number of counts. */
export function demandOf(demand: DemandArgument, apps: readonly string[]): Demand {
  if ("counts" in demand) {
    if (demand.counts.length !== apps.length) {
      throw new InputError(
        `--demand has ${demand.counts.length} numbers, but there are ${apps.length} apps: ${
          apps.join(", ")
        }`,
      );
    }
    return demand.counts;
  }
  refuseTwice("--demand", demand.named);
  const counts = new Array<number>(apps.length).fill(0);
  for (const { app, limit } of demand.named) counts[appIndex(app, apps, "--demand")]! += limit;
  return counts;
}
