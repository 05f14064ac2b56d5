/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { drawn, proved, shows } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** Widths of screens, from a phone's to a desk's. */
const WIDTHS = [390, 768, 1280, 1440];

/** Whether the page is whole on every screen. */
export const SCREENS: readonly Step[] = [
  {
    name: "on screens of all widths nothing is cut off or covered, and no text is below 12 px",
    async run(stage) {
      const story = await stage.open("#story");
      await shows(story, "#nine-said", /below the best possible/);
      await isWhole(story);
      const page = await stage.open();
      await proved(page);
      await page.click("#run-all");
      await shows(page, "#gain", / faster on average than /);
      await isWhole(page);
    },
  },
  {
    name: "in forced colours every node has an outline, which follows the theme",
    async run(stage) {
      const page = await stage.open();
      await proved(page);
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme, forcedColors: "active" });
        await drawn(page);
        assert.equal(await outlines(page), colorScheme === "dark" ? "#ffffff" : "#000000");
      }
    },
  },
];

async function isWhole(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await drawn(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    assert.deepEqual(await page.evaluate(faults), [], `${width} px`);
  }
}

/** Runs in the page. What is too small, cut off, or covers another label of the plot. */
function faults(): string[] {
  const named = (element: Element): string => `${element.tagName} ${element.textContent!.trim()}`;
  const texts = [...document.querySelectorAll<HTMLElement>("body *")].filter((element) =>
    element.checkVisibility() &&
    [...element.childNodes].some(({ nodeType, textContent }) =>
      nodeType === Node.TEXT_NODE && textContent!.trim() !== ""
    )
  );
  const small = texts.filter((text) => parseFloat(getComputedStyle(text).fontSize) < 12);
  const cut = texts.filter((text) =>
    getComputedStyle(text).overflowX === "hidden" && !text.classList.contains("hidden") &&
    (text.scrollWidth > text.clientWidth || text.scrollHeight > text.clientHeight + 1)
  );
  const labels = [...document.querySelectorAll("#scatter button span")].map((label) => ({
    label,
    box: label.getBoundingClientRect(),
  }));
  const covering = labels.filter(({ box }, at) =>
    labels.some(({ box: other }, before) =>
      before < at && box.left < other.right && other.left < box.right &&
      Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 5
    )
  );
  return [
    ...small.map((text) => `small: ${named(text)}`),
    ...cut.map((text) => `cut off: ${named(text)}`),
    ...covering.map(({ label }) => `covers another: ${named(label)}`),
  ];
}

/** The colour in the middle of the left edge of the first node. */
async function outlines(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>(".panel canvas")!;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d")!;
    copy.drawImage(canvas, 0, 0);
    const [red, green, blue] = copy.getImageData(0, 12, 1, 1).data;
    return `#${[red, green, blue].map((one) => one!.toString(16).padStart(2, "0")).join("")}`;
  });
}
