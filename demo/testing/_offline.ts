import assert from "node:assert/strict";
import { placed, proved, shows } from "./_page.ts";
import type { Step } from "./_stage.ts";

/** What still works when the network goes, and what is said of the rest. */
export const OFFLINE: readonly Step[] = [
  {
    name: "without a network all that was there goes on, and the rest says what it needs",
    async run(stage) {
      const page = await stage.open();
      await proved(page);
      await page.context().setOffline(true);
      await page.selectOption(".panel:nth-child(1) .scheduler", "medea");
      await placed(page);
      await page.click("#nodes label:nth-child(1)");
      await proved(page);
      await page.selectOption(".panel:nth-child(1) .scheduler", "metis-online");
      const problem = /^Cannot load the policy online .*: try again when the network is there$/;
      await shows(page, ".panel:nth-child(1) .problem", problem);
      await page.click("#train");
      await shows(
        page,
        "#notice span",
        /could not be loaded: try again when the network is there$/,
      );
      assert.equal(await page.isDisabled("#train"), false);
      await page.context().setOffline(false);
      await page.selectOption(".panel:nth-child(1) .scheduler", "spread");
      await placed(page);
      await page.selectOption(".panel:nth-child(1) .scheduler", "metis-online");
      await placed(page);
    },
  },
];
