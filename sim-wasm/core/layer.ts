import { CORE_CONSTANTS } from "../build/core_exports.ts";

/** The functions after the sums of a layer, as the core numbers them. */
export const ACTIVATIONS = {
  linear: CORE_CONSTANTS.LINEAR,
  relu: CORE_CONSTANTS.RELU,
  tanh: CORE_CONSTANTS.TANH,
} as const satisfies Record<Layer["activation"], number>;

/** A dense layer as plain arrays: activation(inputs x kernel + bias). */
export interface Layer {
  /** Numbers that go in. */
  readonly inputs: number;
  /** Numbers that come out. */
  readonly outputs: number;
  /** Applied to every output. */
  readonly activation: "linear" | "relu" | "tanh";
  /** Row-major, length inputs x outputs. */
  readonly kernel: Float32Array;
  /** Length = outputs. */
  readonly bias: Float32Array;
}
