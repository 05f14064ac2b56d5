import { problemSchema } from "./schema.ts";

/** A form of valibot, as far as problem files use such. */
interface Form {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Form>>;
  readonly items?: readonly Form[];
  readonly item?: Form;
  readonly value?: Form;
  readonly wrapped?: Form;
  readonly options?: readonly (Form | string)[];
  readonly pipe?: readonly { readonly type: string; readonly [key: string]: unknown }[];
}

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema (draft 2020-12) of problem files, made of the form that they are checked by. */
export function problemJsonSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Metis problem file",
    ...schemaOf(problemSchema as unknown as Form),
  };
}

function schemaOf(form: Form): JsonSchema {
  const [, ...checks] = form.pipe ?? [];
  const base = form.pipe === undefined ? form : form.pipe[0] as unknown as Form;
  // What is piped may be a pipe itself: a form with its meaning.
  const inner = base.pipe !== undefined && base !== form ? schemaOf(base) : plainSchema(base);
  return Object.assign({}, inner, ...checks.map((check) => checkOf(check, form.type)));
}

function plainSchema(form: Form): JsonSchema {
  switch (form.type) {
    case "optional":
      return schemaOf(form.wrapped!);
    case "strict_object":
      return objectSchema(form.entries!);
    case "record":
      return { type: "object", additionalProperties: schemaOf(form.value!) };
    case "array":
      return { type: "array", items: schemaOf(form.item!) };
    case "strict_tuple": {
      const items = form.items!.map(schemaOf);
      return { type: "array", prefixItems: items, minItems: items.length, maxItems: items.length };
    }
    case "union":
      return { anyOf: form.options!.map((one) => schemaOf(one as Form)) };
    case "picklist":
      return { enum: form.options };
    default:
      return { type: form.type };
  }
}

function objectSchema(entries: Readonly<Record<string, Form>>): JsonSchema {
  const required = Object.keys(entries).filter((key) => entries[key]!.type !== "optional");
  const properties = Object.entries(entries).map(([key, one]) => [key, schemaOf(one)]);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function checkOf(
  check: { readonly type: string; readonly [key: string]: unknown },
  of: string,
): JsonSchema {
  switch (check.type) {
    case "description":
      return { description: check["description"] };
    case "integer":
      return { type: "integer" };
    case "min_value":
      return { minimum: check["requirement"] };
    case "max_value":
      return { maximum: check["requirement"] };
    case "gt_value":
      return { exclusiveMinimum: check["requirement"] };
    case "min_length":
      return { [of === "array" ? "minItems" : "minLength"]: check["requirement"] };
    default:
      return {};
  }
}
