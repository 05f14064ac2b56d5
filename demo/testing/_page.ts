/// <reference lib="dom" />
/**
 * What steps wait for, read and do on a page. Nothing here waits for a time: only for what the page shows.
 * @module
 */
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";

/** Waits until an element shows a text. @returns The text. @throws {Error} with the text that it shows instead. */
export async function shows(page: Page, selector: string, expected: RegExp): Promise<string> {
  const { source } = expected;
  try {
    await page.waitForFunction(
      ([selector, source]) => {
        const text = document.querySelector(selector!)?.textContent?.trim();
        return text !== undefined && new RegExp(source!).test(text);
      },
      [selector, source],
    );
  } catch (cause) {
    const text = await textOf(page, selector);
    throw new Error(`${selector} should show ${expected}, but shows ${text}`, { cause });
  }
  return await textOf(page, selector);
}

/** What an element shows now: for what cannot change any more. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent())!.trim();
}

/** Waits until the page has drawn all that was done to it so far. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() =>
    new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)))
  );
}

/** Waits until both panels show a placement. */
export async function placed(page: Page): Promise<void> {
  await drawn(page);
  await page.waitForFunction(() =>
    document.querySelectorAll(".panel[data-status=placed]").length === 2
  );
}

/** Waits until the optimum is proven as well. */
export async function proved(page: Page): Promise<void> {
  await placed(page);
  await shows(page, "#verdict", /proven/);
}

/** All that can be changed on the page, as text: equal where a step has put everything back. */
export async function stateOf(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const inputs = document.querySelectorAll<HTMLInputElement>("input:not([type=file]), select");
    const shown = [
      ...document.querySelectorAll<HTMLElement>("#notice, #adopt, #save-policy, .undo, .table"),
    ];
    const texts = ["#verdict", "#placed", "#play"].map((one) =>
      document.querySelector(one)!.textContent
    );
    return JSON.stringify([
      location.hash,
      document.querySelector("#profile")!.textContent!.split(":")[0],
      [...inputs].map(({ value, checked }) => `${value} ${checked}`),
      shown.map(({ hidden }) => hidden),
      texts,
    ]);
  });
}

/** Gives a file to the page, as its buttons do. */
export async function upload(
  page: Page,
  input: string,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const buffer = typeof content === "string"
    ? Buffer.from(content, "latin1")
    : Buffer.from(content);
  await page.setInputFiles(input, { name, mimeType: "text/plain", buffer });
}

/** How many different colours a panel's canvas holds. @param panel 1 or 2. */
export function colours(page: Page, panel: number): Promise<number> {
  return page.evaluate((at) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`.panel:nth-child(${at}) canvas`)!;
    // Reading a canvas slows its drawing down, of which Chromium warns: a copy is read.
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, panel);
}

/**
 * Clicks a button in the moment when an element shows a text. What runs on may be over before a test that waits for
 * the text and clicks then; arm this first, begin after.
 */
export async function clickAsSoonAs(
  page: Page,
  button: string,
  selector: string,
  expected: RegExp,
): Promise<void> {
  await page.evaluate(
    ([button, selector, source]) =>
      new Promise<void>((resume) => {
        const place = document.querySelector(selector!)!;
        const observer = new MutationObserver(() => {
          if (!new RegExp(source!).test(place.textContent!.trim())) return;
          observer.disconnect();
          document.querySelector<HTMLElement>(button!)!.click();
          resume();
        });
        observer.observe(place, { childList: true, characterData: true, subtree: true });
      }),
    [button, selector, expected.source],
  );
}
