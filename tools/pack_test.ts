import assert from "node:assert/strict";
import { inFull } from "./_full.ts";

const ROOT = Deno.realPathSync(new URL("../", import.meta.url));
const DEMAND = [27, 32, 12, 37, 30, 34, 28];
const SCHEDULERS = ["greedy", "metis", "optimal"];

/** Standard output of a command that must succeed. */
async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd })
    .output();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  assert.ok(success, `${command} ${args.join(" ")}: ${text(stderr)}`);
  return text(stdout);
}

function isThere(command: string): boolean {
  try {
    return new Deno.Command(command, { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const missing = ["node", "npm", "tar"].filter((command) => !isThere(command));

/** Makes the package as a user does. @returns Path of its tarball. */
async function pack(folder: string): Promise<string> {
  return (await output(Deno.execPath(), ["task", "--quiet", "pack", "--out", folder], ROOT)).trim();
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const skipped = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", ")} here)`;

Deno.test(inFull({
  name: `the npm package holds its entry points, compiled, and nothing of the tests${skipped}`,
  ignore: missing.length > 0,
  fn: () =>
    inFolder(async (folder) => {
      const tarball = await pack(`${folder}/npm`);
      const listed = await output("tar", ["-tzf", tarball], folder);
      const files = listed.trim().split("\n").map((path) => path.replace(/^package\//, ""));
      const text = await Deno.readTextFile(`${folder}/npm/package/package.json`);
      const { exports } = JSON.parse(text);
      assert.ok(Object.keys(exports).length > 10);
      for (const conditions of Object.values<Record<string, string>>(exports)) {
        for (const path of Object.values(conditions)) {
          assert.ok(files.includes(path.replace(/^\.\//, "")), `${path} is missing`);
        }
      }
      const strange = /\.ts$(?<!\.d\.ts)|_test\.|(^|\/)(_|testing|tools|bench|demo)/;
      assert.deepEqual(files.filter((path) => strange.test(path)), []);
    }),
}));

Deno.test(inFull({
  name: `the npm package places in Node as the command line does${skipped}`,
  ignore: missing.length > 0,
  fn: () =>
    inFolder(async (folder) => {
      const tarball = await pack(`${folder}/npm`);
      await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }');
      await output(
        "npm",
        ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball],
        folder,
      );
      await Deno.writeTextFile(`${folder}/place.js`, placing(DEMAND, SCHEDULERS));
      const inNode = JSON.parse(await output("node", ["place.js"], folder));
      for (const scheduler of SCHEDULERS) {
        const args =
          `schedule --profile datasets/lab-7x8.csv --fit extra-trees --nodes 81 --capacity 8 ` +
          `--demand ${DEMAND} --scheduler ${scheduler} --seed 1 --json --quiet`;
        const plan = JSON.parse(
          await output(Deno.execPath(), ["run", "-A", "cli/main.ts", ...args.split(" ")], ROOT),
        );
        const { mean, placement } = plan;
        assert.deepEqual(inNode[scheduler], { mean, placement }, scheduler);
      }
      const page = await Deno.readTextFile(`${ROOT}/docs/library.md`);
      const examples = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code!);
      await Deno.writeTextFile(`${folder}/first.js`, examples[0]!);
      assert.equal((await output("node", ["first.js"], folder)).trim(), `${inNode.metis.mean}`);
      await Deno.writeTextFile(`${folder}/second.js`, examples[1]! + FIRST_FIT);
      assert.equal((await output("node", ["second.js"], folder)).trim(), "[[2,1],[0,1]]");
    }),
}));

/** A script for Node that prints mean and placement of each scheduler on the bundled profile. */
function placing(demand: readonly number[], schedulers: readonly string[]): string {
  return `
import { readFile } from "node:fs/promises";
import { datasetUrl } from "@metis/metis/datasets";
import { NO_RULES, placementRows, uniformCluster } from "@metis/metis/domain";
import { fitModel } from "@metis/metis/models";
import { readProfile } from "@metis/metis/profiles";
import { defaultRegistry } from "@metis/metis/registry";
import { runScheduler } from "@metis/metis/scheduling";
import { Simulator } from "@metis/metis/simulator";

const data = await readFile(datasetUrl("lab-7x8"));
const { profile } = await readProfile(data, "lab-7x8.csv");
const simulator = Simulator.create({ model: fitModel("extra-trees", profile, { seed: 1 }), capacity: 8 });
const registry = defaultRegistry();
const problem = { apps: profile.apps, cluster: uniformCluster(81, 8), rules: NO_RULES, simulator };
const found = {};
for (const name of ${JSON.stringify(schedulers)}) {
  const demand = ${JSON.stringify(demand)};
  const { mean, placement } = await runScheduler(registry.get(name), { ...problem, demand }, { seed: 1 });
  found[name] = { mean, placement: placementRows(placement) };
}
console.log(JSON.stringify(found));
`;
}

/** Places two and two containers on two nodes of three slots. */
const FIRST_FIT = `
import { fitModel, NO_RULES, placementRows, readProfile, Simulator, uniformCluster } from "@metis/metis";
const csv = "a,b,rps:a,rps:b\\n1,0,1,\\n0,1,,1\\n1,1,1,1\\n";
const { profile } = await readProfile(new TextEncoder().encode(csv), "two apps");
const simulator = Simulator.create({ model: fitModel("extra-trees", profile, { seed: 1 }), capacity: 3 });
const { placement } = await runScheduler(registry.get("first-fit"), {
  apps: profile.apps, cluster: uniformCluster(2, 3), demand: [2, 2], rules: NO_RULES, simulator,
});
console.log(JSON.stringify(placementRows(placement)));
`;
