import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { clickAsSoonAs, placed, shows } from "./_page.ts";
import { exported } from "./_plans.ts";
import type { Step } from "./_stage.ts";

/** Training in the page. */
export const TRAINING: readonly Step[] = [
  {
    name: "a whole training in the page comes within 3 % of the bound, and panels place by it",
    long: true,
    async run(stage) {
      const page = await stage.home();
      const state = await train(page, null);
      const [, gap] = /updates in .* gap ([\d.]+) %$/.exec(state)!;
      assert.ok(Number(gap) < 3, state);
      assert.ok(await adopt(page) > 0.85);
    },
  },
];

/** Trains, and stops as soon as the page tells a state; null trains to the end. @returns What it says of it. */
export async function train(page: Page, until: RegExp | null): Promise<string> {
  const stopped = until === null
    ? Promise.resolve()
    : clickAsSoonAs(page, "#train", "#training-state", until);
  await page.click("#train");
  await stopped;
  const state = await shows(page, "#training-state", / updates? in /);
  await page.waitForSelector("#adopt", { state: "visible" });
  return state;
}

/** Places by the trained policy. @returns The mean of the placement. */
export async function adopt(page: Page): Promise<number> {
  await page.click("#adopt");
  await shows(page, "#notice span", /now use the policy/);
  await placed(page);
  const { scheduler, mean } = await exported(page, 2);
  assert.equal(scheduler, "metis");
  return mean;
}
