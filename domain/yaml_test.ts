import assert from "node:assert/strict";
import { parseYaml } from "./yaml.ts";

const read = (text: string) => parseYaml(text, "f.yaml");

Deno.test("one document is read, whatever marks its begin and end", () => {
  assert.deepEqual(read("---\na: 1\n"), { a: 1 });
  assert.deepEqual(read("a: 1\n...\n"), { a: 1 });
});

Deno.test("several documents are refused: all but the first would be lost", () => {
  assert.throws(() => read("a: 1\n---\nb: 2\n"), /^InputError: f\.yaml: holds several documents/);
});

Deno.test("a repeated key is told with its line", () => {
  assert.throws(() => read("a: 1\nb:\n  c: 2\n  c: 3\n"), /f\.yaml: line 4: a key is repeated/);
});
