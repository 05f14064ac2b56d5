import type { Network } from "../learning/network.ts";
import type { TrainingSetting } from "../learning/trainer.ts";
import { groupTree, threefold } from "../environment/group_tree.ts";
import { AnyDemandPlayer, settingCapacities } from "./demand_player.ts";
import { type Filler, type Fillers, fillersOf } from "./fillers.ts";
import { SUB_NODES } from "./sub_schedulers.ts";

/** Sub-clusters of at most 27 nodes each, as even as possible: first node and number of nodes. */
export function subClusters(nodes: number): { first: number; size: number }[] {
  const parts = Math.ceil(nodes / SUB_NODES);
  const tree = groupTree(nodes, [parts, SUB_NODES]);
  return tree.groups[1]!.map(({ first, size }) => ({ first, size }));
}

/** Shares whose value is remembered: the sub-schedulers answer the same share the same way. */
const REMEMBERED = 50_000;

/** Sub-clusters with the same slots, and what they are known to reach. */
interface Kind {
  readonly filler: Filler;
  readonly known: Map<string, number>;
}

/** Episodes whose leaves are sub-clusters, filled by sub-schedulers: the high level. */
export class SubClusterPlayer extends AnyDemandPlayer {
  readonly #clusters: readonly { first: number; size: number; kind: Kind }[];
  readonly #fillers: Fillers;

  /**
   * @param sub Networks of trained sub-schedulers, the paper's or guided ones.
   * @throws {InputError} if they are neither, or do not fit the apps.
   */
  constructor(setting: TrainingSetting, sub: readonly Network[], hidden: number) {
    const capacities = settingCapacities(setting);
    const clusters = subClusters(capacities.length);
    const rooms = clusters.map(({ first, size }) =>
      capacities.subarray(first, first + size).reduce((sum, slots) => sum + slots, 0)
    );
    super(setting, rooms, threefold(clusters.length), hidden);
    this.#fillers = fillersOf(setting.simulator, sub);
    const kinds = new Map<string, Kind>();
    this.#clusters = clusters.map(({ first, size }) => {
      const own = capacities.slice(first, first + size);
      const kind = kinds.get(own.join()) ?? { filler: this.#fillers.of(own), known: new Map() };
      kinds.set(own.join(), kind);
      return { first, size, kind };
    });
  }

  override placement(actions: Uint8Array): Uint8Array {
    this.episodes.replay(this.demand, actions);
    const { apps } = this.simulator;
    const nodes = this.#clusters.reduce((sum, { size }) => sum + size, 0);
    const counts = new Uint8Array(nodes * apps.length);
    this.#clusters.forEach(({ first, kind }, leaf) =>
      counts.set(kind.filler.placement(this.episodes, leaf), first * apps.length)
    );
    return counts;
  }

  protected override total(): number {
    const { length } = this.simulator.apps;
    const shares = this.episodes.placed();
    let total = 0;
    this.#clusters.forEach(({ kind: { filler, known } }, leaf) => {
      const key = shares.subarray(leaf * length, (leaf + 1) * length).join();
      let value = known.get(key);
      if (value === undefined) {
        value = filler.value(this.episodes, leaf);
        if (known.size >= REMEMBERED) known.clear();
        known.set(key, value);
      }
      total += value;
    });
    return total;
  }

  protected override release(): void {
    super.release();
    this.#fillers.dispose();
  }
}
