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

Deno.test("as Docker, the first document is read, and what follows is told and not looked at", () => {
  for (
    const [text, more] of [
      ["a: 1\n---\na: 2\n", 1],
      ["a: 1\n---\n{ broken: [\n", 1],
      ["a: 1\n...\nbroken: [\n", 1],
      ["%YAML 1.1\n---\na: 1\n", 0],
      ["a: 1\n---\n", 0],
    ] as const
  ) {
    let told = 0;
    assert.deepEqual(
      parseYaml(text, "f.yaml", { asDocker: true, onMore: () => void told++ }),
      { a: 1 },
      text,
    );
    assert.equal(told, more, text);
  }
  assert.equal(parseYaml("---\n---\na: 1\n", "f.yaml", { asDocker: true }), null);
  assert.throws(() => parseYaml("a: [\n---\na: 1\n", "f.yaml", { asDocker: true }), /not YAML/);
});

Deno.test("as Docker, numbers and days have the forms of YAML 1.1, and unknown tags mean nothing", () => {
  const read = (text: string) => parseYaml(`a: ${text}\n`, "f.yaml", { asDocker: true });
  for (
    const [text, value] of [
      ...[["0440", 288], ["0o17", 15], ["0b11", 3], ["-0x1", -1], ["1_000", 1000], ["1_0.5", 10.5]],
      ...[["08", 8], ["0", 0], ["-0", 0], ["+5", 5], ["1.", 1], [".5", 0.5], ["1e3", 1000]],
      ...[["18446744073709551615", "18446744073709551615"], [
        "0xFFFFFFFFFFFFFFFF",
        "18446744073709551615",
      ]],
      ...[["1.2.3", "1.2.3"], ["0x", "0x"], ["'0440'", "0440"], ["!!str 0440", "0440"], [
        "_1",
        "_1",
      ]],
      ...[["!reset x", "x"], ["!reset []", []], ["2001-2-30", "2001-2-30"]],
      ...[["2001-2-3", "2001-02-03 00:00:00 +0000 UTC"], ["'2001-02-03'", "2001-02-03"]],
    ] as const
  ) assert.deepEqual(read(text), { a: value }, text);
  assert.throws(() => parseYaml("a: !reset x\n", "f.yaml"), /TAG_RESOLVE_FAILED/);
});

Deno.test("a repeated key is told with its line", () => {
  assert.throws(() => read("a: 1\nb:\n  c: 2\n  c: 3\n"), /f\.yaml: line 4: a key is repeated/);
});
