/**
 * A schema on a value that is wrong in several places: a schema alone stops at the first key that it does not know.
 * @module
 */
import * as v from "valibot";
import { type Fields, isFields } from "./fields.ts";

/**
 * What a schema makes of a value, without the parts that it refuses.
 * @param schema It must take an empty object.
 * @param refuse Told of all that it refuses.
 */
export function parseLenient<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  refuse: (issues: readonly v.BaseIssue<unknown>[]) => void,
): v.InferOutput<Schema> {
  let left: unknown = structuredClone(value);
  for (;;) {
    const result = v.safeParse(schema, left);
    if (result.success) return result.output;
    refuse(result.issues);
    let isLess = false;
    for (const { path } of result.issues) {
      if (remove(left, (path ?? []).map(({ key }) => String(key)))) isLess = true;
    }
    if (!isLess) left = {};
  }
}

/** Removes what is at a path: of a list all, and where nothing is there, what it is missing in. */
function remove(root: unknown, path: readonly string[]): boolean {
  let holder: Fields | null = null;
  let name = "";
  let at = root;
  for (const key of path) {
    if (!isFields(at) || !Object.hasOwn(at, key)) break;
    [holder, name, at] = [at, key, at[key]];
  }
  if (holder === null || !Object.hasOwn(holder, name)) return false;
  delete holder[name];
  return true;
}
