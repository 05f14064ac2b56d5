import { countOf, InputError, ShapeError } from "../../domain/mod.ts";
import { CORE_CONSTANTS } from "../build/core_exports.ts";
import { addressIn, addressOf, CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import type { Chooser } from "./chooser.ts";
import type { EpisodePlayer } from "./episodes.ts";

/**
 * Sums the policy gradient of whole episodes (Williams, 1992: REINFORCE, with an entropy bonus) over the weights of a
 * player's choosers: of -log pi(a) x reward - entropyWeight x entropy. It records episodes while it plays them, or
 * plays earlier choices again, and adds up what choices share: observations differ in few places from one to the next. The player must outlive it. Dispose of it after use.
 */
export class EpisodeGradient extends CoreObject {
  readonly #player: EpisodePlayer;
  readonly #tapes: number;
  readonly #shapes: readonly Pick<Chooser, "inputs" | "hidden" | "outputs">[];

  /**
   * Room for the sums, and for tapes of episodes.
   * @param tapes How many episodes can be recorded before they are added.
   * @throws {InputError} if a level of the player has no chooser; others of the same shapes may follow it.
   */
  constructor(player: EpisodePlayer, tapes: number = 1) {
    const shapes = player.tree.branching.map((_, level) => {
      const chooser = player.chooserAt(level);
      if (chooser === undefined) {
        throw new InputError(`Level ${level} of the player has no chooser`);
      }
      const { inputs, hidden, outputs } = chooser;
      return { inputs, hidden, outputs };
    });
    const core = coreOf(player);
    const { functions } = core;
    const address = functions.createGradient(addressIn(core, player), tapes);
    super("gradient", core, address, () => functions.destroyGradient(address));
    this.#player = player;
    this.#shapes = shapes;
    this.#tapes = tapes;
  }

  /** Sets all sums to 0. */
  begin(): void {
    functionsOf(this).beginGradient(addressOf(this));
  }

  /**
   * Plays an episode as the player does in the mode `sample`, and records it: what it placed, its total and entropy are
   * then the player's.
   * @returns Its choices: row-major, containers x levels.
   * @throws {InputError} if there is no such tape, or not all containers find room. @throws {ShapeError} if choosers are now wider or narrower.
   */
  play(tape: number, demand: ArrayLike<number>, seed: number): Uint8Array {
    return this.#record(tape, demand, null, seed);
  }

  /** Adds the episode of a tape, recorded since the weights changed last. Once. @throws {InputError | ShapeError} as {@link play}. */
  addRecorded(tape: number, reward: number, entropyWeight: number): void {
    this.#check(tape);
    functionsOf(this).addRecorded(addressOf(this), tape, reward, entropyWeight);
  }

  /**
   * Adds an episode that was played before.
   * @param demand Containers of each app. Length = apps.
   * @param actions Row-major, containers x levels: choices that the player made for this demand.
   * @throws {ShapeError} if there are not as many choices. @throws {InputError} if not all containers find room.
   */
  add(
    demand: ArrayLike<number>,
    actions: Uint8Array,
    reward: number,
    entropyWeight: number,
  ): void {
    this.#record(0, demand, actions, 0);
    this.addRecorded(0, reward, entropyWeight);
  }

  #record(
    tape: number,
    demand: ArrayLike<number>,
    forced: Uint8Array | null,
    seed: number,
  ): Uint8Array {
    this.#check(tape);
    const core = coreOf(this);
    const { apps, levels } = this.#player;
    let containers = 0;
    for (let app = 0; app < apps; app++) containers += demand[app]!;
    const length = containers * levels;
    if (forced !== null && forced.length !== length) {
      throw new ShapeError("actions", length, forced.length);
    }
    return core.lend([["u32", apps], ["u8", length]], (wanted, actions) => {
      core.write("u32", wanted, demand, apps);
      if (forced !== null) core.write("u8", actions, forced, length);
      const unplaced = core.functions.recordEpisode(
        addressOf(this),
        tape,
        wanted,
        seed >>> 0,
        forced === null ? CORE_CONSTANTS.SAMPLE : CORE_CONSTANTS.FORCED,
        actions,
      );
      if (unplaced > 0) {
        throw new InputError(
          `No room for ${countOf(unplaced, "container")}: the demand exceeds the slots`,
        );
      }
      return forced ?? core.read("u8", actions, length);
    });
  }

  #check(tape: number): void {
    if (!(tape < this.#tapes)) {
      throw new InputError(`There is no tape ${tape}: there are ${countOf(this.#tapes, "tape")}`);
    }
    this.#shapes.forEach(({ hidden }, level) => {
      const now = this.#player.chooserAt(level)!.hidden;
      if (now !== hidden) throw new ShapeError("hidden units of a chooser", hidden, now);
    });
  }

  /** Sum of -log pi(a) x reward over all choices since {@link begin}. */
  get loss(): number {
    return functionsOf(this).gradientLoss(addressOf(this));
  }

  /** Sum of the entropies (nats) of all choices since {@link begin}. */
  get entropy(): number {
    return functionsOf(this).gradientEntropy(addressOf(this));
  }

  /** Copies of a level's sums since {@link begin}: kernel and bias of the first layer, of the second. */
  read(level: number): Float32Array[] {
    const shape = this.#shapes[level];
    if (shape === undefined) throw new InputError(`There is no level ${level}`);
    const { inputs, hidden, outputs } = shape;
    const core = coreOf(this);
    const { functions } = core;
    const address = addressOf(this);
    const lanes = (hidden + 3) & ~3;
    const first = core.view("f32", functions.gradientFirst(address, level), inputs * lanes);
    const kernel = new Float32Array(inputs * hidden);
    for (let input = 0; input < inputs; input++) {
      kernel.set(first.subarray(input * lanes, input * lanes + hidden), input * hidden);
    }
    const second = core.view("f32", functions.gradientSecond(address, level), outputs * lanes);
    const secondKernel = new Float32Array(hidden * outputs);
    for (let unit = 0; unit < hidden; unit++) {
      for (let output = 0; output < outputs; output++) {
        secondKernel[unit * outputs + output] = second[output * lanes + unit]!;
      }
    }
    return [
      kernel,
      core.read("f32", functions.gradientFirstBias(address, level), hidden),
      secondKernel,
      core.read("f32", functions.gradientSecondBias(address, level), outputs),
    ];
  }
}
