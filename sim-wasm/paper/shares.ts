import { addressIn, addressOf, CoreObject, coreOf } from "../core/core_object.ts";
import type { Address } from "../build/core_exports.ts";
import type { Simulator } from "../space/simulator.ts";
import type { Chooser } from "./chooser.ts";
import type { EpisodePlayer } from "./episodes.ts";

/**
 * Lets sub-schedulers place the shares that a high level gives to sub-clusters: the choosers of every size class.
 * Dispose of it after use, of its choosers too.
 */
export class ShareChoosers extends CoreObject {
  readonly #classes: number;
  readonly #classWidth: number;

  /**
   * Lists the choosers in the core.
   * @param choosers By size class, then by level of the players that fill sub-clusters.
   * @param classWidth Containers of a size class.
   */
  constructor(
    simulator: Simulator,
    choosers: readonly (readonly Chooser[])[],
    classWidth: number,
  ) {
    const core = coreOf(simulator);
    const table = core.place("u32", choosers.flat().map((chooser) => addressIn(core, chooser)));
    super("table of choosers", core, table, () => core.free(table));
    this.#classes = choosers.length;
    this.#classWidth = classWidth;
  }

  /**
   * Places the share that the last episode of `high` gave to a leaf by the player of its sub-cluster, greedily.
   * @returns Total throughput, NaN if not all of it found room.
   */
  place(high: EpisodePlayer, leaf: number, player: EpisodePlayer): number {
    return this.#place(high, leaf, player, 0);
  }

  /** As {@link place}. @returns What every node of the sub-cluster then holds: row-major, nodes x apps. */
  placement(high: EpisodePlayer, leaf: number, player: EpisodePlayer): Uint8Array {
    const core = coreOf(this);
    const length = player.tree.leaves * player.apps;
    return core.lend([["u8", length]], (out) => {
      this.#place(high, leaf, player, out);
      return core.read("u8", out, length);
    });
  }

  #place(high: EpisodePlayer, leaf: number, player: EpisodePlayer, out: Address): number {
    const core = coreOf(this);
    return core.functions.placeShare({
      high: addressIn(core, high),
      leaf,
      sub: addressIn(core, player),
      choosers: addressOf(this),
      classes: this.#classes,
      classWidth: this.#classWidth,
      out,
    });
  }
}
