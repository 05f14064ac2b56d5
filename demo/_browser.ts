/// <reference lib="dom" />
/**
 * A real browser on a demo that is built and served, for tests.
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Browser, chromium, type Page } from "playwright-core";
import { buildDemo } from "./build.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const ROOT = new URL("../", import.meta.url);
const PROFILE = ["--profile", "datasets/lab-7x8.csv"];

/** A served demo, and a browser to use it with. */
export interface Stage {
  readonly url: string;
  readonly browser: Browser;
}

/** A page with what went wrong on it and what it asked the network for. */
export interface Visit {
  readonly page: Page;
  readonly problems: string[];
  readonly hosts: Set<string>;
}

/** Builds the demo, serves it by `metis demo`, starts a browser, and cleans all of it up. */
export async function withStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "metis-demo-" });
  try {
    await buildDemo(folder);
    // The same folder from a path below: the demo must not know where it lies.
    await Deno.symlink(folder, `${folder}/below`);
    await using server = await serve(folder);
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    try {
      await use({ url: server.url, browser });
    } finally {
      await browser.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Serves a folder by the command line, as a user does. */
async function serve(folder: string): Promise<{ url: string } & AsyncDisposable> {
  const child = metis(["demo", "--directory", folder, "--port", "0", "--json"], [
    "--allow-net=127.0.0.1",
  ])
    .spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return {
    url: JSON.parse(value!).url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await reader.cancel();
      assert.equal((await child.status).code, 0);
    },
  };
}

/** Opens the demo; when the visit is over, nothing may have gone wrong and no other host been asked. */
export async function open(
  { url, browser }: Stage,
  hash = "",
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<Visit & AsyncDisposable> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const problems: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() !== "log") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(error.message));
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "blob:" && protocol !== "data:") hosts.add(host);
  });
  await page.goto(url + hash);
  return {
    ...{ page, problems, hosts },
    async [Symbol.asyncDispose]() {
      await context.close();
      assert.deepEqual(problems, []);
      assert.deepEqual([...hosts], [new URL(url).host]);
    },
  };
}

/** Waits until both panels show a placement. */
export async function placed(page: Page): Promise<void> {
  // What was done last is shown with the next frame.
  await page.evaluate(() =>
    new Promise((resume) => requestAnimationFrame(() => requestAnimationFrame(resume)))
  );
  await page.waitForFunction(() =>
    document.querySelectorAll(".panel[data-status=placed]").length === 2
  );
}

/** Waits until the optimum is proven as well. */
export async function proved(page: Page): Promise<void> {
  await placed(page);
  await page.waitForFunction(() => /proven/.test(document.querySelector("#verdict")!.textContent!));
}

export async function text(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).textContent())!.trim();
}

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

/** How many different colours a panel's canvas holds. */
export function colours(page: Page, panel: number): Promise<number> {
  return page.evaluate((at) => {
    const canvas = document.querySelectorAll("canvas")[at - 1]!;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, panel);
}

interface ShownPlan {
  readonly scheduler: string;
  readonly seed: number;
  readonly apps: string[];
  readonly nodes: number;
  readonly capacity: number;
  readonly demand: number[];
  readonly mean: number;
  readonly total: number;
  readonly bound: number | null;
  readonly placement: number[][];
}

/** The plan that a panel saves. */
export async function exported(page: Page, panel: number): Promise<ShownPlan> {
  const download = page.waitForEvent("download");
  await page.click(`.panel:nth-child(${panel}) .export`);
  return JSON.parse(await Deno.readTextFile((await (await download).path())!));
}

/** What `metis schedule` makes of a plan's problem. */
export function schedule(plan: ShownPlan): Promise<ShownPlan> {
  return printed([
    ...["schedule", ...PROFILE, "--nodes", `${plan.nodes}`, "--capacity", `${plan.capacity}`],
    ...["--demand", plan.demand.join(), "--scheduler", plan.scheduler, "--seed", `${plan.seed}`],
    "--json",
  ]);
}

/** What `metis evaluate` says of a plan. */
export async function evaluate(plan: ShownPlan): Promise<ShownPlan> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify(plan));
    return await printed(["evaluate", "--plan", file, ...PROFILE, "--json"]);
  } finally {
    await Deno.remove(file);
  }
}

async function printed(args: readonly string[]): Promise<ShownPlan> {
  const { stdout, stderr } = await metis(args).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function metis(args: readonly string[], permissions: readonly string[] = []): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-read", "--allow-env", "--allow-sys", ...permissions],
      ...["cli/main.ts", ...args],
    ],
    cwd: ROOT,
    stdout: "piped",
    stderr: args[0] === "demo" ? "inherit" : "piped",
  });
}
