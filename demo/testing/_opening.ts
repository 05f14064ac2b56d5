import assert from "node:assert/strict";
import { colours, proved, textOf } from "./_page.ts";
import { compare, exported, sameGrounds, schedule, type ShownPlan } from "./_plans.ts";
import { BELOW } from "./_site.ts";
import type { Step } from "./_stage.ts";

/** The last one is the panel's at first. */
const SCHEDULERS = ["random", "greedy", "metis-online", "metis", "spread"];

/** What the page shows at first, and whether it is true. */
export const OPENING: readonly Step[] = [
  {
    name: "the demo opens with two placements and their gap to the proven optimum",
    async run(stage) {
      const page = await stage.home();
      assert.match(
        await textOf(page, "#verdict .headline"),
        /^metis runs these containers \d+ % faster than spread on average, and [\w-]+ pays.*: \d+ % slower$/,
      );
      assert.match(
        await textOf(page, ".panel:nth-child(2) .gap"),
        /^0\.\d{3} %$|^0 \(proven\)$/,
      );
      assert.match(
        await textOf(page, ".panel:nth-child(2) .grounds"),
        /^Worst app [\w-]+ [01]\.\d{4}, worst container [01]\.\d{4}\. \d+ % of the containers are in measured configurations, .* Expected mean when measured: [01]\.\d{4} to [01]\.\d{4} \(90 %\)\.$/,
      );
      assert.match(
        await textOf(page, "#verdict"),
        /The slowest container runs at \d+ % of its speed alone, against \d+ %\..* proven under the model\.$/,
      );
      assert.ok(await colours(page, 1) > 10, "the cluster is drawn");
    },
  },
  {
    name: "the numbers on the page are those of the command line",
    async run(stage) {
      const page = await stage.home();
      const shown: ShownPlan[] = [];
      for (const scheduler of SCHEDULERS) {
        await page.selectOption(".panel:nth-child(1) .scheduler", scheduler);
        await proved(page);
        shown.push(await exported(page, 1));
      }
      const told = await compare(shown[0]!, SCHEDULERS);
      for (const [at, scheduler] of SCHEDULERS.entries()) {
        const [plan, { mean, bound }] = [shown[at]!, told[at]!];
        assert.deepEqual([plan.scheduler, told[at]!.scheduler], [scheduler, scheduler]);
        assert.ok(Math.abs(plan.mean - mean) < 1e-12, `${scheduler}: ${plan.mean} and ${mean}`);
        assert.ok(Math.abs(plan.bound! - bound!) < 1e-9, `bound ${plan.bound} and ${bound}`);
        sameGrounds(plan, told[at]!);
      }
      const metis = shown[SCHEDULERS.indexOf("metis")]!;
      assert.deepEqual(metis.placement, (await schedule(metis)).placement);
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
