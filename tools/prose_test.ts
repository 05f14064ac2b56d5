import assert from "node:assert/strict";
import { translated } from "./_prose.ts";

Deno.test("translated words are named with their line, also across a line break", () => {
  const page =
    "Plain English.\nIt shall be so.\nRead it bit\nby bit. It has 1 slot, not 1 slots left over.\n";
  assert.deepEqual(translated(new Map([["a.md", page], ["b.md", "It should be so, forever.\n"]])), [
    'a.md:2: "shall" reads as translated: say should',
    'a.md:3: "bit by bit" reads as translated: say bit for bit',
    'a.md:4: "1 slots left" reads as translated: say a singular',
  ]);
});
