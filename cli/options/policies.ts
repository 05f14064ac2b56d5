/**
 * Where learned schedulers get policies from on the command line: a directory that the user names.
 * @module
 */
import type { PolicySource } from "../../policies/checkpoint/source.ts";
import type { Talk } from "../output/progress.ts";
import { denoFiles } from "../training/deno_files.ts";
import { loadPolicy } from "../training/files.ts";

/** The source of policies for one command. */
export function commandPolicies(talk: Talk): PolicySource {
  return {
    async networks({ simulator }, directory, kind) {
      if (directory === null) return null;
      const { notices, checkpoint } = await loadPolicy(denoFiles({}), directory, simulator, [kind]);
      for (const notice of notices) talk.notice(notice);
      return checkpoint.networks;
    },
  };
}
