/**
 * Where learned schedulers get their networks from on the command line: a directory that the user
 * names, or one of the policies that come with Metis.
 * @module
 */
import type { PolicySource } from "../../policies/checkpoint/source.ts";
import { shippedPolicies } from "../../policies/trained/shipped.ts";
import { readBundled } from "../bundled.ts";
import type { CliContext } from "../context.ts";
import type { Talk } from "../output/progress.ts";
import { denoFiles } from "../training/deno_files.ts";
import { readPolicy } from "../training/files.ts";

/**
 * The source of policies for one command.
 * @param data The file that the surface was read from or fitted on, or its SHA-256.
 */
export function commandPolicies(
  context: CliContext,
  talk: Talk,
  data: { readonly file: string } | { readonly sha256: string },
): PolicySource {
  return shippedPolicies({
    read: readBundled,
    data: async () => "sha256" in data ? data.sha256 : await context.readFile(data.file),
    open: async (directory) => {
      const { notices, checkpoint, path } = await readPolicy(denoFiles({}), directory);
      for (const notice of notices) talk.notice(notice);
      return { checkpoint, place: path };
    },
  });
}
