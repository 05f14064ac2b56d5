import assert from "node:assert/strict";
import { clickAsSoonAs, placed, proved, shows, textOf } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** Changes of what is to be placed, and where. */
export const PROBLEM: readonly Step[] = [
  {
    name:
      "a changed demand is placed, and of one that does not fit the page says how many are too many, and shows no cluster",
    async run(stage) {
      const page = await stage.home();
      const bundled = await page.inputValue("#demand-choice");
      const first = page.locator("#demand > div:first-child input[type=number]");
      await first.fill("60");
      await page.waitForFunction(() => location.hash.includes("demand=60."));
      await placed(page);
      await first.fill("648");
      await shows(
        page,
        ".panel:nth-child(1) .problem",
        /^\d+ containers are too many for the slots$/,
      );
      await shows(page, "#verdict .headline", /^\d+ containers too many: nothing is placed$/);
      await shows(page, "#fill-text", /: \d+ too many$/);
      assert.equal(await page.locator(".panel canvas:visible").count(), 0, "no cluster is shown");
      await first.fill("10");
      await placed(page);
      assert.equal(await page.locator(".problem:visible").count(), 0);
      await first.blur();
      await page.selectOption("#demand-choice", bundled);
      await proved(page);
    },
  },
  {
    name: "a stopped placement clears the headline, which says why",
    async run(stage) {
      const page = await stage.home();
      const stopped = clickAsSoonAs(page, "#stop", "#verdict .headline", /^Placing by annealing/);
      await page.selectOption(".panel:nth-child(1) .scheduler", "annealing");
      await stopped;
      await shows(
        page,
        "#verdict .headline",
        /^One placement is missing: there is nothing to compare$/,
      );
      await shows(page, "#verdict .more", /^annealing: stopped\.$/);
      await page.selectOption(".panel:nth-child(1) .scheduler", "spread");
      await proved(page);
    },
  },
  {
    name: "729 nodes keep the share of the slots, and back",
    async run(stage) {
      const page = await stage.home();
      const mean = await textOf(page, ".panel:nth-child(2) .mean");
      await page.click("#nodes label:has([value='729'])");
      await placed(page);
      await shows(page, "#fill-text", /^1,800 containers on 5,832 slots$/);
      assert.match(await page.evaluate(() => location.hash), /nodes=729/);
      await page.click("#nodes label:has([value='81'])");
      await proved(page);
      await shows(page, "#fill-text", /^200 containers on 648 slots$/);
      assert.equal(await textOf(page, ".panel:nth-child(2) .mean"), mean);
    },
  },
];
