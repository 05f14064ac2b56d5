import type * as tfjs from "@tensorflow/tfjs";
import * as v from "valibot";
import { ServiceError } from "../errors.ts";
import type { Classifier } from "./mobilenet.ts";
import type { TensorFlow } from "./tensorflow.ts";

const manifestSchema = v.looseObject({
  format: v.optional(v.string(), "layers-model"),
  modelTopology: v.record(v.string(), v.unknown()),
  weightsManifest: v.array(v.object({ paths: v.array(v.string()), weights: v.array(v.any()) })),
});

/**
 * A classifier saved in the format of TensorFlow.js: a model.json and the files of weights beside it.
 * @param location Address or path of the model.json.
 * @throws {ServiceError} if it cannot be read or does not take one square picture.
 */
export async function loadClassifier(tf: TensorFlow, location: string): Promise<Classifier> {
  const address = new URL(location, `file://${Deno.cwd()}/`);
  const parsed = v.safeParse(manifestSchema, await (await fetched(address)).json());
  if (!parsed.success) throw new ServiceError(`${location} is not a model.json of TensorFlow.js`);
  const { format, modelTopology, weightsManifest } = parsed.output;
  const files = await Promise.all(
    weightsManifest.flatMap(({ paths }) => paths).map(async (path) =>
      await (await fetched(new URL(path, address))).arrayBuffer()
    ),
  );
  const weightSpecs = weightsManifest.flatMap(({ weights }) =>
    weights as tfjs.io.WeightsManifestEntry[]
  );
  const weightData = await new Blob(files).arrayBuffer();
  const handler = tf.io.fromMemory({ modelTopology, weightSpecs, weightData, format });
  const model = format === "graph-model"
    ? await tf.loadGraphModel(handler)
    : await tf.loadLayersModel(handler);
  const [, height, width, channels] = model.inputs[0]?.shape ?? [];
  if (height == null || height < 1 || height !== width || channels !== 3) {
    throw new ServiceError(`${location} does not take a square picture of three colours`);
  }
  return {
    side: height,
    weights: weightData.byteLength / 4,
    classify: (pixels) =>
      tf.tidy(() => {
        const values = Float32Array.from(pixels, (byte) => byte / 127.5 - 1);
        const output = model.predict(tf.tensor4d(values, [1, height, height, 3]));
        return (output as tfjs.Tensor).dataSync() as Float32Array;
      }),
  };
}

async function fetched(address: URL): Promise<Response> {
  try {
    const response = await fetch(address);
    if (response.ok) return response;
    await response.body?.cancel();
    throw new ServiceError(`${address.href}: HTTP ${response.status}`);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError(`${address.href} cannot be read`, { cause: error });
  }
}
