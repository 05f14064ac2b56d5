import { NO_RULES, Owner, Random } from "../../domain/mod.ts";
import type { TrainingSetting } from "../learning/trainer.ts";
import { drawNodes } from "./nodes.ts";

/** Updates in a row that learn on the same drawn nodes: a table takes longer to fill than to learn from once. */
const REUSED = 16;

/** Mixed into the seed of what is drawn. */
const NODE_STREAM = 0x6e6f6465;

/** The nodes of a player: those of a setting, or drawn ones. */
export type PlayedNodes = Required<Pick<TrainingSetting, "simulator" | "cluster" | "rules">>;

/**
 * Players for the updates of a training: always the same one on the nodes of its setting, or others every few updates on
 * drawn nodes. Which ones an update gets depends on seed and update only, so that a training resumes as if it had not
 * stopped.
 */
export class NodeStream<Player extends Disposable> extends Owner {
  readonly #setting: TrainingSetting;
  readonly #drawn: boolean;
  readonly #seed: number;
  readonly #make: (nodes: PlayedNodes) => Player;
  readonly #players = new Map<
    number,
    { readonly player: Player; readonly own: Disposable | null }
  >();
  #epoch = -1;

  /** @param make Makes a player on these nodes; the stream disposes of it. */
  constructor(
    setting: TrainingSetting,
    drawn: boolean,
    seed: number,
    make: (nodes: PlayedNodes) => Player,
  ) {
    super("stream of nodes");
    this.#setting = setting;
    this.#drawn = drawn;
    this.#seed = seed;
    this.#make = make;
  }

  /** The player of a part of an update; valid until one of a later update is asked for. */
  player(update: number, part: number): Player {
    const epoch = this.#drawn ? Math.floor(update / REUSED) : 0;
    if (epoch !== this.#epoch) this.#forget();
    this.#epoch = epoch;
    const at = this.#drawn ? part : 0;
    const known = this.#players.get(at);
    if (known !== undefined) return known.player;
    const { simulator, cluster, rules = NO_RULES } = this.#setting;
    const draws = new Random((this.#seed ^ NODE_STREAM) + 64 * epoch + part);
    const nodes = this.#drawn ? drawNodes(draws) : { simulator, cluster, rules };
    const player = this.#make(nodes);
    this.#players.set(at, { player, own: this.#drawn ? nodes.simulator : null });
    return player;
  }

  #forget(): void {
    for (const { player, own } of this.#players.values()) {
      player[Symbol.dispose]();
      own?.[Symbol.dispose]();
    }
    this.#players.clear();
  }

  /** Gives players and drawn simulators back. */
  protected override release(): void {
    this.#forget();
  }
}
