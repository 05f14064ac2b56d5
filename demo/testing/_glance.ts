/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { meanText } from "../views/figures.ts";
import { placed, proved, shows, textOf } from "./_page.ts";
import { exported, fairnessFrontier } from "./_plans.ts";
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
      await fairnessCosts(page);
      // An aim that a scheduler does not have is refused in words, and no headline is left.
      await page.fill("#floor", "45");
      await page.locator("#floor").blur();
      await shows(page, "#verdict .headline", /there is nothing to compare$/);
      await shows(page, "#verdict .more", /does not keep latency limits or floors/);
    },
  },
];

/** The slider of fairness has what the command line finds, and a point of it becomes the first placement. */
async function fairnessCosts(page: Page): Promise<void> {
  await shows(page, "#floor-cost", /^To keep every container at 50 % .* of the highest mean/);
  const told = await fairnessFrontier(await exported(page, 1));
  await page.click("#fairness-find");
  await page.waitForFunction(
    (last) => document.querySelector<HTMLInputElement>("#fairness")!.max === last,
    String(told.length - 1),
  );
  await shows(page, "#fairness-find", /^What fairness costs$/);
  const said: string[] = [];
  for (let at = 0; at < told.length; at++) {
    await page.fill("#fairness", String(at));
    const least = Math.round(100 * told[at]!.worst);
    said.push(await shows(page, "#fairness-said", new RegExp(`at ${least} % .* mean`)));
  }
  told.forEach(({ mean }, at) =>
    assert.match(said[at]!, new RegExp(`mean(?: is|,) ${Math.round(100 * mean)} %`))
  );
  await page.click("#fairness-show");
  await proved(page);
  assert.equal(await textOf(page, ".panel:nth-child(1) .mean"), meanText(told.at(-1)!.mean));
}
