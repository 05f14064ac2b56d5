import assert from "node:assert/strict";
import fc from "fast-check";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { parseDemand, parseNames, parseRanges, positive, share, whole } from "./mod.ts";

Deno.test("parseRanges() lists numbers and ranges, each once", () => {
  assert.deepEqual(parseRanges("3,5-7,6"), [3, 5, 6, 7]);
});

Deno.test("parseRanges() gives back any list of numbers", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1 }), (numbers) => {
    assert.deepEqual(parseRanges(numbers.join(",")), numbers);
  }));
});

Deno.test("parseRanges() refuses what is no list of ranges, and endless ones", () => {
  for (const text of ["", "a", "3-", "-3", "7-5", "1,,2", "1.5", "0-99999999999", "0-4294967295"]) {
    assert.throws(() => parseRanges(text), InvalidArgumentError, text);
  }
});

Deno.test("parseDemand() reads counts by position and by name", () => {
  assert.deepEqual(parseDemand("27, 32,0"), { counts: [27, 32, 0] });
  assert.deepEqual(parseDemand("redis=27,a=b=3"), {
    named: [{ app: "redis", limit: 27 }, { app: "a=b", limit: 3 }],
  });
});

Deno.test("parseDemand() refuses negative, fractional, mixed and empty counts", () => {
  for (const text of ["", "-1,2", "1.5", "1,redis=2", "1,,2", "redis=", "99999999999", "1e3"]) {
    assert.throws(() => parseDemand(text), InvalidArgumentError, text);
  }
});

Deno.test("parseNames() refuses an empty name", () => {
  assert.deepEqual(parseNames("greedy, optimal"), ["greedy", "optimal"]);
  assert.throws(() => parseNames("greedy,,optimal"), InvalidArgumentError);
});

Deno.test("options take numbers in plain decimal notation alone", () => {
  assert.equal(positive("1e-3"), 0.001);
  for (const text of ["0x10", "0b1", "1_0", "Infinity", "", " 1"]) {
    for (const parse of [positive, share]) {
      assert.throws(() => parse(text), /must be a number/, text);
    }
  }
});

Deno.test("whole() takes whole numbers in its range only", () => {
  const parse = whole(1, 255);
  assert.equal(parse("8"), 8);
  for (const text of ["0", "256", "8.0", "-1", "", " 8", "eight", "1e2", "0x8"]) {
    assert.throws(() => parse(text), InvalidArgumentError, text);
  }
});
