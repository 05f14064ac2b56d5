import type * as tfjs from "@tensorflow/tfjs";
import { ServiceError } from "../errors.ts";
import { text } from "../settings.ts";

/** TensorFlow.js. */
export type TensorFlow = typeof tfjs;

/** Where the WebAssembly backend is. */
export const TENSORFLOW_SETTINGS = {
  WASM_FOLDER: text("", "folder of TensorFlow.js's .wasm files (default: the npm package's)"),
} as const;

/**
 * TensorFlow.js on its WebAssembly backend, on one core: a container's work must not depend on how many there are.
 * @throws {ServiceError} where the backend does not start; the plain one would be another workload.
 */
export async function loadTensorFlow(wasmFolder: string): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  if (tf.getBackend() === "wasm") return tf;
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (tf.findBackend("wasm") === null) setWasmPaths(wasmFolder || packageFolder());
  if (await tf.setBackend("wasm")) return tf;
  throw new ServiceError("The WebAssembly backend of TensorFlow.js did not start");
}

function packageFolder(): string {
  const file = "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
  return decodeURIComponent(new URL(".", import.meta.resolve(file)).pathname);
}
