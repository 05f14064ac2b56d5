/**
 * What all learning has in common, so that one training loop, one checkpoint format and one command serve it all.
 * A learner (learner.ts) says what can be learned, by name and with which options; a {@link Trainer} that it makes does one
 * update at a time.
 * @module
 */
import type { Cluster, Demand, Rules } from "../../domain/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import type { Network } from "./network.ts";

/** What a trainer learns on. It changes none of it. */
export interface TrainingSetting {
  /** The surface that placements are worth something on; its capacity is at least the largest node's. */
  readonly simulator: Simulator;
  /** Nodes that are placed on. */
  readonly cluster: Cluster;
  /** The demand to learn, for learners of one demand; others draw their own. */
  readonly demand?: Demand;
  /** Rules that placements keep. @default no rules */
  readonly rules?: Rules;
  /** Networks that were trained before, for learners that build on them: sub-schedulers for `high`. */
  readonly parts?: readonly Network[];
}

/**
 * Figures of one update: every trainer reports all of them. Names are stable: they are the columns of metrics files.
 */
export interface UpdateStats {
  /** Updates so far, this one included. */
  readonly update: number;
  /** Episodes (whole placements) sampled so far, over all updates. */
  readonly episodes: number;
  /** Episodes that the gradient of this update looked at: new, replayed and demonstrations. */
  readonly batchEpisodes: number;
  /** Containers placed by sampling in this update. */
  readonly steps: number;
  /** Mean reward of this update's new episodes, before normalisation; each config says what its reward is. */
  readonly meanReward: number;
  /** Mean normalised throughput per container, over this update's new episodes. */
  readonly meanThroughput: number;
  /** Best mean normalised throughput of any episode so far; for learners of many demands: of this update. */
  readonly bestThroughput: number;
  /** Mean entropy of the choices of this update in nats, over all levels. */
  readonly entropy: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
  /** The loss that was differentiated. */
  readonly loss: number;
  /** Further figures of this trainer alone, by documented names. */
  readonly extra: Readonly<Record<string, number>>;
}

/** Arrays of a state: written to checkpoints bit for bit. */
export type StateArray = Float32Array | Float64Array | Uint8Array | Uint32Array | Int32Array;

/** A value that JSON holds exactly. */
export type StateValue = null | boolean | number | string | readonly StateValue[] | {
  readonly [name: string]: StateValue;
};

/**
 * All that a trainer needs to continue as if it had never stopped. Both parts are copies: later updates
 * do not change them.
 */
export interface TrainerState {
  /** Counters, schedules, seed: finite numbers and text only. */
  readonly values: { readonly [name: string]: StateValue };
  /** Weights, moments of the optimiser, replayed episodes, by name. */
  readonly arrays: Readonly<Record<string, StateArray>>;
}

/** Learns on one setting, one update at a time. */
export interface Trainer extends Disposable {
  /**
   * Samples episodes and makes one step of gradient descent.
   * @throws {DivergenceError} if a number is no longer finite: the weights are then as before this update.
   */
  update(): UpdateStats;
  /** Everything needed to continue bit for bit on the same backend. */
  state(): TrainerState;
  /**
   * Continues from a state of the same kind, setting and config.
   * @throws {InputError} if the state does not fit; the trainer is then not usable.
   */
  restore(state: TrainerState): void;
  /** Copies of the networks as they are now: the policy. */
  networks(): Network[];
  /** True once the trainer has done all that its config asks for. */
  readonly done: boolean;
  /** Gives tensors and core memory back; calling it again does nothing. */
  dispose(): void;
}
