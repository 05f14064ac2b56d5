/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { pickUp, waitForMoves } from "./_moving.ts";
import { OWN } from "./_files.ts";
import { placed, proved, shows, upload } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** What the address of the page says, and what of it is not followed. */
export const ADDRESS: readonly Step[] = [
  {
    name: "a link brings the same state back, moves by hand included",
    async run(stage) {
      const page = await stage.home();
      const seed = await page.inputValue("#seed");
      await page.selectOption(".panel:nth-child(1) .scheduler", "greedy");
      await page.fill("#seed", "7");
      await page.locator("#seed").blur();
      await page.waitForFunction(() => /[&]a=greedy.*[&]seed=7/.test(location.hash));
      await placed(page);
      await pickUp(page);
      await page.keyboard.press("Enter");
      await waitForMoves(page, 1, true);
      await page.waitForFunction(() => /[&]ma=[\d-]+/.test(location.hash));

      const again = await stage.open(new URL(page.url()).hash);
      await placed(again);
      await waitForMoves(again, 1, true);
      assert.deepEqual(await meansOf(again), await meansOf(page));
      assert.equal(await again.inputValue("#seed"), "7");

      await page.fill("#seed", seed);
      await page.locator("#seed").blur();
      await page.selectOption(".panel:nth-child(1) .scheduler", "spread");
      await page.waitForFunction(() => /[&]a=spread.*[&]seed=1$/.test(location.hash));
      await proved(page);
    },
  },
  {
    name: "back, forward and a changed address show what they say",
    async run(stage) {
      const page = await stage.home();
      await page.selectOption(".panel:nth-child(1) .scheduler", "greedy");
      await page.waitForFunction(() => location.hash.includes("a=greedy"));
      await page.goBack();
      await shows(page, "#verdict .headline", / than spread on average/);
      assert.equal(await page.inputValue(".panel:nth-child(1) .scheduler"), "spread");
      await page.goForward();
      await shows(page, "#verdict .headline", / than greedy on average/);
      await page.evaluate(() => location.hash = location.hash.replace("a=greedy", "a=random"));
      await shows(page, "#verdict .headline", / than random on average/);
      await page.selectOption(".panel:nth-child(1) .scheduler", "spread");
      await proved(page);
    },
  },
  {
    name: "a link holds one's own profile, a plan and what runs",
    async run(stage) {
      const page = await stage.open("#nodes=27&a=spread&b=greedy");
      await placed(page);
      await upload(page, "#profile-file", "own.csv", OWN);
      await shows(page, "#profile", /^own\.csv: /);
      await placed(page);
      const plan = JSON.stringify({ apps: ["db", "web"], placement: [[1, 1], [0, 2]] });
      await upload(page, "#plan-file", "mine.json", plan);
      await shows(page, "#fill-text", /^4 containers on 4 slots$/);
      await placed(page);
      await page.click(".panel:nth-child(2) .runs");
      await page.waitForFunction(() => location.hash.includes("runs="));

      const again = await stage.open(new URL(page.url()).hash);
      await placed(again);
      await shows(again, "#profile", /^own\.csv: 6 measured/);
      assert.equal(await again.inputValue(".panel:nth-child(1) .scheduler"), "mine.json");
      await shows(again, "#running", /^What runs: the placement of greedy, 4 containers/);
      assert.deepEqual(await meansOf(again), await meansOf(page));
    },
  },
  {
    name: "a link that cannot hold all says what is missing",
    async run(stage) {
      const page = await stage.open("#nodes=27&needs=large.csv&lacks=policy");
      await shows(
        page,
        "#notice.error span",
        /about the profile large\.csv, .* load it, and the rest follows$/,
      );
      await upload(page, "#profile-file", "large.csv", OWN);
      await shows(
        page,
        "#notice span",
        /^The link does not hold all .* the policy that was trained/,
      );
      await shows(page, "#profile", /^large\.csv: /);
    },
  },
  {
    name: "nonsense in the address is not followed, and moves that do not fit are told",
    async run(stage) {
      const nonsense = "#nodes=-1&demand=x.%3Cscript%3E&a=no-such&b=&seed=1e9";
      const page = await stage.open(`${nonsense}&ma=80000-1-0`);
      await placed(page);
      await shows(page, "#notice span", /^The move in the link does not fit this placement$/);
      assert.equal(await page.inputValue(".panel:nth-child(1) .scheduler"), "spread");
      assert.equal(await page.inputValue("#nodes input:checked"), "81");
      assert.equal(await page.inputValue("#seed"), "1");
    },
  },
];

/** The exact means of both placements. */
function meansOf(page: Page): Promise<(string | undefined)[]> {
  return page.locator(".mean").evaluateAll((places) =>
    places.map((place) => (place as HTMLElement).dataset["value"])
  );
}
