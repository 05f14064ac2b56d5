/**
 * Policies as directories of files: TF.js models that any page can load, a manifest that vouches for
 * every byte, and the state of the training. Pure: bytes in, bytes out.
 * @module
 */
export * from "./bytes.ts";
export * from "./checkpoint.ts";
export * from "./fingerprint.ts";
export * from "./manifest.ts";
export * from "./model_json.ts";
export * from "./published.ts";
export * from "./state.ts";
