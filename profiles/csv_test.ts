import { strict as assert } from "node:assert";
import fc from "fast-check";
import { refuses } from "./_testing.ts";
import { guardName, MAX_CSV_FIELDS, parseCsv, parseNumber, unguardName, writeCsv } from "./csv.ts";
import { hasUnprintable } from "../domain/mod.ts";
import { quoted } from "./quoted.ts";

const fieldsOf = (text: string) => parseCsv(text, "file").map(({ fields }) => fields);

Deno.test("parseCsv() reads LF, CRLF, quotes, a byte order mark and empty lines at the end", () => {
  const wanted = [["a", "b,c"], ['say "x"', ""]];
  for (const newline of ["\n", "\r\n"]) {
    for (const end of ["", newline, newline + newline]) {
      const text = `a,"b,c"${newline}"say ""x""",${end}`;
      assert.deepEqual(fieldsOf(text), wanted);
      assert.deepEqual(fieldsOf(`\ufeff${text}`), wanted);
    }
  }
});

Deno.test("parseCsv() counts lines from 1", () => {
  assert.deepEqual(parseCsv("a\n1\n2\n", "file").map(({ line }) => line), [1, 2, 3]);
});

Deno.test("writeCsv() and parseCsv() are inverse for all printable fields", () => {
  const field = fc.string({ unit: "grapheme" }).filter((text) => !hasUnprintable(text));
  const table = fc.integer({ min: 2, max: 5 }).chain((width) =>
    fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1 })
  );
  fc.assert(fc.property(table, (records) => {
    assert.deepEqual(fieldsOf(writeCsv(records)), records);
  }));
});

Deno.test("guardName() keeps spreadsheets from running a name, and unguardName() undoes it", () => {
  for (const name of ["=1+1", "+x", "-x", "@x", "'=x", "''x"]) {
    assert.match(guardName(name), /^'/);
    assert.equal(unguardName(guardName(name)), name);
  }
  for (const name of ["redis", "a=b", "x'"]) assert.equal(guardName(name), name);
  fc.assert(fc.property(fc.string(), (name) => unguardName(guardName(name)) === name));
});

Deno.test("parseNumber() reads what String() writes of any finite number, and plain decimals", () => {
  fc.assert(fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
    assert.equal(parseNumber(String(value), () => "file"), value + 0);
  }));
  const cases: [string, number][] = [
    ["1.", 1],
    [".5", 0.5],
    ["+3e2", 300],
    [" 7 ", 7],
    ["", NaN],
    ["NaN", NaN],
    ["-inf", -Infinity],
    ["Infinity", Infinity],
    ["-0", 0],
  ];
  for (const [field, value] of cases) {
    assert.ok(Object.is(parseNumber(field, () => "file"), value), field);
  }
});

for (const field of ["0x10", "1_000", "1,5", "1e", "--1", "N/A", "true", "1 2", "٣", "=1"]) {
  Deno.test(`parseNumber() refuses ${field}`, () =>
    refuses(() => parseNumber(field, () => "file: row 0"), /^file: row 0: ".*" is not a number$/));
}

const refused: [string, string, RegExp][] = [
  ["an empty text", "", /is empty/],
  ["line feeds only", "\r\n\n", /is empty/],
  ["a missing field", "a,b\n1,2\n1\n", /line 3 has 1 fields, the header has 2/],
  ["a field too many", "a\n1,2\n", /line 2 has 2 fields, the header has 1/],
  ["an empty line in between", "a,b\n\n1,2\n", /line 2 has nothing, the header has 2/],
  ["an open quote", 'a,b\n1,"2\n', /line 2, field 2 is quoted, but not closed/],
  ["text behind a quote", 'a,b\n"1"x,2\n', /line 2, field 1 has text after its closing quote/],
  [
    "a line feed in quotes",
    'a\n"1\n2"\n',
    /line 2, field 1 holds a control character: "1\\u000a2"/,
  ],
  ["a bare carriage return", "a\r1\nx", /line 1, field 1 holds a control character/],
  ["a NUL", "a\n\0\n", /line 2, field 1 holds a control character: "\\u0000"/],
  ["a long field", `a\n${"x".repeat(1001)}\n`, /line 2, field 1 is longer than 1000/],
  ["too many fields", `${",".repeat(MAX_CSV_FIELDS)}\n`, /field 4097 is one too many/],
];
for (const [what, text, message] of refused) {
  Deno.test(`parseCsv() refuses ${what}`, () => refuses(() => parseCsv(text, "file"), message));
}

Deno.test("quoted() shows hostile text as one short line", () => {
  assert.equal(quoted("a\n\u001b[31m\u202eb"), '"a\\u000a\\u001b[31m\\u202eb"');
  assert.equal(quoted("x".repeat(99)).length, 45);
});
