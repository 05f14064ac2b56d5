import assert from "node:assert/strict";
import { clickAsSoonAs, drawn, shows, textOf } from "./_page.ts";
import type { Step } from "./_stage.ts";

const MEAN = ".panel:nth-child(1) .mean";

/** The replay of both placements. */
export const REPLAY: readonly Step[] = [
  {
    name: "a replay steps, winds, plays and pauses, and shows the mean of what is placed",
    async run(stage) {
      const page = await stage.home();
      const mean = await textOf(page, MEAN);
      const usual = await page.inputValue("#speed");

      await page.locator("#scrub").fill("0");
      await page.click("#step-on");
      await shows(page, "#placed", /^1 \/ 200$/);
      // The first container has a node to itself: it is as fast as alone.
      await shows(page, MEAN, /^100\.0 %$/);
      await page.click("#step-back");
      await shows(page, "#placed", /^0 \/ 200$/);

      const paused = clickAsSoonAs(page, "#play", "#placed", /^[1-9]/);
      await page.click("#play");
      await paused;
      await shows(page, "#play", /^Play$/);
      const at = await textOf(page, "#placed");
      assert.notEqual(at, "200 / 200");
      // At this speed, two frames show more than one container, if it plays on.
      await page.locator("#speed").fill("1");
      await drawn(page);
      assert.equal(await textOf(page, "#placed"), at);

      await page.click("#play");
      await shows(page, "#placed", /^200 \/ 200$/);
      await shows(page, "#play", /^Play$/);
      assert.equal(await textOf(page, MEAN), mean);
      assert.ok(await page.isDisabled("#step-on"));
      await page.locator("#speed").fill(usual);
    },
  },
];
