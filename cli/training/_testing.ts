// A disk in memory, for tests of commands that train and read policies.
import { PREVIOUS, type TrainingFiles } from "./files.ts";

/** A disk in memory, and its files by path. */
export interface MemoryFiles extends TrainingFiles {
  readonly files: Map<string, Uint8Array>;
}

/** Makes a disk in memory; its date never changes. */
export function memoryFiles(given: Readonly<Record<string, Uint8Array>> = {}): MemoryFiles {
  const files = new Map(Object.entries(given));
  const under = (path: string) => [...files.keys()].filter((name) => name.startsWith(`${path}/`));
  return {
    files,
    versions: { metis: "test" },
    now: () => "2026-01-02T03:04:05.000Z",
    read: (path) => Promise.resolve(files.get(path) ?? null),
    exists: (path) => Promise.resolve(files.has(path) || under(path).length > 0),
    write: (path, data) => Promise.resolve(void files.set(path, data)),
    append: (path, data) => {
      const before = files.get(path) ?? new Uint8Array();
      const after = new Uint8Array(before.length + data.length);
      after.set(before);
      after.set(data, before.length);
      files.set(path, after);
      return Promise.resolve();
    },
    makeDirectory: () => Promise.resolve(),
    replaceDirectory: (path, parts) => {
      for (const name of under(path + PREVIOUS)) files.delete(name);
      for (const name of under(path)) {
        files.set(path + PREVIOUS + name.slice(path.length), files.get(name)!);
        files.delete(name);
      }
      for (const [name, bytes] of parts) files.set(`${path}/${name}`, bytes);
      return Promise.resolve();
    },
  };
}
