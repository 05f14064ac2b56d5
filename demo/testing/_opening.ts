import assert from "node:assert/strict";
import { colours, proved, textOf } from "./_page.ts";
import { exported, schedule } from "./_plans.ts";
import { BELOW } from "./_site.ts";
import type { Step } from "./_stage.ts";

/** What the page shows at first, and whether it is true. */
export const OPENING: readonly Step[] = [
  {
    name: "the demo opens with two placements and their gap to the proven optimum",
    async run(stage) {
      const page = await stage.home();
      assert.match(
        await textOf(page, "#verdict"),
        /^metis runs these containers 42 % faster than spread/,
      );
      assert.match(
        await textOf(page, ".panel:nth-child(2) .gap"),
        /^0\.\d{3} %$|^0 \(proven\)$/,
      );
      assert.ok(await colours(page, 1) > 10, "the cluster is drawn");
    },
  },
  {
    name: "the numbers on the page are those of the command line",
    async run(stage) {
      const page = await stage.home();
      for (const scheduler of ["random", "greedy", "metis-online", "metis", "spread"]) {
        await page.selectOption(".panel:nth-child(1) .scheduler", scheduler);
        await proved(page);
        const plan = await exported(page, 1);
        assert.equal(plan.scheduler, scheduler);
        const { mean, placement } = await schedule(plan, "none");
        assert.ok(Math.abs(plan.mean - mean) < 1e-12, `${scheduler}: ${plan.mean} and ${mean}`);
        assert.deepEqual(plan.placement, placement, scheduler);
      }
      const plan = await exported(page, 1);
      const { bound } = await schedule(plan, "optimal");
      assert.ok(Math.abs(plan.bound! - bound!) < 1e-9, `bound ${plan.bound} and ${bound}`);
    },
  },
  {
    name: "the demo runs from a path below another page's",
    async run(stage) {
      const page = await stage.open(`${BELOW}#nodes=27&demand=9.8.7.6.5.4.3&a=spread&b=metis`);
      await proved(page);
    },
  },
];
