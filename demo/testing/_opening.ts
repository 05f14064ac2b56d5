import assert from "node:assert/strict";
import { changeText } from "../session/words.ts";
import { colours, proved, textOf } from "./_page.ts";
import { compare, evaluate, exported, sameGrounds, schedule, type ShownPlan } from "./_plans.ts";
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
      const spread = await evaluate(await exported(page, 1));
      const metis = await evaluate(await exported(page, 2));
      const faster = changeText(metis.mean / spread.mean - 1).slice(1);
      assert.equal(
        await textOf(page, "#verdict .headline"),
        `metis runs these containers ${faster} faster than spread on average${
          payers(metis, spread)
        }`,
      );
      const gap = `${(100 * metis.gap!).toFixed(3)} %`;
      const exact = metis.proven ? "0 (proven)" : gap;
      assert.equal(
        await page.getAttribute(".panel:nth-child(2) .gap", "title"),
        `Mean normalised throughput ${metis.mean.toFixed(4)}, gap under the model ${exact}`,
      );
      assert.equal(
        await textOf(page, ".panel:nth-child(2) .gap"),
        metis.proven ? "0 (proven)" : changeText(metis.gap!).slice(1),
      );
      assert.match(
        await textOf(page, ".panel:nth-child(2) .grounds"),
        /^Slowest app [\w-]+: \d+ %; slowest container: \d+ %\. \d+ % of the containers are in measured configurations, .* Expected mean when measured, nine times in ten: \d+\.\d % to \d+\.\d %\.$/,
      );
      const proof = metis.proven
        ? "No placement has a higher mean: that is proven under the model."
        : `Within ${gap} of the optimum that is proven under the model.`;
      const [slow, before] = [metis, spread].map(({ worst }) => Math.round(100 * worst!));
      assert.equal(
        await textOf(page, "#verdict .more"),
        `The slowest container runs at ${slow} % of its speed alone, against ${before} %. ${proof}`,
      );
      assert.ok(await colours(page, 1) > 10, "the cluster is drawn");
    },
  },
  {
    name: "the page itself starts the workers of its workers, which Firefox may hang on otherwise",
    async run(stage) {
      const page = await stage.home();
      const started = page.waitForEvent("worker", {
        predicate: (worker) => worker.url().endsWith("/highs_worker.js"),
      });
      await page.selectOption(".panel:nth-child(1) .scheduler", "optimal");
      await started;
      await proved(page);
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

/** Who runs at least half a percent slower: the app that loses most, or the slowest container. */
function payers(after: ShownPlan, before: ShownPlan): string {
  const losers = after.apps
    .map((app) => ({ app, share: after.perApp[app]! / before.perApp[app]! - 1 }))
    .filter(({ share }) => share <= -0.005)
    .sort((one, other) => one.share - other.share);
  const [most] = losers;
  if (most !== undefined) {
    const others = losers.length === 1 ? "" : ` most of ${losers.length} apps`;
    return `, and ${most.app} pays${others}: ${changeText(most.share).slice(1)} slower`;
  }
  const worst = 1 - after.worst! / before.worst!;
  return worst < 0.005
    ? ", and no app pays for it"
    : `; no app pays, but the slowest container does: ${changeText(worst).slice(1)} slower`;
}
