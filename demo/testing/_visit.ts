/**
 * A page of the browser, with what went wrong on it.
 * @module
 */
import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** Milliseconds that a step waits for one state of the page: far more than a busy machine needs. */
const PATIENCE = 240_000;
/** Milliseconds that a picture of a page that failed may take. */
const PICTURE_PATIENCE = 30_000;

/** What a browser says of a page that a step has taken off the network. */
const OFFLINE = /net::ERR_INTERNET_DISCONNECTED/;

/** One page in a profile of its own. */
export class Visit {
  readonly page: Page;
  /** What the page said, in order. */
  readonly #log: string[] = [];
  /** What it said that no page should. */
  readonly #problems: string[] = [];
  readonly #hosts = new Set<string>();

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.#log.push(line);
      if (message.type() !== "log" && !OFFLINE.test(line)) this.#problems.push(line);
    });
    page.on("pageerror", (error) => {
      this.#log.push(`error: ${error.stack}`);
      this.#problems.push(error.message);
    });
    page.on("crash", () => this.#problems.push("The page crashed"));
    page.context().on("request", (request) => {
      this.#log.push(`request: ${request.url()}`);
      const { protocol, host } = new URL(request.url());
      if (protocol !== "blob:" && protocol !== "data:") this.#hosts.add(host);
    });
  }

  /** Opens an empty page. */
  static async open(browser: Browser, options: BrowserContextOptions): Promise<Visit> {
    const size = { width: 1280, height: 900 };
    const context = await browser.newContext({ viewport: size, ...options });
    return new Visit(await context.newPage());
  }

  /** @throws {assert.AssertionError} if anything went wrong so far, or another host was asked. */
  check(): void {
    assert.deepEqual(this.#problems, []);
    assert.deepEqual([...this.#hosts], [new URL(this.page.url()).host]);
  }

  /** Saves a picture of the page, and what it said. @param path Of both files, without their endings. */
  async record(path: string): Promise<void> {
    const log = [this.page.url(), ...this.#log].join("\n");
    await Deno.writeTextFile(`${path}.log`, `${log}\n`);
    const options = { path: `${path}.png`, fullPage: true, timeout: PICTURE_PATIENCE };
    // A page that crashed has no picture.
    await this.page.screenshot(options).catch(() => {});
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
