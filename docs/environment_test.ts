/**
 * The client and the learner of environment.md, as they stand on the page, by Debian's python3 and numpy against the
 * real program.
 * @module
 */
import assert from "node:assert/strict";
import { readPlan } from "../scheduling/plans/mod.ts";
import { blocksOf } from "../tools/_docs.ts";
import { runs } from "../tools/_full.ts";
import { root, run } from "../tools/_process.ts";

const PYTHON = "/usr/bin/python3";
const main = decodeURIComponent(new URL("cli/main.ts", root).pathname);
const metis = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-check",
  "--allow-read",
  "--allow-env",
  main,
];

/** Makes a test need python3 and numpy: where they are missing it is ignored, and its name says why. */
function needsNumpy(name: string, fn: (folder: string) => Promise<void>): void {
  let reason: string | null = null;
  try {
    const { success } = new Deno.Command(PYTHON, { args: ["-c", "import numpy"], stderr: "null" })
      .outputSync();
    if (!success) reason = "python3-numpy is missing";
  } catch {
    reason = "python3 is missing";
  }
  Deno.test({
    name: reason === null ? name : `${name} (skipped: ${reason}: apt-get install python3-numpy)`,
    ignore: reason !== null,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await Deno.symlink(new URL("datasets", root), `${folder}/datasets`);
        const page = await Deno.readTextFile(new URL("docs/environment.md", root));
        for (const { file, code } of blocksOf(page)) {
          if (file !== null) await Deno.writeTextFile(`${folder}/${file}`, code);
        }
        await fn(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

const TABLE = `redis,isr,rps:redis,rps:isr
1,0,1,
0,1,,1
2,0,0.8,
0,2,,0.5
1,1,0.9,1.5
`;

const SCRIPT = `
import json, sys
import numpy as np
from metis_env import MetisError, MetisVectorEnv

def play(env, mode, seed, episodes=3):
    """Every observation and reward of random episodes, and the returns and plans of those that environment 0 has ended."""
    draws = np.random.default_rng(seed)
    seen, returns, plans, total = [], [], [], 0.0
    observations, infos = env.reset(seed=seed)
    assert observations.shape == (5, env.observation_size) and observations.dtype == np.float32
    while len(returns) < episodes:
        mask = infos["action_mask"]
        actions = (draws.random(mask.shape) * mask).argmax(axis=1)
        observations, rewards, terminated, truncated, infos = env.step(actions)
        assert terminated.dtype == bool and not truncated.any()
        seen += [observations, rewards]
        total += rewards[0]
        if terminated[0]:
            assert abs(infos["throughput"][0] - total) < 1e-12
            returns.append(total)
            plans.append(env.plan(0))
            total = 0.0
        if mode == "disabled" and terminated.any():
            try:
                env.step(actions)
                raise AssertionError("a step after the end was taken")
            except MetisError as error:
                assert str(error).startswith("ResetNeededError: "), error
            observations, infos = env.reset(options={"reset_mask": terminated})
    return seen, returns, plans

results = []
for mode in ("next-step", "same-step", "disabled"):
    made = [MetisVectorEnv(*"--table table.csv --nodes 3 --capacity 2 --containers 4 --number 5".split(),
                           "--autoreset", mode, program=sys.argv[1:]) for _ in range(2 if mode == "next-step" else 1)]
    one, returns, plans = play(made[0], mode, 1)
    other, _, _ = play(made[0], mode, 2)
    again, _, _ = play(made[-1], mode, 1)
    assert len(one) == len(again) and all(map(np.array_equal, one, again)), "equal seeds, other episodes"
    assert len(one) != len(other) or not all(map(np.array_equal, one, other)), "other seeds, equal episodes"
    results += [{"return": total, "plan": plan} for total, plan in zip(returns, plans)]
    for env in made:
        env.close()
        assert env._process.returncode == 0
json.dump(results, sys.stdout)
`;

needsNumpy(
  "the client in Python plays equal episodes for equal seeds, and returns what evaluate shows",
  async (folder) => {
    await Deno.writeTextFile(`${folder}/table.csv`, TABLE);
    await Deno.writeTextFile(`${folder}/script.py`, SCRIPT);
    const results = JSON.parse(await run(PYTHON, ["script.py", ...metis], { cwd: folder }));
    assert.equal(results.length, 9);
    // Plans of the first mode and of the last; each is valued by a process of its own.
    for (const { return: earned, plan } of [results[1], results[8]]) {
      await Deno.writeTextFile(`${folder}/plan.json`, JSON.stringify(plan));
      const [program, ...words] = metis;
      const evaluate = ["evaluate", "--plan", "plan.json", "--table", "table.csv", "--json"];
      const { mean } = JSON.parse(await run(program!, [...words, ...evaluate], { cwd: folder }));
      assert.ok(Math.abs(mean - earned) < 1e-12, `returned ${earned}, evaluate says ${mean}`);
    }
  },
);

needsNumpy("the learner in Python gets from random placements to better ones", async (folder) => {
  const learner = await Deno.readTextFile(`${folder}/learn.py`);
  const short = learner.replace("BATCHES, RATE = 60,", `BATCHES, RATE = ${runs(12, 60)},`);
  await Deno.writeTextFile(`${folder}/learn.py`, short);
  const said = await run(PYTHON, ["learn.py", ...metis], { cwd: folder });
  const means = [...said.matchAll(/throughput (\d\.\d+)$/gm)].map(([, mean]) => Number(mean));
  // The page says 0.40 and 0.515; ten batches are most of the way.
  assert.ok(means[0]! < 0.42, said);
  assert.ok(means.at(-1)! > runs(0.47, 0.505), said);
  const plan = readPlan(await Deno.readTextFile(`${folder}/learned.json`), "learned.json");
  assert.equal(plan.scheduler, "environment");
});
