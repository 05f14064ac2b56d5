/**
 * Traffic between apps as CSV: the header `app,app,traffic`, then one pair per line.
 * @module
 */
import { InputError, suggest, type TrafficPair } from "../domain/mod.ts";
import { parseCsv, parseNumber, unguardName } from "./csv.ts";
import { quoted } from "./quoted.ts";

const HEADER = "app,app,traffic";

/**
 * Reads traffic. A pair may be named in either order, once.
 * @param apps Names of the apps: indices are places in this list.
 * @param file Name of the file, for messages.
 * @throws {InputError} naming file and line.
 */
export function readTraffic(text: string, apps: readonly string[], file: string): TrafficPair[] {
  const [header, ...records] = parseCsv(text, file);
  if (header!.fields.join(",") !== HEADER) {
    throw new InputError(`${file}: the first line must be ${HEADER}`);
  }
  const indexOf = new Map(apps.map((app, index) => [app, index]));
  const lineOf = new Map<string, number>();
  return records.map(({ line, fields }) => {
    const place = `${file}: line ${line}`;
    const [a, b] = [fields[0]!, fields[1]!].map((field) => {
      const name = unguardName(field);
      const index = indexOf.get(name);
      if (index === undefined) {
        throw new InputError(`${place}: unknown app ${quoted(name)}${suggest(name, apps)}`);
      }
      return index;
    }) as [number, number];
    if (a === b) throw new InputError(`${place}: ${apps[a]} is paired with itself`);
    const key = `${Math.min(a, b)} ${Math.max(a, b)}`;
    const earlier = lineOf.get(key);
    if (earlier !== undefined) {
      throw new InputError(`${place}: repeats the pair of line ${earlier}: add them up`);
    }
    lineOf.set(key, line);
    const traffic = parseNumber(fields[2]!, () => place);
    if (!(traffic > 0 && traffic < Infinity)) {
      throw new InputError(
        `${place}: traffic must be a number above 0: got ${
          fields[2] === "" ? "nothing" : fields[2]
        }`,
      );
    }
    return { a, b, traffic };
  });
}
