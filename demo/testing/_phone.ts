import assert from "node:assert/strict";
import { waitForMoves } from "./_moving.ts";
import { colours, proved, shows } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** The page on a phone. */
export const PHONE: readonly Step[] = [
  {
    name: "a phone needs no sideways scrolling, light and dark, and taps move a container",
    async run(stage) {
      const page = await stage.open("", { viewport: { width: 360, height: 780 }, hasTouch: true });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await proved(page);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
        assert.ok(await colours(page, 1) > 10, colorScheme);
      }

      // All that the page says is said: nothing moves the canvas any more.
      const canvas = page.locator(".panel:nth-child(1) canvas");
      await canvas.scrollIntoViewIfNeeded();
      const box = (await canvas.boundingBox())!;
      const from = { x: box.x + 6, y: box.y + 6 };
      // One tap picks a container up, another one puts it down: a finger that swipes scrolls the page.
      await page.touchscreen.tap(from.x, from.y);
      await shows(page, "#inspector h2", /picked up$/);
      await page.touchscreen.tap(from.x + 0.4 * box.width, from.y + 0.4 * box.height);
      await waitForMoves(page, 1, true);
      const touches = await page.context().newCDPSession(page);
      const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: (typeof from)[]) =>
        touches.send("Input.dispatchTouchEvent", { type, touchPoints: points });
      const top = await page.evaluate(() => scrollY);
      await touch("touchStart", [from]);
      for (const y of [20, 60, 120]) await touch("touchMove", [{ x: from.x, y: from.y - y }]);
      await touch("touchEnd", []);
      await page.waitForFunction((top) => scrollY > top, top);
      await shows(page, ".panel:nth-child(1) .order", /^1 container moved by hand$/);
    },
  },
];
