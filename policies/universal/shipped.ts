import { InputError } from "../../domain/mod.ts";
import { utf8 } from "../checkpoint/bytes.ts";
import { type Checkpoint, decodeCheckpoint } from "../checkpoint/checkpoint.ts";
import type { LoadNetworks, PolicySource } from "../checkpoint/source.ts";
import { METIS_FILES } from "./weights/metis.ts";

/** Files of a policy by path: JSON as it is, all else in base64. tools/ship_policy.ts writes them. */
type PolicyFiles = Readonly<Record<string, string>>;

/** The policies that come with Metis, by kind. The larger one is rarely asked for: a page loads it then. */
const FILES: Readonly<Record<string, () => PolicyFiles | Promise<PolicyFiles>>> = {
  metis: () => METIS_FILES,
  online: async () => (await import("./weights/online.ts")).ONLINE_FILES,
};

const opened = new Map<string, Promise<Checkpoint>>();

/**
 * The policy that comes with Metis: one for every surface, app and cluster. It is part of the program; a page loads the
 * module of `online` with its first use.
 * @param kind `metis` or `online`.
 * @returns Null for another kind.
 * @throws {InputError} if a page cannot load it; it can be asked for again.
 */
export async function universalPolicy(kind: string): Promise<Checkpoint | null> {
  const files = FILES[kind];
  if (files === undefined) return null;
  const place = `the policy ${kind} that comes with Metis`;
  const known = opened.get(kind) ?? openPolicy(files, place);
  opened.set(kind, known);
  try {
    return await known;
  } catch (error) {
    opened.delete(kind);
    throw error;
  }
}

async function openPolicy(
  load: () => PolicyFiles | Promise<PolicyFiles>,
  place: string,
): Promise<Checkpoint> {
  let files: PolicyFiles;
  try {
    files = await load();
  } catch (cause) {
    const text = `Cannot load ${place}: try again when the network is there`;
    throw new InputError(text, { cause });
  }
  return await decodeCheckpoint((path) => Promise.resolve(bytesIn(files, path, place)), place);
}

/**
 * A function that gives a scheduler its networks: those of the source, else those that come with Metis.
 * @param kind `metis` or `online`. @param source Policies that users name or train. @default none
 */
export function loaderOf(kind: "metis" | "online", source?: PolicySource): LoadNetworks {
  return async (problem, directory) =>
    await source?.networks(problem, directory, kind) ?? (await universalPolicy(kind))!.networks;
}

function bytesIn(
  files: PolicyFiles,
  path: string,
  place: string,
): Uint8Array {
  const text = files[path];
  if (text === undefined) throw new InputError(`${place}: there is no ${path}`);
  if (path.endsWith(".json")) return utf8(text);
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
