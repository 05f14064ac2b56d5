import * as v from "valibot";

/** The form of a whole number, 0 or more. */
export const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The form of a name. */
export const name = v.pipe(v.string(), v.minLength(1));

/** The form of an object, refused to lists: to valibot they are objects without fields, or with numbers for names. */
export function notList<Schema extends v.GenericSchema>(schema: Schema): Schema {
  return {
    ...schema,
    "~run": (dataset: { value: unknown }, config: v.Config<v.BaseIssue<unknown>>) =>
      schema["~run"](Array.isArray(dataset.value) ? { value: "a list" } : dataset, config),
  };
}

/** The form of an object whose keys are names that somebody chose. */
export function record<
  Key extends v.GenericSchema<string, string>,
  Value extends v.GenericSchema,
>(key: Key, value: Value): v.RecordSchema<Key, Value, undefined> {
  return notList(v.record(key, value));
}
