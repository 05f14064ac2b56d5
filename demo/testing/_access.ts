/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { backToBundled, OWN } from "./_files.ts";
import { drawn, shows, upload } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** How people set their screens. */
const SCREENS = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  "forced colours": { colorScheme: "dark", forcedColors: "active" },
} as const;

/** Whether everybody can use the page: the rules of axe-core, on every screen. */
export const ACCESS: readonly Step[] = [
  {
    name: "axe finds nothing in the dashboard, nor in all that a profile of one's own opens",
    async run(stage) {
      const page = await stage.home();
      await axeFindsNothing(page);
      await upload(page, "#profile-file", "own.csv", OWN);
      await shows(page, "#commands", /metis deploy plan\.json$/);
      await page.click(".panel:nth-child(2) .table-toggle");
      await page.click(".panel:nth-child(1) .runs");
      await page.click("#best");
      await page.waitForSelector("#steps-next:enabled");
      await axeFindsNothing(page);
      await page.click(".panel:nth-child(2) .table-toggle");
      await backToBundled(page);
    },
  },
  {
    name: "axe finds nothing in the story",
    async run(stage) {
      const page = await stage.open("#story");
      await shows(page, "#nine-said", /below the best possible/);
      await axeFindsNothing(page);
    },
  },
];

/** The part of axe-core that is used here: the whole is a script that makes a global of this name. */
declare const axe: {
  run(): Promise<
    {
      readonly violations: readonly {
        readonly id: string;
        readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
      }[];
    }
  >;
};

async function axeFindsNothing(page: Page): Promise<void> {
  await page.evaluate(await Deno.readTextFile(new URL(import.meta.resolve("axe-core"))));
  for (const [screen, media] of Object.entries(SCREENS)) {
    await page.emulateMedia(media);
    await drawn(page);
    const found = await page.evaluate(async () =>
      (await axe.run()).violations.map(({ id, nodes }) => ({
        id,
        where: nodes.map(({ html, failureSummary }) => `${html}: ${failureSummary}`),
      }))
    );
    assert.deepEqual(found, [], screen);
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null });
}
