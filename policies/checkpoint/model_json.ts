import * as v from "valibot";
import { decodeText, InputError, parseJson } from "../../domain/mod.ts";
import { checkNetwork, type DenseLayer, type Network, networkArrays } from "../learning/network.ts";
import { bytesOf, concatenate, utf8 } from "./bytes.ts";

/** Version of TF.js whose Layers format is written. */
const LAYERS_VERSION = "tfjs-layers 4.22.0";

/**
 * A network as the two files of TF.js's Layers format: `tf.loadLayersModel` reads them, and
 * {@link readLayersModel} reads them back bit for bit.
 */
export function writeLayersModel(network: Network): { model: Uint8Array; weights: Uint8Array } {
  checkNetwork(network);
  const layers = network.layers.map((layer, at) => ({
    class_name: "Dense",
    config: {
      name: layerName(at),
      trainable: true,
      ...(at === 0 ? { batch_input_shape: [null, layer.inputs] } : {}),
      dtype: "float32",
      units: layer.outputs,
      activation: layer.activation,
      use_bias: true,
      kernel_initializer: { class_name: "Zeros", config: {} },
      bias_initializer: { class_name: "Zeros", config: {} },
    },
  }));
  const manifest = network.layers.flatMap((layer, at) => [
    { name: `${layerName(at)}/kernel`, shape: [layer.inputs, layer.outputs], dtype: "float32" },
    { name: `${layerName(at)}/bias`, shape: [layer.outputs], dtype: "float32" },
  ]);
  const model = {
    format: "layers-model",
    generatedBy: "metis",
    convertedBy: null,
    modelTopology: {
      class_name: "Sequential",
      config: { name: "policy", layers },
      keras_version: LAYERS_VERSION,
      backend: "tensor_flow.js",
    },
    weightsManifest: [{ paths: ["weights.bin"], weights: manifest }],
    userDefinedMetadata: { network: network.name },
  };
  return {
    model: utf8(JSON.stringify(model, null, 1) + "\n"),
    weights: concatenate(networkArrays(network).map(bytesOf)),
  };
}

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1 << 20));
/** What TF.js wants to know, and we do not. */
const forTensorFlow = v.optional(v.unknown());
const layerSchema = v.strictObject({
  class_name: v.literal("Dense"),
  config: v.strictObject({
    name: forTensorFlow,
    trainable: forTensorFlow,
    batch_input_shape: forTensorFlow,
    dtype: v.literal("float32"),
    units: size,
    activation: v.picklist(["tanh", "relu", "linear"]),
    use_bias: v.literal(true),
    kernel_initializer: forTensorFlow,
    bias_initializer: forTensorFlow,
  }),
});
const modelSchema = v.strictObject({
  format: v.literal("layers-model"),
  generatedBy: forTensorFlow,
  convertedBy: forTensorFlow,
  modelTopology: v.strictObject({
    class_name: v.literal("Sequential"),
    config: v.strictObject({
      name: forTensorFlow,
      layers: v.pipe(v.array(layerSchema), v.minLength(1)),
    }),
    keras_version: forTensorFlow,
    backend: forTensorFlow,
  }),
  weightsManifest: v.strictTuple([v.strictObject({
    paths: v.strictTuple([v.literal("weights.bin")]),
    weights: v.array(
      v.strictObject({ name: forTensorFlow, shape: v.array(size), dtype: v.literal("float32") }),
    ),
  })]),
  userDefinedMetadata: v.strictObject({ network: v.string() }),
});

/**
 * The network of two files that {@link writeLayersModel} made.
 * @param place Name of the model's folder, for messages.
 * @throws {InputError} naming the place, where the files are not such a model or a weight is not finite.
 */
export function readLayersModel(model: Uint8Array, weights: Uint8Array, place: string): Network {
  const parsed = v.safeParse(modelSchema, parseJson(decodeText(model, place), place));
  if (!parsed.success) {
    const path = v.getDotPath(parsed.issues[0]) ?? "model";
    throw new InputError(`${place}: model.json is not a sequence of dense layers: see ${path}`);
  }
  const { modelTopology, weightsManifest, userDefinedMetadata } = parsed.output;
  const shapes = weightsManifest[0].weights.map(({ shape }) => shape);
  const layers: DenseLayer[] = [];
  let offset = 0;
  const take = (length: number): Float32Array => {
    const bytes = weights.slice(offset, offset + 4 * length);
    offset += 4 * length;
    if (bytes.length !== 4 * length) {
      throw new InputError(`${place}: weights.bin is too short: ${weights.length} bytes`);
    }
    return new Float32Array(bytes.buffer);
  };
  modelTopology.config.layers.forEach(({ config: { units: outputs, activation } }, at) => {
    const [kernelShape, biasShape] = [shapes[2 * at], shapes[2 * at + 1]];
    const inputs = kernelShape?.[0];
    const fits = inputs !== undefined && kernelShape?.join() === `${inputs},${outputs}` &&
      biasShape?.join() === `${outputs}`;
    if (!fits || shapes.length !== 2 * modelTopology.config.layers.length) {
      throw new InputError(`${place}: weightsManifest does not fit layer ${at}`);
    }
    layers.push({
      inputs,
      outputs,
      activation,
      kernel: take(inputs * outputs),
      bias: take(outputs),
    });
  });
  if (offset !== weights.length) {
    throw new InputError(`${place}: weights.bin has ${weights.length} bytes instead of ${offset}`);
  }
  try {
    return checkNetwork({ name: userDefinedMetadata.network, layers });
  } catch (error) {
    throw new InputError(`${place}: ${(error as Error).message}`, { cause: error });
  }
}

function layerName(at: number): string {
  return `dense_${at}`;
}
