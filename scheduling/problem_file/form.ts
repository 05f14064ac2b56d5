/**
 * Checks a value against a form of valibot, and notes everything that is wrong: unknown keys with the nearest known one.
 * @module
 */
import * as v from "valibot";
import { suggest } from "../../domain/mod.ts";
import type { Faults, Path } from "./faults.ts";

/** A form whose parts can be looked at. */
interface Form {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Form>>;
  readonly items?: readonly Form[];
  readonly item?: Form;
  readonly value?: Form;
  readonly wrapped?: Form;
}

/**
 * The value in its form. After noting what is wrong, the value without that, so that the rest can be looked at; undefined
 * where nothing is left.
 * @param standIn What stands at a place for what is missing there or of another form; undefined where it is left out.
 */
export function checkForm<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  faults: Faults,
  standIn: StandIn,
): v.InferOutput<Schema> | undefined {
  noteUnknownKeys(schema as unknown as Form, value, [], faults);
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  for (const issue of result.issues ?? []) {
    if (issue.type === "strict_object" && issue.expected === "never") continue;
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    faults.add(
      path,
      issue.received === "undefined" ? missing(issue) : `${issue.message}${got(issue)}`,
    );
  }
  if (!result.success && faults.none) faults.add([], "is no problem file");
  return result.success ? result.output : salvage(schema, value, standIn);
}

/** What stands at a place for what is missing there or of another form; undefined where it is left out. */
export type StandIn = (path: Path) => unknown;

/** The value without what is not of its form. */
function salvage<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  standIn: StandIn,
): v.InferOutput<Schema> | undefined {
  const rest = structuredClone(value);
  // Each round takes something out, or puts what is needed in its place.
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const result = v.safeParse(schema, rest, { abortPipeEarly: true });
    if (result.success) return result.output;
    // From the last, so that the places of a list stay what they are.
    for (const { path = [] } of result.issues.toReversed()) {
      const keys = path.map(({ key }) => key as string | number);
      if (!takeOut(rest, keys, standIn)) return undefined;
    }
  }
  return undefined;
}

const MOST_ROUNDS = 100;

/** Takes the value at a path out, or puts what is needed there; false if there is no such place. */
function takeOut(
  value: unknown,
  path: Path,
  standIn: StandIn,
): boolean {
  const key = path.at(-1);
  const holder = path.slice(0, -1).reduce<unknown>(
    (inner, one) => (inner as Record<string | number, unknown> | undefined)?.[one],
    value,
  );
  if (key === undefined || typeof holder !== "object" || holder === null) return false;
  const entries = holder as Record<string | number, unknown>;
  const instead = standIn(path);
  if (instead !== undefined) entries[key] = structuredClone(instead);
  // A list without one of its parts would number the others otherwise: it goes in whole.
  else if (Array.isArray(holder)) return takeOut(value, path.slice(0, -1), standIn);
  else delete entries[key];
  return true;
}

function missing({ message, type }: v.BaseIssue<unknown>): string {
  return type === "strict_object" ? "is missing" : `is missing: it ${message}`;
}

/** What stands there, where that is short. */
function got({ input }: v.BaseIssue<unknown>): string {
  const text = typeof input === "object" && input !== null
    ? Array.isArray(input) ? "a list" : "keys with values"
    : JSON.stringify(input) ?? `${input}`;
  return `: got ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
}

function noteUnknownKeys(form: Form, value: unknown, path: Path, faults: Faults): void {
  if (form.wrapped !== undefined) return noteUnknownKeys(form.wrapped, value, path, faults);
  if (Array.isArray(value)) {
    value.forEach((one, at) => {
      const item = form.item ?? form.items?.[at];
      if (item !== undefined) noteUnknownKeys(item, one, [...path, at], faults);
    });
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    const { entries } = form;
    if (entries !== undefined && !Object.hasOwn(entries, key)) {
      faults.add([...path, key], `this key is not known${suggest(key, Object.keys(entries))}`);
    }
    const inner = entries?.[key] ?? form.value;
    if (inner !== undefined) noteUnknownKeys(inner, one, [...path, key], faults);
  }
}
