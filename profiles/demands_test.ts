import { strict as assert } from "node:assert";
import fc from "fast-check";
import { refuses } from "./_testing.ts";
import { readDemands, writeDemandsCsv } from "./demands.ts";

Deno.test("readDemands() reads a demand per line, in the apps of the header", () => {
  assert.deepEqual(readDemands("redis,mms\r\n3,0\r\n12,7\r\n", "file"), {
    apps: ["redis", "mms"],
    demands: [[3, 0], [12, 7]],
  });
});

Deno.test("writeDemandsCsv() and readDemands() are inverse, whatever the apps are called", () => {
  const name = fc.constantFrom("redis", "a,b", 'q"', "=cmd()", "'-1", "é", "toString", "app 1");
  const table = fc.uniqueArray(name, { minLength: 1 }).chain((apps) =>
    fc.record({
      apps: fc.constant(apps),
      demands: fc.array(
        fc.array(fc.maxSafeNat(), { minLength: apps.length, maxLength: apps.length }),
        { minLength: 1 },
      ),
    }, { noNullPrototype: true })
  );
  fc.assert(fc.property(table, (demands) => {
    assert.deepEqual(readDemands(writeDemandsCsv(demands), "file"), demands);
  }));
});

const refused: [string, string, RegExp][] = [
  ["an empty file", "", /is empty/],
  ["a header alone", "a,b\n", /has no rows/],
  ["a negative count", "a,b\n1,-2\n", /row 0 \(line 2\), column b: .* got -2/],
  ["a fractional count", "a,b\n1,2\n1.5,2\n", /row 1 \(line 3\), column a: .* got 1.5/],
  ["an empty cell", "a,b\n1,\n", /column b: .* got nothing/],
  ["a word", "a,b\n1,x\n", /row 0 \(line 2\), column b: "x" is not a number/],
  ["a count beyond 2^53", "a\n9007199254740993\n", /column a: .* got 9007199254740992/],
  ["an infinite count", "a\ninf\n", /got Infinity/],
  ["an app named twice", "a,a\n1,2\n", /column 2: app "a" is named twice/],
  ["an app without a name", "a,\n1,2\n", /column 2: app name "" is empty/],
  ["a reserved name", "constructor,b\n1,2\n", /column 1: the name constructor is reserved/],
  ["a profile", "a,rps:a\n1,2\n", /column 2: app name "rps:a" looks like a column of values/],
];
for (const [what, text, message] of refused) {
  Deno.test(`readDemands() refuses ${what}`, () =>
    refuses(() => readDemands(text, "file"), message));
}

Deno.test("writeDemandsCsv() refuses what could not be read back", () =>
  refuses(
    () => writeDemandsCsv({ apps: ["a"], demands: [[-1]] }),
    /column a: a demand must be/,
    "Demands to write",
  ));
