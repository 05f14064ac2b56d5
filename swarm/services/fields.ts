/** An object of a file, of which nothing is known. */
export type Fields = Record<string, unknown>;

/** True for an object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object without `x-...`, which Compose leaves to others. */
export function withoutExtensions(value: Fields): Fields {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-")));
}
