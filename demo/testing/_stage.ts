/**
 * Runs the steps of the demo's test: one site, one browser, and one page that a step takes over from the last one
 * where that left it as it was.
 * @module
 */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { startBrowser } from "./_browser.ts";
import { proved, stateOf } from "./_page.ts";
import { openSite } from "./_site.ts";
import { Visit } from "./_visit.ts";

/** Milliseconds after which a step is given up: it hangs, however busy the machine is. */
const DEADLINE = 600_000;

/** Something that the page does. */
export interface Step {
  readonly name: string;
  /** True if only `deno task test:all` runs it. */
  readonly long?: true;
  run(stage: Stage): Promise<void>;
}

/** The served demo and a browser. */
export class Stage implements AsyncDisposable {
  readonly #url: string;
  readonly #browser: Browser;
  readonly #cleanup: AsyncDisposableStack;
  /** Pages of the step that runs. */
  #visits: Visit[] = [];
  /** The page that steps share, and its state when nothing was done to it. */
  #home: { readonly visit: Visit; readonly state: string } | null = null;

  private constructor(url: string, browser: Browser, cleanup: AsyncDisposableStack) {
    this.#url = url;
    this.#browser = browser;
    this.#cleanup = cleanup;
  }

  /** Builds and serves the demo, and starts the browser. */
  static async create(): Promise<Stage> {
    await using cleanup = new AsyncDisposableStack();
    const { url } = cleanup.use(await openSite());
    const browser = cleanup.adopt(await startBrowser(), (browser) => browser.close());
    return new Stage(url, browser, cleanup.move());
  }

  /** Opens a page for the step that runs. @param path What follows the address of the demo, such as `#nodes=27`. */
  async open(path = "", options: BrowserContextOptions = {}): Promise<Page> {
    const { origin } = new URL(this.#url);
    // Who went on to the dashboard once comes back to it.
    const localStorage = [{ name: "metis-dashboard", value: "1" }];
    const storageState = { cookies: [], origins: [{ origin, localStorage }] };
    const visit = await Visit.open(this.#browser, { storageState, ...options });
    this.#visits.push(visit);
    await visit.page.goto(this.#url + path);
    return visit.page;
  }

  /** The demo as it opens, with the proven optimum. A step that puts all back saves the next one the loading. */
  async home(): Promise<Page> {
    if (this.#home !== null) return this.#home.visit.page;
    const page = await this.open();
    await proved(page);
    this.#home = { visit: this.#visits.pop()!, state: await stateOf(page) };
    return page;
  }

  /** Runs a step. @throws {Error} if it fails: names a folder with a picture and the console of each page. */
  async run(step: Step): Promise<void> {
    try {
      await beforeDeadline(step.run(this));
      for (const visit of this.#open) visit.check();
    } catch (cause) {
      const folder = await this.#record();
      await this.#leave(true);
      throw new Error(`A picture and the console of each page: ${folder}`, { cause });
    }
    await this.#leave(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup.disposeAsync();
  }

  get #open(): readonly Visit[] {
    return this.#home === null ? this.#visits : [this.#home.visit, ...this.#visits];
  }

  async #record(): Promise<string> {
    const folder = await Deno.makeTempDir({ prefix: "metis-demo-failed-" });
    for (const [at, visit] of this.#open.entries()) await visit.record(`${folder}/page-${at + 1}`);
    return folder;
  }

  /** Closes the pages of a step, and the shared one unless the next step finds it as this one did. */
  async #leave(failed: boolean): Promise<void> {
    const left = this.#visits;
    this.#visits = [];
    const home = this.#home;
    if (home !== null && (failed || await stateOf(home.visit.page) !== home.state)) {
      left.push(home.visit);
      this.#home = null;
    }
    for (const visit of left) await visit.close();
  }
}

async function beforeDeadline(work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const minutes = DEADLINE / 60_000;
  const timer = setTimeout(
    () => late.reject(new Error(`The step hangs: it did not end in ${minutes} minutes`)),
    DEADLINE,
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
