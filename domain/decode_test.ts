import assert from "node:assert/strict";
import { decimal, decodeText, parseJson } from "./decode.ts";
import { InputError } from "./errors.ts";

Deno.test("decodeText() drops a byte order mark and refuses what is not UTF-8", () => {
  assert.equal(decodeText(new TextEncoder().encode("\ufeffä"), "f"), "ä");
  assert.throws(
    () => decodeText(Uint8Array.of(0xff, 0xfe, 65, 0), "f"),
    /^InputError: f: is not text in UTF-8/,
  );
});

Deno.test("decimal() takes plain decimal notation alone for a number", () => {
  const taken = [["1", 1], ["-0", 0], ["+1.5e-3", 0.0015], [".5", 0.5], ["7.", 7]] as const;
  for (const [text, number] of taken) assert.equal(decimal(text), number);
  for (const text of ["", " 1", "0x10", "0b1", "0o7", "1_0", "1,0", "Infinity", "NaN", "1e", "١"]) {
    assert.ok(Number.isNaN(decimal(text)), text);
  }
});

Deno.test("parseJson() reads what JSON.parse reads", () => {
  for (
    const text of [
      '{"a":[1,-0.5e3,{"b":"x\\"{\\u0061","c":null}],"d":{"a":true}} ',
      '"\\ud83d\\udc4d"',
      "[[],{}]",
      "-0",
      '{"valueOf":1,"toString":{"a":":"},"x":"__proto__"}',
    ]
  ) assert.deepEqual(parseJson(text, "f"), JSON.parse(text));
});

const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ["a syntax error, by its place", '{"a": 1,\n b: 2}', /^f: not JSON: line 2, column 2 has "b"$/],
  ["a word that is no value", '{"a": x}', /^f: not JSON: it has "x" out of place$/],
  ["what ends too early", '{"a": [1,', /^f: not JSON: it ends too early$/],
  ["nothing", "", /^f: not JSON: it ends too early$/],
  ["a control character", '"a\n"', /^f: not JSON: line 1, column 3 has "\\n"$/],
  ["a key twice", '{"a":1,"b":2,"a":1}', /^f: an object has the key "a" twice: keep one/],
  ["a key twice, once escaped", '[{"ab":1, "\\u0061b" : 2}]', /the key "ab" twice/],
  ["a number that is none", "[1e400]", /^f: the number 1e400 is too large/],
  [
    "a reserved key",
    '{"a":{"\\u005f_proto__":1}}',
    /^f: the name __proto__ is reserved: choose an/,
  ],
  ["half a character", '["\\ud800"]', /^f: a text has half a character/],
  ["what is nested without end", "[".repeat(101) + "]".repeat(101), /^f: nested too deeply$/],
];
for (const [what, text, message] of refused) {
  Deno.test(`parseJson() refuses ${what}`, () => {
    assert.throws(() => parseJson(text, "f"), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("the message of an error is one printable line, whatever a file put into it", () => {
  assert.equal(new InputError("f: a\n\x1b[31m\u202eb").message, "f: a\\x0a\\x1b[31m\\u{202e}b");
  for (const letter of ["x", "\x01"]) {
    assert.ok(new InputError(letter.repeat(1e6)).message.length <= 2000);
  }
});
