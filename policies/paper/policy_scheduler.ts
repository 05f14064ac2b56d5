import { demandTotal, nodeCapacities } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import { Chooser, EpisodePlayer } from "../../sim-wasm/mod.ts";
import { groupTree } from "../environment/group_tree.ts";
import type { Network } from "../learning/network.ts";
import { networksFor, SUB_BRANCHING, subSchedulersFromNetworks } from "./sub_schedulers.ts";

/** A scheduler of one sub-cluster of up to 27 nodes, as training validates sub-schedulers: greedy choices. */
export function subPolicyScheduler(
  networks: readonly Network[],
  apps: readonly string[],
): Scheduler {
  const sub = subSchedulersFromNetworks(networks, apps);
  return {
    name: "sub",
    summary: "the paper's sub-schedulers on one sub-cluster",
    supports: { rules: false, nodeClasses: false, denseOnly: true },
    schedule({ simulator, cluster, rules, demand }) {
      const capacities = nodeCapacities(cluster, rules);
      const levels = networksFor(sub, Math.max(1, demandTotal(demand)));
      const player = new EpisodePlayer({
        simulator,
        tree: groupTree(capacities.length, SUB_BRANCHING),
        capacities,
        hidden: Math.max(...levels.map(({ layers }) => layers[0]!.outputs)),
        remaining: true,
      });
      const choosers = levels.map((network) => new Chooser(simulator, network));
      try {
        choosers.forEach((chooser, level) => player.setChooser(level, chooser));
        player.playUnrecorded(demand, "greedy");
        const counts = Uint8Array.from(player.placed());
        return Promise.resolve({
          placement: { nodes: capacities.length, apps: apps.length, counts },
        });
      } finally {
        player.dispose();
        for (const chooser of choosers) chooser.dispose();
      }
    },
  };
}
