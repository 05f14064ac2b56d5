/// <reference lib="dom" />
import assert from "node:assert/strict";
import { placed, shows } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** All schedulers on one problem. */
export const GLANCE: readonly Step[] = [
  {
    name: "all schedulers run, the highest mean first, and a click shows one",
    async run(stage) {
      const page = await stage.open("#nodes=6&demand=3.3.2.3.3.2.2&a=spread&b=greedy");
      await placed(page);
      await page.click("#run-all");
      await shows(
        page,
        "#commands",
        /^metis schedule --profile datasets\/lab-7x8\.csv --nodes 6 .*\n.*\nmetis deploy plan\.json$/,
      );
      const rows = await page.locator("#standings tbody tr").evaluateAll((rows) =>
        rows.map((row) => [Number((row as HTMLElement).title.slice(5)), row.textContent!] as const)
      );
      assert.ok(rows.length > 6);
      const means = rows.map(([mean]) => mean);
      assert.deepEqual(means, means.toSorted((a, b) => b - a));
      for (const [, text] of rows) assert.match(text, /\d+ %.*\d+ %[\w-]+.*\d+ ms\d+ %/);
      await shows(page, "#gain", / faster on average than spread, as Docker Swarm places\.$/);
      await page.click("#scatter button[title^='binpack:']");
      await placed(page);
      assert.equal(await page.inputValue(".panel:nth-child(2) .scheduler"), "binpack");
      // An aim that a scheduler does not have is refused in words, and no headline is left.
      await page.selectOption("#floor", "0.5");
      await shows(page, "#verdict .headline", /there is nothing to compare$/);
      await shows(page, "#verdict .more", /does not keep latency limits or floors/);
    },
  },
];
