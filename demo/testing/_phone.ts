import assert from "node:assert/strict";
import { waitForMoves } from "./_moving.ts";
import { colours, proved, shows } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** The page on a phone. */
export const PHONE: readonly Step[] = [
  {
    name: "a phone needs no sideways scrolling, light and dark, and a finger drags a container",
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
      // A finger drags what it has tapped before; elsewhere it scrolls the page.
      await page.touchscreen.tap(from.x, from.y);
      await shows(page, "#inspector h3", /^Node 0 /);
      const touches = await page.context().newCDPSession(page);
      const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: (typeof from)[]) =>
        touches.send("Input.dispatchTouchEvent", { type, touchPoints: points });
      await touch("touchStart", [from]);
      for (const share of [0.1, 0.2, 0.3, 0.4]) {
        const to = { x: from.x + share * box.width, y: from.y + share * box.height };
        await touch("touchMove", [to]);
      }
      await touch("touchEnd", []);
      await waitForMoves(page, 1, true);
    },
  },
];
