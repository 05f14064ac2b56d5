/**
 * Traces as CSV: `hours,event,app,count,node`, a line for each event, in the order of their hours.
 *
 * - `arrive` and `depart` have an app and a count; the node is empty.
 * - `fail` and `return` have a node, n0 to n(nodes - 1); app and count are empty.
 * - `end`, the last line, has none of them; without it, the trace ends with its last event.
 * @module
 */
import { InputError, suggest } from "../../domain/mod.ts";
import { guardName, parseCsv, parseNumber, unguardName, writeCsv } from "../../profiles/csv.ts";
import { quoted } from "../../profiles/quoted.ts";
import { MOST_EVENTS } from "./draw.ts";
import { type Trace, type TraceEvent, TraceState } from "./trace.ts";

const HEADER = ["hours", "event", "app", "count", "node"];
const KINDS = ["arrive", "depart", "fail", "return", "end"] as const;

/** Where a trace is to happen. */
export interface TraceNames {
  /** Names of the apps, in the order of the indices. */
  readonly apps: readonly string[];
  /** Number of nodes: their names are n0, n1, ... */
  readonly nodes: number;
}

/**
 * Reads a trace.
 * @param file Name of the file, for messages.
 * @throws {InputError} naming file and line, for an event that cannot happen too.
 */
export function readTrace(text: string, { apps, nodes }: TraceNames, file: string): Trace {
  const [header, ...records] = parseCsv(text, file);
  if (header!.fields.join() !== HEADER.join()) {
    throw new InputError(`${file}: its header must be ${HEADER.join()}`);
  }
  if (records.length === 0) throw new InputError(`${file}: has no events: add one on each line`);
  if (records.length > MOST_EVENTS) {
    throw new InputError(`${file}: has more than ${MOST_EVENTS} events, which is not supported`);
  }
  const state = new TraceState(apps, nodes);
  const events: TraceEvent[] = [];
  let last = 0;
  let ended = false;
  for (const { line, fields } of records) {
    const place = `${file}: line ${line}`;
    if (ended) throw new InputError(`${place}: comes after the end: end must be the last line`);
    const hours = hoursOf(fields[0]!, last, place);
    last = hours;
    const event = eventOf(fields, hours, { apps, nodes }, place);
    if (event === null) {
      ended = true;
      continue;
    }
    try {
      state.apply(event);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${place}: ${error.message}`, { cause: error });
    }
    events.push(event);
  }
  if (last === 0) throw new InputError(`${file}: ends at 0 hours: add a line such as 24,end,,,`);
  return { hours: last, events };
}

/** Writes a trace as CSV; {@link readTrace} gives it back. */
export function writeTrace({ hours, events }: Trace, apps: readonly string[]): string {
  return writeCsv([
    HEADER,
    ...events.map((event) =>
      "app" in event
        ? [`${event.hours}`, event.kind, guardName(apps[event.app]!), `${event.count}`, ""]
        : [`${event.hours}`, event.kind, "", "", `n${event.node}`]
    ),
    [`${hours}`, "end", "", "", ""],
  ]);
}

function hoursOf(field: string, last: number, place: string): number {
  const hours = parseNumber(field, () => `${place}, column hours`);
  if (!(hours >= last && Number.isFinite(hours))) {
    throw new InputError(
      `${place}, column hours: must be a number, at least ${last}${
        last > 0 ? " as on the line before" : ""
      }: got ${quoted(field)}`,
    );
  }
  return hours;
}

/** The event of a line; null for the end. */
function eventOf(
  fields: readonly string[],
  hours: number,
  { apps, nodes }: TraceNames,
  place: string,
): TraceEvent | null {
  const [, name, appName, count, nodeName] = fields as [string, string, string, string, string];
  const kind = KINDS.find((one) => one === name);
  if (kind === undefined) {
    throw new InputError(`${place}: there is no event ${quoted(name)}${suggest(name, KINDS)}`);
  }
  const needEmpty = (...columns: number[]): void => {
    const filled = columns.find((column) => fields[column] !== "");
    if (filled === undefined) return;
    throw new InputError(`${place}, column ${HEADER[filled]}: must be empty for ${kind}`);
  };
  if (kind === "arrive" || kind === "depart") {
    needEmpty(4);
    const app = apps.indexOf(unguardName(appName));
    if (app < 0) {
      throw new InputError(`${place}: there is no app ${quoted(appName)}${suggest(appName, apps)}`);
    }
    return { hours, kind, app, count: parseNumber(count, () => `${place}, column count`) };
  }
  needEmpty(2, 3);
  if (kind === "end") {
    needEmpty(4);
    return null;
  }
  const [, digits] = /^n(0|[1-9][0-9]{0,8})$/.exec(nodeName) ?? [];
  if (digits === undefined || Number(digits) >= nodes) {
    throw new InputError(
      `${place}: there is no node ${quoted(nodeName)}: nodes are n0 to n${nodes - 1}`,
    );
  }
  return { hours, kind, node: Number(digits) };
}
