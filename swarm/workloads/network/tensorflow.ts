import { createRequire } from "node:module";
import type * as tfjs from "@tensorflow/tfjs";
import { ServiceError } from "../errors.ts";
import { text } from "../settings.ts";

/** TensorFlow.js. */
export type TensorFlow = typeof tfjs;

/** Where the WebAssembly backend is. */
export const TENSORFLOW_SETTINGS = {
  WASM_FOLDER: text("", "folder of TensorFlow.js's .wasm files (default: the npm package's)"),
} as const;

/** There is one TensorFlow.js in a process, and its backend starts or fails once. */
let loading: Promise<TensorFlow> | null = null;

/**
 * TensorFlow.js on its WebAssembly backend, on one core: a container's work must not depend on how many there are.
 * @throws {ServiceError} if the backend does not start; the plain one would be another workload.
 */
export function loadTensorFlow(wasmFolder: string): Promise<TensorFlow> {
  return loading ??= load(wasmFolder);
}

async function load(wasmFolder: string): Promise<TensorFlow> {
  // The backend takes Deno for Node, and looks for these; a bundle has no such names.
  const global = globalThis as { __dirname?: string; require?: unknown };
  global.__dirname ??= ".";
  global.require ??= createRequire(import.meta.url);
  const tf = await import("@tensorflow/tfjs");
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  setWasmPaths(wasmFolder || packageFolder());
  if (await tf.setBackend("wasm")) return tf;
  throw new ServiceError("The WebAssembly backend of TensorFlow.js did not start");
}

function packageFolder(): string {
  const file = "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
  return decodeURIComponent(new URL(".", import.meta.resolve(file)).pathname);
}
