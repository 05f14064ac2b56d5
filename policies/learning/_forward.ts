import { ShapeError } from "../../domain/mod.ts";
import { type Activation, type Network, networkInputs } from "./network.ts";

/**
 * What a network answers, computed naively in double precision: the reference for faster ways.
 * @param inputs Row-major, rows x inputs of the network; read only.
 * @returns A new array, row-major, rows x outputs of the network.
 * @throws {ShapeError} if `inputs` has another length.
 */
export function forward(network: Network, inputs: ArrayLike<number>, rows: number): Float64Array {
  const expected = rows * networkInputs(network);
  if (inputs.length !== expected) throw new ShapeError("inputs", expected, inputs.length);
  let values = Float64Array.from(inputs);
  for (const layer of network.layers) {
    const next = new Float64Array(rows * layer.outputs);
    for (let row = 0; row < rows; row++) {
      for (let output = 0; output < layer.outputs; output++) {
        let sum = layer.bias[output]!;
        for (let input = 0; input < layer.inputs; input++) {
          sum += values[row * layer.inputs + input]! *
            layer.kernel[input * layer.outputs + output]!;
        }
        next[row * layer.outputs + output] = activate(layer.activation, sum);
      }
    }
    values = next;
  }
  return values;
}

function activate(activation: Activation, sum: number): number {
  if (activation === "tanh") return Math.tanh(sum);
  return activation === "relu" ? Math.max(0, sum) : sum;
}
