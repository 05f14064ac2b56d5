import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { shows, textOf } from "./_page.ts";
import { evaluate, exported, sameGrounds } from "./_plans.ts";
import type { Step } from "./_stage.ts";

/** Moves of containers by hand. */
export const MOVING: readonly Step[] = [
  {
    name: "a dragged container shows who gets faster, and the move is taken back",
    async run(stage) {
      const page = await stage.home();
      const mean = await textOf(page, ".panel:nth-child(1) .mean");
      const original = await exported(page, 1);
      const box = (await page.locator(".panel:nth-child(1) canvas").boundingBox())!;
      await page.mouse.move(box.x + 9, box.y + 9);
      await shows(page, "#inspector h2", /^Node 0 /);
      await page.mouse.down();
      // The middle of 9 x 9 nodes. Nodes on the way are shown too: the last one has to be awaited.
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 4 });
      await shows(page, "#inspector h2", /, node 0 to 40 /);
      const gain = Number(await page.getAttribute("#inspector h2", "data-gain"));
      assert.notEqual(gain, 0);
      await page.mouse.up();
      await waitForMoves(page, 1, true);
      await shows(page, ".panel:nth-child(1) .grounds", /nine times in ten: .* %\.$/);
      await shows(page, "#verdict .headline", / faster than spread with 1 move by hand on average/);
      const moved = await exported(page, 1);
      // What the inspector said is what the command line says about the exported plan.
      const told = await evaluate(moved);
      const { total } = told;
      sameGrounds(moved, told);
      assert.ok(Math.abs(total - original.total - gain) < 1e-9);
      assert.ok(Math.abs(total - moved.total) < 1e-9);
      await page.click(".panel:nth-child(1) .undo");
      await waitForMoves(page, 1, false);
      await shows(page, ".panel:nth-child(1) .mean", new RegExp(`^${mean}$`));
    },
  },
  {
    name: "who points at an app or a node sees it in the clusters, the matrix and the histogram",
    async run(stage) {
      const page = await stage.home();
      await page.hover("#app-legend [data-app='0']");
      await shows(page, "#spread-note", /^How many containers of redis run how fast/);
      await page.hover(".panel:nth-child(2) canvas", { position: { x: 9, y: 9 } });
      await shows(page, "#inspector h2", /^Node 0 /);
      await shows(page, "#spread-note", /^How many containers run how fast/);
      // Apps that share the node, in both orders; an app with itself where it has two containers.
      const [row] = (await exported(page, 2)).placement;
      const held = row!.filter((count) => count > 0);
      const pairs = held.length ** 2 - held.filter((count) => count === 1).length;
      await page.waitForFunction(
        (pairs) => document.querySelectorAll("#matrix td.shared").length === pairs,
        pairs,
      );
      assert.ok(pairs > 0);
    },
  },
  {
    name: "the keyboard alone moves a container, takes the move back and opens the table",
    async run(stage) {
      const page = await stage.home();
      await pickUp(page);
      await shows(page, "#inspector h2", /, node 0 to 10 /);
      await page.keyboard.press("Enter");
      await waitForMoves(page, 1, true);
      await page.keyboard.press("Backspace");
      await waitForMoves(page, 1, false);
      await page.focus(".panel:nth-child(1) .table-toggle");
      await page.keyboard.press("Enter");
      assert.equal(await page.locator(".panel:nth-child(1) tbody tr").count(), 81);
      await page.keyboard.press("Enter");
      assert.equal(await page.locator(".panel:nth-child(1) tbody tr").count(), 0);
    },
  },
];

/** Picks the first container of the first panel up, and takes it one node to the right and one down. */
export async function pickUp(page: Page): Promise<void> {
  await page.focus(".panel:nth-child(1) canvas");
  // Wherever the last one looked: far enough up is node 0.
  for (let row = 0; row < 9; row++) await page.keyboard.press("ArrowUp");
  for (const key of ["Enter", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
}

/** Waits until a panel holds moves by hand, or none. */
export async function waitForMoves(page: Page, panel: number, moved: boolean): Promise<void> {
  await page.waitForSelector(`.panel:nth-child(${panel}) .undo`, {
    state: moved ? "visible" : "hidden",
  });
}
