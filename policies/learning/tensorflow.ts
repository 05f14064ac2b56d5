/**
 * Training of networks by TensorFlow.js: its WebAssembly backend, or its plain one where that cannot
 * start. Loaded on demand, since most uses of a policy need no training.
 *
 * Weights and the optimiser's moments live in plain arrays on our side; TensorFlow.js differentiates. So
 * saving, restoring and comparing them is exact, and no tensor outlives an update.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";
import { InputError, MetisError, ShapeError } from "../../domain/mod.ts";
import {
  checkNetwork,
  copyNetwork,
  type DenseLayer,
  type Network,
  networkArrayNames,
  networkArrays,
} from "./network.ts";

/** A number in training that is no longer finite. The last good weights are still in place. */
export class DivergenceError extends MetisError {
  override readonly name = "DivergenceError";
  /** @param update Number of the update that failed, from 1. @param tensor Name of what went wrong. */
  constructor(readonly update: number, readonly tensor: string) {
    super(
      `Training diverged at update ${update}: ${tensor} is not finite, lower the learning rate or clip the gradient`,
    );
  }
}

/** TensorFlow.js with a backend that runs. */
export interface TensorFlow {
  /** The library. */
  readonly tf: typeof tfjs;
  /** What computes. */
  readonly backend: "wasm" | "cpu";
  /** Why the WebAssembly backend is not used, null where it is. Show it to the user. */
  readonly notice: string | null;
}

/** How TensorFlow.js is loaded. */
export interface TensorFlowOptions {
  /** What computes; the plain one is far slower. @default "wasm" */
  readonly backend?: "wasm" | "cpu";
  /**
   * Where the backend's .wasm files are: a folder as a path or an address, with a slash at its end. In a
   * browser give the address that serves them. @default the folder of the installed npm package
   */
  readonly wasmPath?: string;
}

/** Loads TensorFlow.js; later calls are fast. Falls back to the plain backend and says so in `notice`. */
export async function loadTensorFlow(options: TensorFlowOptions = {}): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs");
  let notice: string | null = null;
  if (options.backend === "cpu") {
    notice = "The plain CPU backend was asked for";
  } else {
    try {
      const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
      // Paths can be set only before the backend starts; a second load keeps the running one.
      if (tf.findBackend("wasm") === null) setWasmPaths(options.wasmPath ?? packagePath());
      if (await tf.setBackend("wasm")) return { tf, backend: "wasm", notice: null };
      notice = "The WebAssembly backend of TensorFlow.js did not start";
    } catch (error) {
      notice = `The WebAssembly backend of TensorFlow.js did not start (${
        error instanceof Error ? error.message : String(error)
      })`;
    }
  }
  await tf.setBackend("cpu");
  return { tf, backend: "cpu", notice: `${notice}: training runs on the slower plain backend` };
}

function packagePath(): string {
  // Written out, so that packagers see it.
  const file = import.meta.resolve(
    "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
  );
  return decodeURIComponent(new URL(".", file).pathname);
}

/**
 * activation(inputs x kernel + bias) with its gradient. Faster on the WebAssembly backend than the built-in
 * operations: that backend multiplies transposed matrices and computes tanh without SIMD, so this transposes
 * first and takes tanh(x) as 2 sigmoid(2x) - 1.
 * @param inputs Shape [rows, inputs]. @param kernel Shape [inputs, outputs]. @param bias Shape [outputs].
 * @returns Shape [rows, outputs]; owned by the caller.
 */
export function dense(
  { tf }: TensorFlow,
  inputs: tfjs.Tensor2D,
  kernel: tfjs.Tensor2D,
  bias: tfjs.Tensor1D,
  activation: DenseLayer["activation"],
  needsInputGradient: boolean = true,
): tfjs.Tensor2D {
  const run = tf.customGrad((x, k, b, save) => {
    const a = x as tfjs.Tensor2D;
    const w = k as tfjs.Tensor2D;
    const added = b as tfjs.Tensor1D;
    let value: tfjs.Tensor2D;
    if (activation === "tanh") {
      const sums = tf.add(tf.matMul(a, tf.mul(w, 2)), tf.mul(added, 2));
      value = tf.sub(tf.mul(tf.sigmoid(sums), 2), 1);
    } else {
      const sums = tf.add(tf.matMul(a, w), added) as tfjs.Tensor2D;
      value = activation === "relu" ? tf.relu(sums) : sums;
    }
    const keep = save as tfjs.GradSaveFunc;
    keep([a, w, value]);
    const gradFunc = (dy: tfjs.Tensor, saved: tfjs.Tensor[]): tfjs.Tensor[] => {
      const [savedInputs, savedKernel, output] = saved as tfjs.Tensor2D[];
      let slope = dy as tfjs.Tensor2D;
      if (activation === "tanh") slope = tf.mul(dy, tf.sub(1, tf.square(output!)));
      if (activation === "relu") slope = tf.mul(dy, tf.step(output!));
      return [
        needsInputGradient
          ? tf.matMul(slope, tf.transpose(savedKernel!) as tfjs.Tensor2D)
          : tf.zerosLike(savedInputs!),
        transposedProduct(tf, savedInputs!, slope),
        tf.sum(slope, 0),
      ];
    };
    return { value, gradFunc };
  });
  return run(inputs, kernel, bias) as tfjs.Tensor2D;
}

/**
 * The product of a transposed matrix with another: [rows, m] and [rows, n] give [m, n]. The WebAssembly backend
 * repacks the second factor of a product, slowly where it has many rows: so the narrower one comes second.
 */
export function transposedProduct(
  tf: TensorFlow["tf"],
  a: tfjs.Tensor2D,
  b: tfjs.Tensor2D,
): tfjs.Tensor2D {
  if (a.shape[1] >= b.shape[1]) return tf.matMul(tf.transpose(a) as tfjs.Tensor2D, b);
  return tf.transpose(tf.matMul(tf.transpose(b) as tfjs.Tensor2D, a)) as tfjs.Tensor2D;
}

/** A network whose weights are trained: variables of TensorFlow.js that mirror plain arrays. */
export class TrainableNetwork {
  readonly #tensorflow: TensorFlow;
  #network: Network;
  readonly #variables: tfjs.Variable[];
  #disposed = false;

  /** The network is copied. @throws {InputError | ShapeError} where it is not sound. */
  constructor(tensorflow: TensorFlow, network: Network) {
    this.#tensorflow = tensorflow;
    this.#network = copyNetwork(checkNetwork(network));
    const { tf } = tensorflow;
    // Variables survive tidy, the tensors that they start from do not.
    this.#variables = tf.tidy(() =>
      network.layers.flatMap(({ inputs, outputs, kernel, bias }) => [
        tf.variable(tf.tensor2d(kernel.slice(), [inputs, outputs])),
        tf.variable(tf.tensor1d(bias.slice())),
      ])
    );
  }

  /** Name of the network. */
  get name(): string {
    return this.#network.name;
  }

  /** Kernel and bias of layer 0, of layer 1, ... Owned by this object. */
  get variables(): readonly tfjs.Variable[] {
    return this.#variables;
  }

  /** The weights as they are now, the arrays themselves: read only, changed by the next step. */
  get weightsView(): readonly Float32Array[] {
    return networkArrays(this.#network);
  }

  /** A name for each array of weights, such as "level1/layer0/kernel". */
  get arrayNames(): readonly string[] {
    return networkArrayNames(this.#network);
  }

  /** The network's answers, shape [rows, outputs]: part of a loss, or a tensor owned by the caller. */
  apply(inputs: tfjs.Tensor2D): tfjs.Tensor2D {
    let values = inputs;
    this.#network.layers.forEach((layer, at) => {
      const kernel = this.#variables[2 * at] as unknown as tfjs.Tensor2D;
      const bias = this.#variables[2 * at + 1] as unknown as tfjs.Tensor1D;
      values = dense(this.#tensorflow, values, kernel, bias, layer.activation, at > 0);
    });
    return values;
  }

  /** A copy of the network as it is now. */
  read(): Network {
    return copyNetwork(this.#network);
  }

  /** Takes over weights of the same shapes. @throws {ShapeError} where an array has another length. */
  assign(arrays: readonly Float32Array[]): void {
    const own = networkArrays(this.#network);
    if (arrays.length !== own.length) {
      throw new ShapeError(`arrays of network ${this.name}`, own.length, arrays.length);
    }
    own.forEach((array, at) => {
      const given = arrays[at]!;
      if (given.length !== array.length) {
        throw new ShapeError(this.arrayNames[at]!, array.length, given.length);
      }
    });
    const { tf } = this.#tensorflow;
    own.forEach((array, at) => {
      array.set(arrays[at]!);
      const variable = this.#variables[at]!;
      tf.tidy(() => variable.assign(tf.tensor(array.slice(), variable.shape)));
    });
  }

  /** Gives the tensors back; calling it again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const variable of this.#variables) variable.dispose();
  }
}

/** A loss and its gradient: one array for each array of weights, network after network. */
export interface Gradients {
  readonly loss: number;
  readonly arrays: readonly Float32Array[];
}

/**
 * Differentiates a loss by all weights of the networks. Tensors made inside are freed.
 * @param loss Builds the scalar loss from `apply` of the networks.
 */
export function gradientsOf(
  { tf }: TensorFlow,
  networks: readonly TrainableNetwork[],
  loss: () => tfjs.Scalar,
): Gradients {
  const variables = networks.flatMap((network) => [...network.variables]);
  const arrays: Float32Array[] = [];
  const value = tf.tidy(() => {
    const result = tf.variableGrads(loss, variables);
    for (const variable of variables) {
      arrays.push((result.grads[variable.name]!.dataSync() as Float32Array).slice());
    }
    return result.value.dataSync()[0]!;
  });
  return { loss: value, arrays };
}

/** How Adam steps. */
export interface AdamOptions {
  /** Step size, above 0. */
  readonly learningRate: number;
  /** Decay of the mean of gradients, in [0, 1). @default 0.9 */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). @default 0.999 */
  readonly beta2?: number;
  /** Keeps the division finite. @default 1e-8 */
  readonly epsilon?: number;
  /** Gradients with a larger global norm are scaled down to it. @default no clipping */
  readonly clipNorm?: number;
}

/** What Adam keeps between steps; arrays are copies, one for each array of weights. */
export interface AdamState {
  readonly steps: number;
  readonly means: readonly Float32Array[];
  readonly squares: readonly Float32Array[];
}

/**
 * Adam (Kingma and Ba, 2015) in the form of TensorFlow's AdamOptimizer, over the plain arrays of some
 * networks: its state is exact to save and restore.
 */
export class Adam {
  /** Step size of the next step; may be changed at any time. */
  learningRate: number;
  readonly #networks: readonly TrainableNetwork[];
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  readonly #clipNorm: number;
  #steps = 0;
  #means: Float32Array[];
  #squares: Float32Array[];

  constructor(networks: readonly TrainableNetwork[], options: AdamOptions) {
    this.#networks = networks;
    this.learningRate = options.learningRate;
    this.#beta1 = options.beta1 ?? 0.9;
    this.#beta2 = options.beta2 ?? 0.999;
    this.#epsilon = options.epsilon ?? 1e-8;
    this.#clipNorm = options.clipNorm ?? Infinity;
    const zeros = (): Float32Array[] => this.#weights().map((w) => new Float32Array(w.length));
    this.#means = zeros();
    this.#squares = zeros();
  }

  /**
   * One step against the gradient.
   * @param gradients One array for each array of weights, network after network.
   * @param update Number of the update, for messages.
   * @returns Global norm of the gradient before clipping.
   * @throws {DivergenceError} where loss, gradient or new weights are not finite; nothing has changed then.
   */
  step({ loss, arrays }: Gradients, update: number): number {
    const names = this.#networks.flatMap((network) => [...network.arrayNames]);
    if (!Number.isFinite(loss)) throw new DivergenceError(update, "loss");
    let squared = 0;
    arrays.forEach((gradient, at) => {
      let sum = 0;
      for (const value of gradient) sum += value * value;
      if (!Number.isFinite(sum)) throw new DivergenceError(update, `gradient of ${names[at]}`);
      squared += sum;
    });
    const norm = Math.sqrt(squared);
    const scale = norm > this.#clipNorm ? this.#clipNorm / norm : 1;
    const means = this.#means.map((mean) => mean.slice());
    const squares = this.#squares.map((square) => square.slice());
    const steps = this.#steps + 1;
    const rate = this.learningRate * Math.sqrt(1 - this.#beta2 ** steps) /
      (1 - this.#beta1 ** steps);
    const weights = this.#weights().map((before, at) => {
      const after = before.slice();
      this.#advance(after, arrays[at]!, means[at]!, squares[at]!, scale, rate);
      if (!after.every(Number.isFinite)) throw new DivergenceError(update, names[at]!);
      return after;
    });
    this.#means = means;
    this.#squares = squares;
    this.#steps = steps;
    this.#assign(weights);
    return norm;
  }

  /** Everything needed to continue bit by bit. */
  state(): AdamState {
    return {
      steps: this.#steps,
      means: this.#means.map((mean) => mean.slice()),
      squares: this.#squares.map((square) => square.slice()),
    };
  }

  /** Continues from a state. @throws {InputError} where it is of other networks. */
  restore(state: AdamState): void {
    const lengths = this.#weights().map((array) => array.length).join();
    for (const arrays of [state.means, state.squares]) {
      if (arrays.map((array) => array.length).join() !== lengths) {
        throw new InputError("The state of the optimiser is of other networks");
      }
    }
    this.#steps = state.steps;
    this.#means = state.means.map((mean) => mean.slice());
    this.#squares = state.squares.map((square) => square.slice());
  }

  #advance(
    weights: Float32Array,
    gradient: Float32Array,
    mean: Float32Array,
    square: Float32Array,
    scale: number,
    rate: number,
  ): void {
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const epsilon = this.#epsilon;
    for (let at = 0; at < weights.length; at++) {
      const slope = gradient[at]! * scale;
      const m = beta1 * mean[at]! + (1 - beta1) * slope;
      const s = beta2 * square[at]! + (1 - beta2) * slope * slope;
      mean[at] = m;
      square[at] = s;
      weights[at] = weights[at]! - rate * m / (Math.sqrt(s) + epsilon);
    }
  }

  #weights(): Float32Array[] {
    return this.#networks.flatMap((network) => [...network.weightsView]);
  }

  #assign(weights: Float32Array[]): void {
    let first = 0;
    for (const network of this.#networks) {
      const count = network.weightsView.length;
      network.assign(weights.slice(first, first + count));
      first += count;
    }
  }
}
