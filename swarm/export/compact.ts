import type { Json } from "./yaml.ts";

/** The object without fields that say nothing: undefined, empty lists, empty objects. */
export function compact(fields: Readonly<Record<string, Json | undefined>>): Json {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Json] => {
      const value = field[1];
      return value !== undefined &&
        !(typeof value === "object" && value !== null && Object.keys(value).length === 0);
    }),
  );
}
