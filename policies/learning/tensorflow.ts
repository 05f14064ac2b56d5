/**
 * Loads TensorFlow.js, which differentiates: its WebAssembly backend, or its plain one where that cannot start. The only
 * place that loads it, and only on demand, since most uses of a policy need no training.
 *
 * Weights and the moments of the optimiser live in plain arrays on our side. So saving, restoring and comparing
 * them is exact, and no tensor outlives an update.
 * @module
 */
import type * as tfjs from "@tensorflow/tfjs";

/** TensorFlow.js with a backend that runs. */
export interface TensorFlow {
  /** The library. */
  readonly tf: typeof tfjs;
  /** What computes. */
  readonly backend: "wasm" | "cpu";
  /** Why the WebAssembly backend is not used, null if it is. Show it to the user. */
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
