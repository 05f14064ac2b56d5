import { InputError } from "../../domain/mod.ts";
import { Chooser, EpisodePlayer, ShareChoosers, type Simulator } from "../../sim-wasm/mod.ts";
import { groupTree, threefold } from "../environment/group_tree.ts";
import type { TrainingSetting } from "../learning/trainer.ts";
import { AnyDemandPlayer, settingCapacities } from "./demand_player.ts";
import {
  CLASS_WIDTH,
  nearestClass,
  SIZE_CLASSES,
  SUB_BRANCHING,
  SUB_NODES,
  type SubSchedulers,
} from "./sub_schedulers.ts";

/** Sub-clusters of at most 27 nodes each, as even as possible: first node and number of nodes. */
export function subClusters(nodes: number): { first: number; size: number }[] {
  const parts = Math.ceil(nodes / SUB_NODES);
  const tree = groupTree(nodes, [parts, SUB_NODES]);
  return tree.groups[1]!.map(({ first, size }) => ({ first, size }));
}

/** Shares whose value is remembered: the sub-schedulers answer the same share the same way. */
const REMEMBERED = 50_000;

/** Episodes whose leaves are sub-clusters, filled by sub-schedulers: the high level. */
export class SubClusterPlayer extends AnyDemandPlayer {
  readonly #clusters: readonly { first: number; size: number; filler: Filler }[];
  readonly #fillers = new Map<string, Filler>();
  /** Of the sub-schedulers. */
  readonly #choosers: readonly Chooser[];
  readonly #shares: ShareChoosers;

  constructor(setting: TrainingSetting, sub: SubSchedulers, hidden: number) {
    const capacities = settingCapacities(setting);
    const clusters = subClusters(capacities.length);
    const rooms = clusters.map(({ first, size }) =>
      capacities.subarray(first, first + size).reduce((sum, slots) => sum + slots, 0)
    );
    super(setting, rooms, threefold(clusters.length), hidden);
    if (sub.apps.join("\n") !== setting.simulator.apps.join("\n")) {
      throw new InputError(
        `The sub-schedulers know other apps (${sub.apps.join(", ")}) than the model (${
          setting.simulator.apps.join(", ")
        })`,
      );
    }
    const bySize = sub.networks.map((levels) =>
      levels?.map((network) => new Chooser(setting.simulator, network))
    );
    this.#choosers = bySize.flatMap((levels) => levels ?? []);
    this.#shares = new ShareChoosers(
      setting.simulator,
      Array.from(
        { length: SIZE_CLASSES },
        (_, at) => bySize[nearestClass(sub, CLASS_WIDTH * at + 1)]!,
      ),
      CLASS_WIDTH,
    );
    const subHidden = Math.max(...this.#choosers.map((chooser) => chooser.hidden));
    this.#clusters = clusters.map(({ first, size }) => {
      const own = capacities.subarray(first, first + size);
      const key = own.join();
      const filler = this.#fillers.get(key) ?? newFiller(setting.simulator, own, subHidden);
      this.#fillers.set(key, filler);
      return { first, size, filler };
    });
  }

  override placement(actions: Uint8Array): Uint8Array {
    this.episodes.replay(this.demand, actions);
    const { apps } = this.simulator;
    const nodes = this.#clusters.reduce((sum, { size }) => sum + size, 0);
    const counts = new Uint8Array(nodes * apps.length);
    this.#clusters.forEach(({ first, filler }, leaf) =>
      counts.set(this.#shares.placement(this.episodes, leaf, filler.player), first * apps.length)
    );
    return counts;
  }

  protected override total(): number {
    const { length } = this.simulator.apps;
    const shares = this.episodes.placed();
    let total = 0;
    this.#clusters.forEach(({ filler }, leaf) => {
      const key = shares.subarray(leaf * length, (leaf + 1) * length).join();
      let value = filler.known.get(key);
      if (value === undefined) {
        value = this.#shares.place(this.episodes, leaf, filler.player);
        if (filler.known.size >= REMEMBERED) filler.known.clear();
        filler.known.set(key, value);
      }
      total += value;
    });
    return total;
  }

  protected override release(): void {
    super.release();
    for (const { player } of this.#fillers.values()) player.dispose();
    for (const chooser of this.#choosers) chooser.dispose();
    this.#shares.dispose();
  }
}

/** A player of sub-clusters with certain capacities, and what it is known to reach. */
interface Filler {
  readonly player: EpisodePlayer;
  readonly known: Map<string, number>;
}

function newFiller(simulator: Simulator, capacities: Uint8Array, hidden: number): Filler {
  const player = new EpisodePlayer({
    simulator,
    tree: groupTree(capacities.length, SUB_BRANCHING),
    capacities,
    hidden,
    remaining: true,
  });
  return { player, known: new Map() };
}
