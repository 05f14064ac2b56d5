/// <reference lib="dom" />
/**
 * What the demo does in a real browser: run by demo_test.ts, a check after another, each reported as a line of JSON.
 * A program of its own, since playwright-core runs under Deno with all permissions only.
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { PAPER_APPS } from "../mod.ts";
import { profileEntries, zipOf } from "../profiles/_testing.ts";
import {
  colours,
  evaluate,
  exported,
  open,
  placed,
  proved,
  schedule,
  type Stage,
  text,
  upload,
  withStage,
} from "./_browser.ts";

const CHECKS: Record<string, (stage: Stage) => Promise<void>> = {
  async "it opens with two placements and their gap to the proven optimum"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    assert.match(
      await text(page, "#verdict"),
      /^metis runs these containers 41 % faster than spread/,
    );
    assert.match(await text(page, ".panel:nth-child(2) .gap"), /^0\.\d{3} %$|^0 \(proven\)$/);
    assert.ok(await colours(page, 1) > 10, "the cluster is drawn");
  },

  async "its numbers are those of the command line"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    for (
      const scheduler of ["spread", "random", "greedy", "metis-online", "metis"]
    ) {
      await page.selectOption(".panel:nth-child(1) .scheduler", scheduler);
      await placed(page);
      const plan = await exported(page, 1);
      assert.equal(plan.scheduler, scheduler);
      const { mean, bound, placement } = await schedule(plan);
      assert.ok(Math.abs(plan.mean - mean) < 1e-12, `${scheduler}: ${plan.mean} and ${mean}`);
      assert.deepEqual(plan.placement, placement, scheduler);
      await proved(page);
      const { bound: shown } = await exported(page, 1);
      assert.ok(Math.abs(shown! - bound!) < 1e-9, `${scheduler}: bound ${shown} and ${bound}`);
    }
  },

  async "a replay steps, winds, plays and pauses, and shows the mean of what is placed"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    const mean = await text(page, ".panel:nth-child(1) .mean");
    await page.locator("#scrub").fill("0");
    await page.click("#step-on");
    assert.match(await text(page, "#placed"), /^1 \/ /);
    // The first container has a node to itself: it is as fast as alone.
    assert.equal(await text(page, ".panel:nth-child(1) .mean"), "1.0000");
    await page.locator("#speed").fill("1");
    await page.click("#play");
    await page.waitForFunction(() =>
      document.querySelector("#play")!.textContent === "Play" &&
      (document.querySelector("#step-on") as HTMLButtonElement).disabled
    );
    assert.equal(await text(page, ".panel:nth-child(1) .mean"), mean);
  },

  async "a container is dragged to another node, which shows who gets faster, and the move is taken back"(
    stage,
  ) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    const mean = await text(page, ".panel:nth-child(2) .mean");
    const box = (await page.locator(".panel:nth-child(2) canvas").boundingBox())!;
    await page.mouse.move(box.x + 9, box.y + 9);
    assert.match(await text(page, "#inspector"), /^Node 0/);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
    await page.waitForSelector("#inspector .changes");
    const gain = Number(await page.getAttribute("#inspector h3", "data-gain"));
    assert.notEqual(gain, 0);
    await page.mouse.up();
    await page.waitForSelector(".panel:nth-child(2) .undo:not([hidden])");
    const moved = await exported(page, 2);
    const original = await schedule(moved);
    // What the inspector said is what the command line says about the exported plan.
    const { total } = await evaluate(moved);
    assert.ok(Math.abs(total - original.total - gain) < 1e-9);
    assert.ok(Math.abs(total - moved.total) < 1e-9);
    await page.click(".panel:nth-child(2) .undo");
    await page.waitForSelector(".panel:nth-child(2) .undo", { state: "hidden" });
    assert.equal(await text(page, ".panel:nth-child(2) .mean"), mean);
  },

  async "a finger drags a container of a node that it tapped, on a phone"(stage) {
    await using visit = await open(stage, "", {
      viewport: { width: 360, height: 780 },
      hasTouch: true,
    });
    const { page } = visit;
    await proved(page);
    const canvas = page.locator(".panel:nth-child(1) canvas");
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    const from = { x: box.x + 6, y: box.y + 6 };
    await page.touchscreen.tap(from.x, from.y);
    const touches = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: (typeof from)[]) =>
      touches.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await touch("touchStart", [from]);
    for (const share of [0.1, 0.2, 0.3, 0.4]) {
      await touch("touchMove", [{ x: from.x + share * box.width, y: from.y + share * box.height }]);
    }
    await touch("touchEnd", []);
    await page.waitForSelector(".panel:nth-child(1) .undo:not([hidden])");
  },

  async "all of that works by the keyboard"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    await page.focus(".panel:nth-child(1) canvas");
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    await page.waitForSelector("#inspector .changes");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".panel:nth-child(1) .undo:not([hidden])");
    await page.keyboard.press("Backspace");
    await page.waitForSelector(".panel:nth-child(1) .undo", { state: "hidden" });
    await page.focus(".panel:nth-child(1) .table-toggle");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".panel:nth-child(1) tbody tr").count(), 81);
  },

  async "a link brings moves by hand along, and says so where they do not fit"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    await page.focus(".panel:nth-child(1) canvas");
    for (const key of ["Enter", "ArrowRight", "ArrowDown", "Enter"]) await page.keyboard.press(key);
    await page.waitForFunction(() => /[&]ma=[\d-]+/.test(location.hash));
    const mean = await page.getAttribute(".panel:nth-child(1) .mean", "data-value");
    const { hash } = new URL(page.url());
    await using again = await open(stage, hash);
    await again.page.waitForSelector(".panel:nth-child(1) .undo:not([hidden])");
    assert.equal(await again.page.getAttribute(".panel:nth-child(1) .mean", "data-value"), mean);
    await using wrong = await open(stage, hash.replace(/ma=\d+/, "ma=80000"));
    await placed(wrong.page);
    await wrong.page.waitForFunction(() =>
      document.querySelector("#notice")?.textContent?.includes(
        "1 of the 1 moves in the link do not fit",
      )
    );
  },

  async "sliders and seeds place anew, and a demand that does not fit is said in one line"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    const first = page.locator("#demand > div:first-child input[type=number]");
    await first.fill("60");
    await page.waitForFunction(() => location.hash.includes("demand=60."));
    await placed(page);
    await first.fill("648");
    await page.waitForSelector(".panel[data-status=failed]");
    assert.match(
      await text(page, ".panel:nth-child(1) .problem"),
      /does not fit 648 slots: \d+ slots short$/,
    );
    await first.fill("10");
    await placed(page);
    assert.equal(await page.locator(".problem:visible").count(), 0);
  },

  async "729 nodes keep the share of the slots, and the address brings the same state back"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await placed(page);
    await page.click("#nodes label:last-child");
    await page.waitForFunction(() => location.hash.includes("nodes=729"));
    await placed(page);
    assert.match(await text(page, "#fill-text"), /^1,800 containers on 5,832 slots$/);
    const mean = await page.getAttribute(".panel:nth-child(2) .mean", "data-value");
    await using again = await open(stage, new URL(page.url()).hash);
    await placed(again.page);
    assert.equal(await again.page.getAttribute(".panel:nth-child(2) .mean", "data-value"), mean);
  },

  async "nonsense in the address is not followed"(stage) {
    await using visit = await open(stage, "#nodes=-1&demand=x.%3Cscript%3E&a=no-such&b=&seed=1e9");
    await placed(visit.page);
    assert.equal(
      await visit.page.locator(".panel:nth-child(1) .scheduler").inputValue(),
      "round-robin",
    );
  },

  async "bad files are refused in one line, and nothing is lost"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    const verdict = await text(page, "#verdict");
    const files = [
      ["#profile-file", "empty.csv", "", /^empty\.csv: is empty$/],
      [
        "#profile-file",
        "broken.csv",
        "a,b,rps:a,rps:b\n1,1,fast,1\n",
        /^broken\.csv: row 0 .*rps:a/,
      ],
      ["#profile-file", "broken.npz", "PK\x03\x04nonsense", /^broken\.npz: /],
      ["#plan-file", "broken.json", "{", /^broken\.json: not JSON/],
      [
        "#plan-file",
        "other.json",
        '{"apps":["x"],"placement":[[1]]}',
        /^other\.json: is a plan for x/,
      ],
    ] as const;
    for (const [input, name, content, expected] of files) {
      await upload(page, input, name, content);
      await page.waitForSelector("#notice.error:not([hidden])");
      const said = await text(page, "#notice span");
      assert.match(said, expected);
      assert.doesNotMatch(said, /\n/);
      await page.click("#notice button");
    }
    assert.equal(await text(page, "#verdict"), verdict);
  },

  async "an own profile is fitted and placed, and policies that it lacks are named"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await placed(page);
    const csv =
      "web,db,rps:web,rps:db\n1,0,1,\n0,1,,1\n1,1,1.2,0.9\n2,0,0.8,\n0,2,,0.7\n2,1,0.7,0.8\n";
    await upload(page, "#profile-file", "own.csv", csv);
    await page.waitForFunction(() =>
      document.querySelector("#profile")!.textContent!.includes("own.csv")
    );
    await page.waitForSelector(".panel:nth-child(2)[data-status=failed]");
    assert.match(
      await text(page, ".panel:nth-child(2) .problem"),
      /^No trained policy comes with this profile: train one below/,
    );
    await train(page);
    await page.click("#adopt");
    await proved(page);
    assert.equal((await exported(page, 2)).scheduler, "metis");
    await page.selectOption(".panel:nth-child(2) .scheduler", "optimal");
    await placed(page);
    assert.equal(await text(page, ".panel:nth-child(2) .gap"), "0 (proven)");
    assert.equal(await page.locator("#matrix tbody tr").count(), 2);
    await page.click("#bundled");
    await page.waitForFunction(() => document.querySelectorAll("#matrix tbody tr").length > 2);
  },

  async "a profile in the format of 2020 is read"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await placed(page);
    const one = PAPER_APPS.map((_, app) => PAPER_APPS.map((_, other) => Number(app === other)));
    const two = one.map((row) => row.map((count) => 2 * count));
    const entries = profileEntries([...one, ...two], [...one, ...one], { deflate: true });
    await upload(page, "#profile-file", "profile.npz", await zipOf(...entries));
    await page.waitForFunction(() =>
      document.querySelector("#profile")!.textContent!.startsWith("profile.npz: 14 measured")
    );
    assert.equal(await page.locator("#matrix tbody tr").count(), PAPER_APPS.length);
  },

  async "an own plan is shown beside the schedulers, on its own cluster"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await placed(page);
    const plan = await exported(page, 1);
    // Apps in another order, and only two nodes.
    const apps = plan.apps.toReversed();
    const placement = [apps.map(() => 1), apps.map((_, at) => at === 0 ? 3 : 0)];
    await upload(page, "#plan-file", "mine.json", JSON.stringify({ apps, placement }));
    await page.waitForFunction(() =>
      document.querySelector("#fill-text")!.textContent!.startsWith("10 ")
    );
    await placed(page);
    assert.equal(await page.locator(".panel:nth-child(1) .scheduler").inputValue(), "mine.json");
    const shown = await exported(page, 1);
    assert.deepEqual(shown.placement, placement.map((row) => row.toReversed()));
    assert.ok(Math.abs((await evaluate(shown)).mean - shown.mean) < 1e-12);
  },

  async "a policy is trained in the page, its curve falls, and panels place by it"(stage) {
    await using visit = await open(stage);
    const { page } = visit;
    await proved(page);
    await train(page);
    const state = await text(page, "#training-state");
    const [, gap] = /updates in .* gap ([\d.]+) %$/.exec(state)!;
    assert.ok(Number(gap) < 3, state);
    await page.click("#adopt");
    await page.waitForSelector("#notice:not([hidden])");
    await placed(page);
    const plan = await exported(page, 2);
    assert.equal(plan.scheduler, "metis");
    assert.ok(plan.mean > 0.85, `${plan.mean}`);
  },

  async "it fits a phone, light and dark, without sideways scrolling"(stage) {
    for (const colorScheme of ["light", "dark"] as const) {
      await using visit = await open(stage, "", {
        viewport: { width: 360, height: 780 },
        colorScheme,
      });
      const { page } = visit;
      await proved(page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      assert.ok(await colours(page, 1) > 10);
    }
  },

  async "it runs from a path below another page's"(stage) {
    await using visit = await open({ ...stage, url: `${stage.url}below/` });
    await proved(visit.page);
  },
};

async function train(page: Page): Promise<void> {
  await page.click("#train");
  await page.waitForSelector("#adopt:not([hidden])", { timeout: 240_000 });
}

/** What failed, and what else went wrong on the page. */
function explain(error: unknown): string {
  if (error instanceof SuppressedError) {
    return `${explain(error.suppressed)}\n${explain(error.error)}`;
  }
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

if (import.meta.main) {
  await withStage(async (stage) => {
    for (const [name, check] of Object.entries(CHECKS)) {
      if (Deno.args.length > 0 && !Deno.args.some((word) => name.includes(word))) continue;
      const error = await check(stage).then(() => null, explain);
      console.log(JSON.stringify({ name, error }));
    }
  });
}
