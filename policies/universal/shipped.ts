import { InputError } from "../../domain/mod.ts";
import { type Checkpoint, decodeCheckpoint } from "../checkpoint/checkpoint.ts";
import type { LoadNetworks, PolicySource } from "../checkpoint/source.ts";
import { METIS_FILES } from "./weights/metis.ts";
import { ONLINE_FILES } from "./weights/online.ts";

/** Files of the policies that come with Metis, in base64, by kind and path; tools/ship_policy.ts writes them. */
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  metis: METIS_FILES,
  online: ONLINE_FILES,
};

const opened = new Map<string, Promise<Checkpoint>>();

/**
 * The policy that comes with Metis: one for every surface, app and cluster. It is part of the program, so nothing is read
 * or fetched.
 * @param kind `metis` or `online`.
 * @returns Null for another kind.
 */
export async function universalPolicy(kind: string): Promise<Checkpoint | null> {
  const files = FILES[kind];
  if (files === undefined) return null;
  const place = `the policy ${kind} that comes with Metis`;
  const known = opened.get(kind) ??
    decodeCheckpoint((path) => Promise.resolve(bytesIn(files, path, place)), place);
  opened.set(kind, known);
  return await known;
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
  files: Readonly<Record<string, string>>,
  path: string,
  place: string,
): Uint8Array {
  const text = files[path];
  if (text === undefined) throw new InputError(`${place}: there is no ${path}`);
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
