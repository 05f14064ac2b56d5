import assert from "node:assert/strict";
import { PAPER_APPS } from "../../mod.ts";
import { appLetters } from "./words.ts";

Deno.test("appLetters() gives each app another letter, of its own name where it can", () => {
  assert.deepEqual(PAPER_APPS, [
    "redis",
    "mms",
    "checksum",
    "ycsb-a",
    "ycsb-b",
    "scene-detect",
    "isr",
  ]);
  assert.deepEqual(appLetters(PAPER_APPS), ["R", "M", "C", "A", "B", "S", "I"]);
  const alike = Array.from({ length: 26 }, (_, at) => `web-${at}`);
  assert.equal(new Set(appLetters(alike)).size, 26);
});
