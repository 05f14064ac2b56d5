/**
 * Where learned schedulers get their networks from on the command line: a directory that the user
 * names, or one of the policies that come with Metis.
 * @module
 */
import { InputError } from "../domain/mod.ts";
import type { Simulator } from "../sim-wasm/mod.ts";
import {
  type Checkpoint,
  checkPolicyFits,
  decodeCheckpoint,
} from "../policies/checkpoint/checkpoint.ts";
import { sha256 } from "../policies/checkpoint/bytes.ts";
import { surfaceFingerprint } from "../policies/checkpoint/fingerprint.ts";
import { SHIPPED } from "../policies/trained/mod.ts";
import type { PolicySource } from "../policies/source.ts";
import type { CliContext } from "./context.ts";
import type { Talk } from "./progress.ts";
import { readPolicy } from "./training/files.ts";

/**
 * The source of policies for one command.
 * @param dataFile The file that the surface was read from or fitted on, or its SHA-256.
 */
export function commandPolicies(
  context: CliContext,
  talk: Talk,
  data: { readonly file: string } | { readonly sha256: string },
): PolicySource {
  const hash = once(async () =>
    "sha256" in data ? data.sha256 : await sha256(await context.readFile(data.file))
  );
  const useOf = async (simulator: Simulator, kind: string) => ({
    apps: simulator.apps,
    capacity: simulator.capacity,
    surface: await surfaceFingerprint(simulator),
    data: await hash(),
    kinds: [kind],
  });
  return {
    async networks(problem, directory, kind) {
      const use = await useOf(problem.simulator, kind);
      if (directory !== null) {
        const { denoFiles } = await import("./training/deno_files.ts");
        const found = await readPolicy(denoFiles({}), directory);
        for (const notice of found.notices) talk.notice(notice);
        checkPolicyFits(found.checkpoint.info, use, found.path);
        return found.checkpoint.networks;
      }
      for (const shipped of SHIPPED) {
        if (shipped.kind !== kind || shipped.data !== use.data) continue;
        const checkpoint = await fetchPolicy(shipped.url);
        checkPolicyFits(checkpoint.info, use, shipped.url.href);
        return checkpoint.networks;
      }
      return null;
    },
  };
}

/** A policy that lies beside the modules, wherever those came from. */
function fetchPolicy(folder: URL): Promise<Checkpoint> {
  return decodeCheckpoint(
    async (path) => {
      const url = new URL(path, folder);
      try {
        return new Uint8Array(await (await fetch(url)).arrayBuffer());
      } catch (error) {
        throw new InputError(`Cannot read the policy that comes with Metis at ${url}`, {
          cause: error,
        });
      }
    },
    folder.href,
  );
}

/** A function that works once and remembers. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => result ??= work();
}
