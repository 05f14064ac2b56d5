import { InputError } from "../../domain/mod.ts";
import { checkNetwork, type Network } from "../learning/network.ts";

/** An array of an npz file: its shape, and its numbers in row-major order. */
export interface NamedArray {
  /** Length of each dimension. */
  readonly shape: readonly number[];
  /** All elements; length = product of the shape. */
  readonly data: ArrayLike<number>;
}

const KEY = /^class(\d+)_level(\d+)_fc1_kernel$/;

/**
 * The networks of sub-schedulers as the 2020 release keeps them: arrays named
 * `class{0,10,..}_level{1..}_fc{1,2}_{kernel,bias}`, kernels inputs x outputs. Named `class0/level1` and so
 * on, by class and level: 0 for 1 to 10 containers, 10 for 11 to 20, ...
 * @param file Name of the file, for messages.
 * @throws {InputError} naming the array that is missing, of another shape, or not finite.
 */
export function readPublishedNetworks(
  arrays: Readonly<Record<string, NamedArray>>,
  file: string,
): Network[] {
  const found = Object.keys(arrays).flatMap((key) => {
    const match = KEY.exec(key);
    return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
  });
  if (found.length === 0) {
    throw new InputError(
      `${file}: not weights of sub-schedulers: it has no array such as class0_level1_fc1_kernel`,
    );
  }
  found.sort(([a, b], [c, d]) => a - c || b - d);
  return found.map(([size, level]) => {
    const prefix = `class${size}_level${level}`;
    const layer = (name: string, activation: "tanh" | "linear") => {
      const kernel = take(arrays, `${prefix}_${name}_kernel`, 2, file);
      const bias = take(arrays, `${prefix}_${name}_bias`, 1, file);
      const [inputs, outputs] = kernel.shape as [number, number];
      return {
        inputs,
        outputs,
        activation,
        kernel: Float32Array.from(kernel.data),
        bias: Float32Array.from(bias.data),
      };
    };
    try {
      return checkNetwork({
        name: `class${size}/level${level}`,
        layers: [layer("fc1", "tanh"), layer("fc2", "linear")],
      });
    } catch (error) {
      if (error instanceof InputError && error.message.startsWith(file)) throw error;
      throw new InputError(`${file}: ${(error as Error).message}`, { cause: error });
    }
  });
}

function take(
  arrays: Readonly<Record<string, NamedArray>>,
  key: string,
  dimensions: number,
  file: string,
): NamedArray {
  const array = arrays[key];
  if (array === undefined) throw new InputError(`${file}: there is no array ${key}`);
  const length = array.shape.reduce((product, size) => product * size, 1);
  if (array.shape.length !== dimensions || array.data.length !== length) {
    throw new InputError(`${file}: array ${key} must have ${dimensions} dimensions`);
  }
  return array;
}
