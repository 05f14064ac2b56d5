import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { meanText } from "../views/figures.ts";
import { clickAsSoonAs, placed, proved, shows, textOf } from "./_page.ts";
import { evaluate, exported, replan, type ShownPlan } from "./_plans.ts";
import type { Step } from "./_stage.ts";

/** What a test reads of `metis replan`. */
interface Told {
  readonly mean: number;
  readonly moves: number;
  readonly started: number;
  readonly stopped: number;
}

/** A step as the page tells it. */
const STEP = /^Step (\d+): ([\w-]+) from node (\d+) to node (\d+): .+\.$/;

/** From a placement that runs to a better one, in few moves. */
export const REPLANNING: readonly Step[] = [
  {
    name: "few moves from what runs are as good as replan says, and their steps are replayed",
    async run(stage) {
      const page = await stage.open("#nodes=6&demand=3.3.2.3.3.2.2");
      await proved(page);
      const plan = await exported(page, 1);
      await press(page, ".panel:nth-child(1) .runs");
      await shows(
        page,
        "#running",
        /^What runs: the placement of spread, 18 containers on 6 nodes\./,
      );
      assert.equal(await textOf(page, "#moves-mean"), meanText(plan.mean));
      const height = await heightOf(page);
      await press(page, "#best");
      await found(page);

      const { frontier, summary } = await replan(plan, "--frontier") as {
        frontier: Told[];
        summary: string;
      };
      assert.equal(await textOf(page, "#moves-verdict"), summary);
      await page.focus("#moves");
      await page.keyboard.press("End");
      await shows(page, "#moves-verdict", / moves bring all there is: no placement is better\.$/);
      await sameAs(page, frontier.at(-1)!);
      await sameAs(page, await replan(plan) as Told);
      await page.keyboard.press("Home");
      await shows(page, "#step", /^No step is needed\.$/);
      await sameAs(page, frontier[0]!);
      for (let moves = 1; moves <= 3; moves++) await page.keyboard.press("ArrowRight");
      await shows(page, "#steps-made", /^3 \/ 3$/);
      await shows(page, "#moves-verdict", /^3 moves bring \d+ % of what \d+ would\.$/);
      await sameAs(page, await replan(plan, "--max-moves", "3") as Told);
      assert.equal(await heightOf(page), height, "what comes moves nothing");

      await replayed(page, plan);
    },
  },
  {
    name: "what runs stays while the demand grows, and on a phone nothing scrolls sideways",
    async run(stage) {
      const page = await stage.open("#nodes=6&demand=3.3.2.3.3.2.2");
      await proved(page);
      const plan = await exported(page, 1);
      await page.click(".panel:nth-child(1) .runs");
      await page.locator("#demand > div:first-child input[type=number]").fill("5");
      await page.waitForFunction(() => location.hash.includes("demand=5."));
      await proved(page);
      await shows(page, "#running", /^What runs: the placement of spread, 18 containers/);
      await page.click("#best");
      await found(page);
      await page.focus("#moves");
      await page.keyboard.press("Home");
      await shows(page, "#moves-change", /^2 \/ 0$/);
      await shows(
        page,
        "#moves-verdict",
        /^No move: only what the demand asks for starts, 2 containers\. \d+ moves? brings? /,
      );
      const demand = ["5", ...plan.demand.slice(1)].join();
      await sameAs(page, await replan(plan, "--demand", demand, "--max-moves", "0") as Told);
      await shows(page, "#step", /^Step 2: [\w-]+ starts on node \d: the demand asks for /);
      await page.setViewportSize({ width: 360, height: 780 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      }
    },
  },
  {
    name: "a search for moves is stopped, and what it found stays",
    async run(stage) {
      const page = await stage.home();
      await page.click(".panel:nth-child(1) .runs");
      const stopped = clickAsSoonAs(page, "#best", "#moves-verdict", /Known so far/);
      await page.click("#best");
      await stopped;
      await shows(page, "#moves-verdict", /The search ended at \d+ moves?: more may bring more\.$/);
      await found(page);
      assert.ok(Number(await page.getAttribute("#moves-mean", "data-value")) > 0);
      // Another cluster: what ran on nodes that are gone is lost.
      await page.click("#nodes label:has([value='27'])");
      await placed(page);
      await shows(page, "#running", /\(54 nodes left with \d+ containers since\)/);
      assert.equal(await textOf(page, "#moves-verdict"), "");
    },
  },
];

/** Uses a button by the keyboard alone. */
async function press(page: Page, button: string): Promise<void> {
  await page.focus(button);
  await page.keyboard.press("Enter");
}

/** Waits until the search has ended, and the steps to what it shows are there. */
async function found(page: Page): Promise<void> {
  await shows(page, "#best", /^Best in few moves$/);
  await shows(page, "#step", /^Step|^No step/);
}

/** Holds that the page shows what `metis replan` says. */
async function sameAs(page: Page, { mean, started, stopped }: Told): Promise<void> {
  await shows(page, "#moves-change", new RegExp(`^${started} / ${stopped}$`));
  const shown = Number(await page.getAttribute("#moves-mean", "data-value"));
  assert.ok(Math.abs(shown - mean) < 1e-9, `${shown} and ${mean}`);
}

/** Replays the three steps to the placement that is shown, by hand and by playing. */
async function replayed(page: Page, plan: ShownPlan): Promise<void> {
  const end = await textOf(page, "#moves-mean");
  await shows(page, "#steps-next", /^First step$/);
  const placement = plan.placement.map((row) => [...row]);
  for (let step = 1; step <= 3; step++) {
    await press(page, "#steps-next");
    await shows(page, "#steps-made", new RegExp(`^${step} / 3$`));
    const [, number, app, from, to] = STEP.exec(await textOf(page, "#step"))!;
    assert.equal(Number(number), step);
    const at = plan.apps.indexOf(app!);
    placement[Number(from)]![at]!--;
    placement[Number(to)]![at]!++;
    const { mean } = await evaluate({ ...plan, placement });
    assert.equal(await textOf(page, "#moves-mean"), meanText(mean));
    assert.equal(await page.locator("#steps li[aria-current=step]").count(), 1);
  }
  assert.equal(await textOf(page, "#moves-mean"), end);
  await press(page, "#steps-back");
  await shows(page, "#steps-made", /^2 \/ 3$/);
  await press(page, "#steps-next");
  await shows(page, "#steps-made", /^3 \/ 3$/);
  await press(page, "#steps-play");
  await shows(page, "#steps-play", /^Pause$/);
  await shows(page, "#steps-made", /^3 \/ 3$/);
  await shows(page, "#steps-play", /^Play$/);
}

/** Height of the part of the page about replanning. */
async function heightOf(page: Page): Promise<number> {
  return (await page.locator(".replanning").boundingBox())!.height;
}
