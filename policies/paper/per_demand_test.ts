import assert from "node:assert/strict";
import { InterruptedError, Random } from "../../domain/mod.ts";
import { runScheduler } from "../../scheduling/mod.ts";
import { smallProblem, smallSimulator } from "../_surface.ts";
import { dcScheduler } from "./dc.ts";
import { HIGH_OPTIONS } from "./demand_config.ts";
import { createPaperNetwork } from "../learning/network.ts";
import { metisPaperScheduler } from "./scheduler.ts";
import { vanillaScheduler } from "./vanilla.ts";

const simulator = smallSimulator();
const SCHEDULERS = [
  { scheduler: metisPaperScheduler(), parameters: { episodes: 30, subEpisodes: 200 } },
  { scheduler: vanillaScheduler(), parameters: { episodes: 30 } },
  { scheduler: dcScheduler(), parameters: { episodes: 30 } },
];

for (const { scheduler, parameters } of SCHEDULERS) {
  const { name } = scheduler;

  Deno.test(`${name} places a demand, the same for a seed`, async () => {
    const problem = { ...smallProblem(30, [25, 20, 30]), simulator };
    const first = await runScheduler(scheduler, problem, { seed: 3, parameters });
    const second = await runScheduler(scheduler, problem, { seed: 3, parameters });
    assert.deepEqual(first.placement, second.placement);
    assert.equal(first.details?.["episodes"], 30);
  });

  Deno.test(`${name} fills every slot where the demand needs all`, async () => {
    const problem = { ...smallProblem(28, [40, 40, 32]), simulator };
    await runScheduler(scheduler, problem, { parameters });
  });

  Deno.test(`${name} places an empty demand and a single container`, async () => {
    for (const demand of [[0, 0, 0], [0, 1, 0]]) {
      const problem = { ...smallProblem(2, demand), simulator };
      await runScheduler(scheduler, problem, { parameters });
    }
  });

  Deno.test(`${name} ends at the time limit and at the abort signal`, async () => {
    const problem = { ...smallProblem(9, [10, 8, 6]), simulator };
    const limited = await runScheduler(scheduler, problem, { timeLimit: 0.1 });
    // Without the limit it would be all of them.
    assert.ok(Number(limited.details?.["episodes"]) < HIGH_OPTIONS.defaults.episodes);
    const signal = AbortSignal.abort();
    await assert.rejects(runScheduler(scheduler, problem, { signal }), InterruptedError);
  });
}

Deno.test("metis-paper uses sub-schedulers that it is given, without training its own", async () => {
  const draws = new Random(3);
  const networks = [1, 2, 3].map((level) =>
    createPaperNetwork(`class0/level${level}`, 13, 3, draws, 8)
  );
  const scheduler = metisPaperScheduler({
    policies: { networks: () => Promise.resolve(networks) },
  });
  const problem = { ...smallProblem(30, [5, 6, 7]), simulator };
  const run = await runScheduler(scheduler, problem, { parameters: { episodes: 20 } });
  assert.equal(run.details?.["subSchedulersLoaded"], true);
});
