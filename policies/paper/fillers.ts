import {
  type Cluster,
  demandTotal,
  NO_RULES,
  type NodeClass,
  Owner,
  type Rules,
} from "../../domain/mod.ts";
import { Chooser, EpisodePlayer, ShareChoosers, type Simulator } from "../../sim-wasm/mod.ts";
import { groupTree } from "../environment/group_tree.ts";
import type { Network } from "../learning/network.ts";
import { MetisPlayer } from "../metis/player.ts";
import { choosesByLevels } from "../metis/policy.ts";
import {
  CLASS_WIDTH,
  nearestClass,
  SIZE_CLASSES,
  SUB_BRANCHING,
  subSchedulersFromNetworks,
} from "./sub_schedulers.ts";

/** Places the shares that a high level gives to one sub-cluster, greedily. */
export interface Filler {
  /** Total throughput of the share that the last episode of `high` gave to a leaf; NaN if not all of it found room. */
  value(high: EpisodePlayer, leaf: number): number;
  /** What every node of the sub-cluster then holds: row-major, nodes x apps. */
  placement(high: EpisodePlayer, leaf: number): Uint8Array;
}

/** Trained sub-schedulers at work: one filler for each kind of sub-cluster. Dispose of it after use, of its fillers too. */
export interface Fillers extends Disposable {
  /** @param capacities Slots of each node of the sub-cluster. */
  of(capacities: Uint8Array): Filler;
  /** Gives core memory back. */
  dispose(): void;
}

/**
 * The sub-schedulers that these networks are: the paper's, or guided ones.
 * @throws {InputError} if they are neither, or do not fit the apps.
 */
export function fillersOf(simulator: Simulator, networks: readonly Network[]): Fillers {
  return choosesByLevels(networks)
    ? new GuidedFillers(simulator, networks)
    : new PaperFillers(simulator, networks);
}

/** The paper's sub-schedulers: networks for each size class, all in the core. */
class PaperFillers extends Owner implements Fillers {
  readonly #simulator: Simulator;
  readonly #choosers: readonly Chooser[];
  readonly #shares: ShareChoosers;
  readonly #players: EpisodePlayer[] = [];

  constructor(simulator: Simulator, networks: readonly Network[]) {
    super("sub-schedulers");
    const sub = subSchedulersFromNetworks(networks, simulator.apps);
    const bySize = sub.networks.map((levels) =>
      levels?.map((network) => new Chooser(simulator, network))
    );
    this.#simulator = simulator;
    this.#choosers = bySize.flatMap((levels) => levels ?? []);
    this.#shares = new ShareChoosers(
      simulator,
      Array.from(
        { length: SIZE_CLASSES },
        (_, at) => bySize[nearestClass(sub, CLASS_WIDTH * at + 1)]!,
      ),
      CLASS_WIDTH,
    );
  }

  of(capacities: Uint8Array): Filler {
    const player = new EpisodePlayer({
      simulator: this.#simulator,
      tree: groupTree(capacities.length, SUB_BRANCHING),
      capacities,
      hidden: Math.max(...this.#choosers.map((chooser) => chooser.hidden)),
      remaining: true,
    });
    this.#players.push(player);
    return {
      value: (high, leaf) => this.#shares.place(high, leaf, player),
      placement: (high, leaf) => this.#shares.placement(high, leaf, player),
    };
  }

  protected override release(): void {
    for (const player of this.#players) player.dispose();
    for (const chooser of this.#choosers) chooser.dispose();
    this.#shares.dispose();
  }
}

/** Guided sub-schedulers: one policy for all shares, which sees what the model says of each group. */
class GuidedFillers extends Owner implements Fillers {
  readonly #simulator: Simulator;
  readonly #networks: readonly Network[];
  readonly #players: MetisPlayer[] = [];

  constructor(simulator: Simulator, networks: readonly Network[]) {
    super("sub-schedulers");
    this.#simulator = simulator;
    this.#networks = networks;
  }

  of(capacities: Uint8Array): Filler {
    const { apps } = this.#simulator;
    const empty = () => new Uint8Array(capacities.length * apps.length);
    if (capacities.every((slots) => slots === 0)) return { value: () => 0, placement: empty };
    const demand = apps.map(() => 0);
    const player = new MetisPlayer(
      this.#simulator,
      { apps, demand, ...clusterOf(capacities) },
      this.#networks,
    );
    this.#players.push(player);
    const shareOf = (high: EpisodePlayer, leaf: number): number[] => [
      ...high.placed().subarray(leaf * apps.length, (leaf + 1) * apps.length),
    ];
    const plan = (share: readonly number[]): number => {
      player.price(share);
      return player.plan(share, { temperature: 0 }) ?? NaN;
    };
    return {
      value: (high, leaf) => {
        const share = shareOf(high, leaf);
        return demandTotal(share) === 0 ? 0 : plan(share);
      },
      placement: (high, leaf) => {
        const share = shareOf(high, leaf);
        if (demandTotal(share) === 0) return empty();
        plan(share);
        return player.placement().counts;
      },
    };
  }

  protected override release(): void {
    for (const player of this.#players) player.dispose();
  }
}

/** Nodes with these slots, in this order; those without any are fenced. */
function clusterOf(capacities: Uint8Array): { cluster: Cluster; rules: Rules } {
  const nodeClasses: NodeClass[] = [];
  capacities.forEach((slots, node) => {
    const last = nodeClasses.at(-1);
    const capacity = Math.max(1, slots);
    if (last?.capacity === capacity) {
      nodeClasses[nodeClasses.length - 1] = { ...last, count: last.count + 1 };
    } else {
      nodeClasses.push({
        name: `from ${node}`,
        capacity,
        count: 1,
        labels: {},
        failureDomain: null,
      });
    }
  });
  const fencedNodes = [...capacities.keys()].filter((node) => capacities[node] === 0);
  return { cluster: { nodeClasses }, rules: { ...NO_RULES, fencedNodes } };
}
