/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { pickUp, waitForMoves } from "./_moving.ts";
import { placed, shows } from "./_page.ts";
import type { Step } from "./_stage.ts";

const SMALL = "#nodes=27&demand=9.8.7.6.5.4.3&a=greedy&b=metis&seed=7";

/** What the address of the page says, and what it is not followed in. */
export const ADDRESS: readonly Step[] = [
  {
    name:
      "a link brings the same state back, moves by hand included, and says where those do not fit",
    async run(stage) {
      const page = await stage.open(SMALL);
      await placed(page);
      await pickUp(page);
      await page.keyboard.press("Enter");
      await waitForMoves(page, 1, true);
      await page.waitForFunction(() => /[&]ma=[\d-]+/.test(location.hash));
      const means = await meansOf(page);
      const { hash } = new URL(page.url());
      assert.ok(hash.startsWith(SMALL.slice(0, SMALL.indexOf("&a="))), hash);

      const again = await stage.open(hash);
      await placed(again);
      await waitForMoves(again, 1, true);
      assert.deepEqual(await meansOf(again), means);

      const wrong = await stage.open(hash.replace(/ma=\d+/, "ma=80000"));
      await shows(wrong, "#notice span", /^The move in the link does not fit this placement$/);
    },
  },
  {
    name: "nonsense in the address is not followed",
    async run(stage) {
      const page = await stage.open("#nodes=-1&demand=x.%3Cscript%3E&a=no-such&b=&seed=1e9");
      await placed(page);
      assert.equal(
        await page.inputValue(".panel:nth-child(1) .scheduler"),
        "round-robin",
      );
      assert.equal(await page.locator("#nodes input:checked").inputValue(), "81");
    },
  },
];

/** The exact means of both placements. */
function meansOf(page: Page): Promise<(string | undefined)[]> {
  return page.locator(".mean").evaluateAll((places) =>
    places.map((place) => (place as HTMLElement).dataset["value"])
  );
}
