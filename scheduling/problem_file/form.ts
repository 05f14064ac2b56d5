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

/** The value in its form, or undefined after noting what is wrong. */
export function checkForm<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  faults: Faults,
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
  return result.success ? result.output : undefined;
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
