import assert from "node:assert/strict";
import { demandTotal, NO_RULES, Random, uniformCluster } from "../../domain/mod.ts";
import { proveBound } from "../../baselines/optimal/bound.ts";
import { runScheduler } from "../../scheduling/mod.ts";
import { smallProblem, smallSimulator } from "../_surface.ts";
import { loadTensorFlow } from "../learning/tensorflow.ts";
import { createMetisNetworks } from "../metis/policy.ts";
import { guidedSubLearner } from "./guided.ts";
import { metisPaperScheduler } from "./scheduler.ts";
import { SubClusterPlayer } from "./sub_cluster_player.ts";

const simulator = smallSimulator();

/** Fresh weights: what they choose does not matter here. */
const fresh = () => createMetisNetworks(8, true, new Random(4));

Deno.test("guided sub-schedulers fill sub-clusters: what the player counts is what its placement is worth", () => {
  const firstTwenty = Array.from({ length: 20 }, (_, node) => node);
  const cases: [number, number[]][] = [
    [5, []],
    [28, [0, 1, 20]],
    [60, [0, 30, 59]],
    // A whole sub-cluster.
    [60, firstTwenty],
  ];
  for (const [nodes, fencedNodes] of cases) {
    const cluster = uniformCluster(nodes, 4);
    const rules = { ...NO_RULES, fencedNodes };
    const demand = [nodes, 3, nodes - 2];
    const setting = { simulator, cluster, demand, rules };
    using player = new SubClusterPlayer(setting, fresh(), 8);
    for (let seed = 1; seed <= 5; seed++) {
      const { actions, mean } = player.play("spread", seed);
      const counts = player.placement(actions);
      const total = simulator.evaluate({ nodes, apps: 3, counts });
      assert.ok(Math.abs(total - mean * demandTotal(demand)) < 1e-9);
      demand.forEach((count, app) =>
        assert.equal(counts.reduce((sum, held, at) => at % 3 === app ? sum + held : sum, 0), count)
      );
      for (const node of fencedNodes) {
        assert.ok(counts.subarray(3 * node, 3 * node + 3).every((count) => count === 0));
      }
    }
  }
});

Deno.test("metis-paper places by guided sub-schedulers, and learning them brings it near the bound", async () => {
  const tensorflow = await loadTensorFlow();
  const setting = { simulator, cluster: uniformCluster(27, 4) };
  const config = { ...guidedSubLearner.defaults, updates: 60, hidden: 16 };
  using trainer = guidedSubLearner.create(tensorflow, setting, config, 1);
  while (!trainer.done) trainer.update();
  const problem = { ...smallProblem(60, [50, 40, 60]), simulator };
  const { boundTotal } = await proveBound(problem, { effort: "lp" });
  const networks = trainer.networks();
  const scheduler = metisPaperScheduler({
    policies: { networks: () => Promise.resolve(networks) },
  });
  const run = await runScheduler(scheduler, problem, { parameters: { episodes: 40 } });
  assert.equal(run.details?.["subSchedulersLoaded"], true);
  assert.ok(run.total >= 0.98 * boundTotal, `${run.total} of ${boundTotal}`);
});

Deno.test("guided sub-schedulers decide the option levels themselves", () => {
  assert.deepEqual(guidedSubLearner.validate({ ...guidedSubLearner.defaults }), []);
  const [problem] = guidedSubLearner.validate({ ...guidedSubLearner.defaults, levels: false });
  assert.match(problem!, /Unknown option levels: known are hidden, /);
  const [other] = guidedSubLearner.validate({ ...guidedSubLearner.defaults, firstClass: 1 });
  assert.match(other!, /Unknown option firstClass: known are hidden, /);
});
