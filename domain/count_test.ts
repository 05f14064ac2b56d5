import assert from "node:assert/strict";
import { largeNumber } from "./count.ts";

Deno.test("numbers that nobody counts one by one are said in words", () => {
  const said = [70, 999_999, 30_421_755, 4.3e13, 999e12, 1e15, 4.3e83, Infinity].map(largeNumber);
  assert.deepEqual(said, [
    "70",
    "999999",
    "30.4 million",
    "43 trillion",
    "999 trillion",
    "more than 1000 trillion",
    "more than 1000 trillion",
    "more than 1000 trillion",
  ]);
});
