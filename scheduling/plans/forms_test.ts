import assert from "node:assert/strict";
import * as v from "valibot";
import { notList, record } from "./forms.ts";

Deno.test("a list is no object, whatever the object may lack", () => {
  const schemas = [
    record(v.string(), v.number()),
    notList(v.strictObject({ a: v.optional(v.number()) })),
  ];
  for (const schema of schemas) {
    assert.deepEqual(v.parse(schema, { a: 1 }), { a: 1 });
    assert.deepEqual(v.parse(schema, {}), {});
    for (const list of [[], [1]]) assert.equal(v.safeParse(schema, list).success, false);
  }
});
