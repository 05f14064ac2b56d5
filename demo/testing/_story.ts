/// <reference lib="dom" />
import assert from "node:assert/strict";
import { proved, shows } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** What a first visit shows. */
export const STORY: readonly Step[] = [
  {
    name:
      "a first visit tells the story: a pair, nine nodes against the proven best, then the dashboard",
    async run(stage) {
      const visit = { storageState: { cookies: [], origins: [] } };
      const small = await stage.open("", { ...visit, viewport: { width: 390, height: 600 } });
      await shows(small, "#pair-said", /^Beside mms/);
      assert.equal(await small.evaluate(() => scrollY), 0, "what it is called is seen first");
      const page = await stage.open("", visit);
      await shows(page, "#pair-said", /^Beside mms, ycsb-b runs at 43 % of its speed alone\./);
      const box = (await page.locator("#pair canvas").boundingBox())!;
      await page.mouse.move(box.x + 20, box.y + 20);
      await page.mouse.down();
      await page.mouse.move(box.x + 0.7 * box.width, box.y + 20, { steps: 3 });
      await shows(page, ".ghost .change", /^\+\d+ %$/);
      await page.mouse.up();
      await shows(page, "#pair-said", /^ycsb-b now runs at 100 %, mms at 132 %, redis at 115 %\.$/);

      await shows(
        page,
        "#nine-said",
        /^As Docker Swarm spreads them, they are 20\.2 % below the best/,
      );
      const loaded = await page.evaluate(() =>
        performance.getEntriesByType("resource").map(({ name }) => name)
      );
      assert.deepEqual(loaded.filter((name) => name.includes("highs")), [], "HiGHS is not needed");
      await page.focus("#nine canvas");
      for (const key of ["Enter", "ArrowRight", "Enter"]) await page.keyboard.press(key);
      await shows(page, "#nine-said", /^You are \d+\.\d % below the best possible\.$/);
      await page.click("#nine-share");
      await shows(
        page,
        "#nine-note",
        /I placed 18 containers on 9 nodes by hand, in 1 move: .* Docker Swarm: 20\.2 % below the best possible\. Metis: .*the best possible\. Your turn: http.*#story$/,
      );
      await page.click("#nine-best");
      await shows(
        page,
        "#nine-said",
        /^This is the best possible: that is proven under the model\.$/,
      );

      await page.click("#on");
      await proved(page);
      await page.waitForFunction(() => location.hash.includes("nodes=81"));
      await page.goBack();
      await page.waitForSelector("#tale", { state: "visible" });
      await page.goto(new URL("./", page.url()).href);
      await page.waitForSelector("#dashboard", { state: "visible" });
      assert.ok(await page.isHidden("#tale"), "who went on comes back to the dashboard");
    },
  },
];
