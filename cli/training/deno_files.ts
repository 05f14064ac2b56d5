import { dirname } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { InputError } from "../../domain/mod.ts";
import { PREVIOUS, type TrainingFiles } from "./files.ts";

/**
 * The real disk. Everything is written beside its place, synced and renamed, so that a crash at any
 * moment leaves the old or the new, never half of one.
 * @param versions Versions of programs to add to Deno's own.
 */
export function denoFiles(versions: Readonly<Record<string, string>>): TrainingFiles {
  return {
    versions: { deno: Deno.version.deno, v8: Deno.version.v8, ...versions },
    now: () => new Date().toISOString(),
    read: (path) =>
      explained(`Cannot read ${path}`, async () => {
        try {
          return await Deno.readFile(path);
        } catch (error) {
          if (error instanceof Deno.errors.NotFound) return null;
          if (error instanceof Deno.errors.NotADirectory) return null;
          throw error;
        }
      }),
    exists,
    write: (path, data) =>
      explained(`Cannot write ${path}`, async () => {
        const temporary = `${path}.tmp`;
        await writeSynced(temporary, data);
        await Deno.rename(temporary, path);
      }),
    append: (path, data) =>
      explained(`Cannot write ${path}`, () => Deno.writeFile(path, data, { append: true })),
    makeDirectory: (path) =>
      explained(`Cannot make ${path}`, () => Deno.mkdir(path, { recursive: true })),
    replaceDirectory: (path, files) =>
      explained(`Cannot write ${path}`, () => replaceDirectory(path, files)),
  };
}

/** The disk of this machine, for what Metis and TensorFlow.js train. */
export function realFiles(): TrainingFiles {
  return denoFiles({
    metis: config.version,
    // Told without loading it.
    tensorflow: /@(\d+\.\d+\.\d+)/.exec(config.imports["@tensorflow/tfjs"])![1]!,
  });
}

async function replaceDirectory(
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const fresh = `${path}.new`;
  const previous = path + PREVIOUS;
  await removeDirectory(fresh);
  const folders = new Set<string>([fresh]);
  for (const [name, bytes] of files) {
    const file = `${fresh}/${name}`;
    const folder = file.slice(0, file.lastIndexOf("/"));
    for (let at = fresh.length; at !== -1; at = folder.indexOf("/", at + 1)) {
      folders.add(folder.slice(0, at));
    }
    folders.add(folder);
    await Deno.mkdir(folder, { recursive: true });
    await writeSynced(file, bytes);
  }
  for (const folder of folders) await syncDirectory(folder);
  if (await exists(`${path}/policy.json`)) {
    await removeDirectory(previous);
    await Deno.rename(path, previous);
  } else {
    // Nothing whole is here: the predecessor, if any, stays the one to fall back on.
    await removeDirectory(path);
  }
  await Deno.rename(fresh, path);
  await syncDirectory(dirname(path));
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await file.write(rest));
  await file.sync();
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory; its renames are journalled.
  if (Deno.build.os === "windows") return;
  using directory = await Deno.open(path, { read: true });
  await directory.sync();
}

async function removeDirectory(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

async function explained<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = error instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : error instanceof Deno.errors.NotCapable
      ? "Deno was started without the permission for it: use `deno task train`"
      : error instanceof Error
      ? error.message.split("\n")[0]!
      : String(error);
    throw new InputError(`${what}: ${reason}`, { cause: error });
  }
}
