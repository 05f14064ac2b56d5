import assert from "node:assert/strict";
import { PAPER_APPS } from "../../mod.ts";
import { appLetters, changeText } from "./words.ts";

Deno.test("appLetters() gives each app another letter, of its own name where it can", () => {
  const letters = appLetters(PAPER_APPS);
  const told = PAPER_APPS.map((app, at) => `${app} ${letters[at]}`).join(", ");
  assert.equal(told, "redis R, mms M, checksum C, ycsb-a A, ycsb-b B, scene-detect S, isr I");
  const alike = Array.from({ length: 26 }, (_, at) => `web-${at}`);
  assert.equal(new Set(appLetters(alike)).size, 26);
});

Deno.test("changeText() shows two digits or more of a change, and its sign", () => {
  const shares = [1.426, 0.386, 0.0996, -0.0994, 0.01, -0.00994, 0.00004];
  assert.deepEqual(
    shares.map(changeText),
    ["+143 %", "+39 %", "+10 %", "−9.9 %", "+1.0 %", "−0.99 %", "+0.00 %"],
  );
});
