/**
 * Chromium, where it is installed.
 * @module
 */
import type { Browser } from "playwright-core";

/** Debian's. */
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

/** Why there is no browser here, or null. */
export async function missingBrowser(): Promise<string | null> {
  return await Deno.stat(CHROMIUM).then(() => null, () => `there is no ${CHROMIUM}`);
}

/** Starts Chromium. */
export async function startBrowser(): Promise<Browser> {
  // A package inside playwright-core looks for the Windows Subsystem for Linux in /proc when it is loaded, which Deno
  // allows with all permissions only. This variable keeps it from looking.
  Deno.env.set("__IS_WSL_TEST__", "1");
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
    // Playwright would close the browser only, and the tests would go on without it. Chromium ends with who started it.
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}
