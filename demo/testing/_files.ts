import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { PAPER_APPS } from "../../mod.ts";
import { profileEntries, zipOf } from "../../profiles/_testing.ts";
import { placed, proved, shows, textOf, upload } from "./_page.ts";
import { evaluate, exported } from "./_plans.ts";
import { savedPolicy } from "./_saving.ts";
import type { Step } from "./_stage.ts";
import { adopt, train } from "./_training.ts";

const REFUSED = [
  ["#profile-file", "empty.csv", "", /^empty\.csv: is empty$/],
  ["#profile-file", "broken.csv", "a,b,rps:a,rps:b\n1,1,fast,1\n", /^broken\.csv: row 0 .*rps:a/],
  ["#profile-file", "broken.npz", "PK\x03\x04nonsense", /^broken\.npz: /],
  ["#plan-file", "broken.json", "{", /^broken\.json: not JSON/],
  [
    "#plan-file",
    "other.json",
    '{"apps":["x"],"placement":[[1]]}',
    /^other\.json: lacks redis, .* and has unknown x: /,
  ],
] as const;

/** Two apps that slow each other down a little. */
export const OWN =
  "web,db,rps:web,rps:db\n1,0,1,\n0,1,,1\n1,1,1.2,0.9\n2,0,0.8,\n0,2,,0.7\n2,1,0.7,0.8\n";

/** Profiles and plans of the user. */
export const FILES: readonly Step[] = [
  {
    name: "bad files are refused in one line, and nothing is lost",
    async run(stage) {
      const page = await stage.home();
      const verdict = await textOf(page, "#verdict");
      for (const [input, name, content, expected] of REFUSED) {
        await upload(page, input, name, content);
        const said = await shows(page, "#notice.error span", expected);
        assert.doesNotMatch(said, /\n/);
        await page.click("#notice button");
        await page.waitForSelector("#notice", { state: "hidden" });
      }
      assert.equal(await textOf(page, "#verdict"), verdict);
    },
  },
  {
    name: "a user's profile is fitted and placed, also by a policy that is trained in the page",
    async run(stage) {
      const page = await stage.home();
      await upload(page, "#profile-file", "own.csv", OWN);
      await shows(page, "#profile", /^own\.csv: 6 measured configurations of 2 apps/);
      await train(page, /^Update [1-9]/);
      assert.deepEqual(await savedPolicy(page), ["web", "db"]);
      await adopt(page);
      await proved(page);
      await page.selectOption(".panel:nth-child(2) .scheduler", "optimal");
      await placed(page);
      await shows(page, ".panel:nth-child(2) .gap", /^0 \(proven\)$/);
      assert.equal(await page.locator("#matrix tbody tr").count(), 2);
      await page.selectOption(".panel:nth-child(2) .scheduler", "metis");
      await backToBundled(page);
    },
  },
  {
    name: "a profile in the format of 2020 is read",
    async run(stage) {
      const page = await stage.home();
      const one = PAPER_APPS.map((_, app) => PAPER_APPS.map((_, other) => Number(app === other)));
      const two = one.map((row) => row.map((count) => 2 * count));
      const entries = profileEntries([...one, ...two], [...one, ...one], { deflate: true });
      await upload(page, "#profile-file", "profile.npz", await zipOf(...entries));
      await shows(page, "#profile", /^profile\.npz: 14 measured/);
      assert.equal(await page.locator("#matrix tbody tr").count(), PAPER_APPS.length);
      await backToBundled(page);
    },
  },
  {
    name: "a user's plan is shown beside the schedulers, on its own cluster",
    async run(stage) {
      const page = await stage.home();
      const demand = await page.inputValue("#demand-choice");
      const plan = await exported(page, 1);
      // Apps in another order, and only two nodes.
      const apps = plan.apps.toReversed();
      const placement = [apps.map(() => 1), apps.map((_, at) => at === 0 ? 3 : 0)];
      await upload(page, "#plan-file", "mine.json", JSON.stringify({ apps, placement }));
      await shows(page, "#fill-text", /^10 /);
      await placed(page);
      assert.equal(await page.inputValue(".panel:nth-child(1) .scheduler"), "mine.json");
      const shown = await exported(page, 1);
      assert.deepEqual(shown.placement, placement.map((row) => row.toReversed()));
      assert.ok(Math.abs((await evaluate(shown)).mean - shown.mean) < 1e-12);
      await page.selectOption(".panel:nth-child(1) .scheduler", plan.scheduler);
      await page.click("#nodes label:has([value='81'])");
      await page.selectOption("#demand-choice", demand);
      await page.waitForFunction(() => location.hash.includes("nodes=81"));
      await proved(page);
    },
  },
];

/** Leaves a profile of the user. */
export async function backToBundled(page: Page): Promise<void> {
  await page.click("#bundled");
  await shows(page, "#profile", /^lab-7x8\.csv: /);
  await proved(page);
}
