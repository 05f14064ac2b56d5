import config from "../../deno.json" with { type: "json" };

/** Versions of Metis and TensorFlow.js, without loading either. */
export function programVersions(): Record<string, string> {
  return {
    metis: config.version,
    tensorflow: /@(\d+\.\d+\.\d+)/.exec(config.imports["@tensorflow/tfjs"])![1]!,
  };
}
