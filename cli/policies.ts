/**
 * Where learned schedulers get their networks from on the command line: a directory that the user
 * names, or one of the policies that come with Metis.
 * @module
 */
import { checkPolicyFits } from "../policies/checkpoint/checkpoint.ts";
import { sha256 } from "../policies/checkpoint/bytes.ts";
import { surfaceFingerprint } from "../policies/checkpoint/fingerprint.ts";
import { shippedNetworks } from "../policies/shipped.ts";
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
  return {
    async networks(problem, directory, kind) {
      const { simulator } = problem;
      if (directory === null) return shippedNetworks(simulator, kind, await hash());
      const { denoFiles } = await import("./training/deno_files.ts");
      const { checkpoint, notices, path } = await readPolicy(denoFiles({}), directory);
      for (const notice of notices) talk.notice(notice);
      const { apps, capacity } = simulator;
      const surface = await surfaceFingerprint(simulator);
      const use = { apps, capacity, surface, data: await hash(), kinds: [kind] };
      checkPolicyFits(checkpoint.info, use, path);
      return checkpoint.networks;
    },
  };
}

/** A function that works once and remembers. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => result ??= work();
}
