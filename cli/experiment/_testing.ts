import type { ExperimentFiles } from "./run.ts";

/** Files of an experiment in memory, and what they hold as text. */
export function memoryFiles(): ExperimentFiles & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    texts,
    versions: { metis: "test" },
    read: (path) => {
      const text = texts.get(path);
      return Promise.resolve(text === undefined ? null : new TextEncoder().encode(text));
    },
    write: (path, data) => Promise.resolve(void texts.set(path, decode(data))),
    append: (path, data) =>
      Promise.resolve(void texts.set(path, (texts.get(path) ?? "") + decode(data))),
    makeDirectory: () => Promise.resolve(),
  };
}
