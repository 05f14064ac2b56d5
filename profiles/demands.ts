/**
 * Demands as CSV: a header of app names, then one demand per line.
 * @module
 */
import { appOrder, type Demand, InputError } from "../domain/mod.ts";
import { checkAppNames } from "./check.ts";
import { guardName, parseCsv, parseNumber, unguardName, writeCsv } from "./csv.ts";

/** Demands on the same apps. */
export interface DemandTable {
  /** Names of the apps, in the order of the columns. */
  readonly apps: string[];
  /** Containers of each app, a row per demand; whole numbers, 0 or more. */
  readonly demands: number[][];
}

/**
 * Reads demands.
 * @param file Name of the file, for messages.
 * @throws {InputError} naming file, row (from 0), line (from 1) and column.
 */
export function readDemands(text: string, file: string): DemandTable {
  const [header, ...records] = parseCsv(text, file);
  const apps = header!.fields.map(unguardName);
  checkAppNames(apps, file);
  if (records.length === 0) {
    throw new InputError(`${file}: has no rows: add one line per demand`);
  }
  const demands = records.map(({ line, fields }, row) =>
    fields.map((field, app) => {
      const place = () => `${file}: row ${row} (line ${line}), column ${apps[app]}`;
      const count = parseNumber(field, place);
      if (!Number.isSafeInteger(count) || count < 0) {
        throw new InputError(
          `${place()}: a demand must be a whole number, 0 or more: got ${
            field === "" ? "nothing" : count
          }`,
        );
      }
      return count;
    })
  );
  return { apps, demands };
}

/** A demand, and the row of the table that it is. */
export interface DemandOfRow {
  /** From 0. */
  readonly row: number;
  /** Containers of each app. */
  readonly demand: Demand;
}

/**
 * Demands of a table by row.
 * @param rows Rows wanted, in this order; undefined means all.
 * @param apps Apps in the order of the demands that are returned. @param file Name of the table, for messages.
 * @throws {InputError} if the table has other apps, or no such row.
 */
export function selectDemands(
  table: DemandTable,
  rows: readonly number[] | undefined,
  apps: readonly string[],
  file: string,
): DemandOfRow[] {
  const order = appOrder(apps, table.apps, file);
  return (rows ?? table.demands.map((_, row) => row)).map((row) => {
    const found = table.demands[row];
    if (found === undefined) {
      throw new InputError(
        `${file}: there is no row ${row}: rows are 0 to ${table.demands.length - 1}`,
      );
    }
    return { row, demand: order.map((at) => found[at]!) };
  });
}

/**
 * Writes demands as CSV; {@link readDemands} gives them back.
 * @throws {InputError} for demands that could not be read back.
 */
export function writeDemandsCsv(table: {
  readonly apps: readonly string[];
  readonly demands: readonly Demand[];
}): string {
  const text = writeCsv([
    table.apps.map(guardName),
    ...table.demands.map((demand) => demand.map(String)),
  ]);
  readDemands(text, "Demands to write");
  return text;
}
