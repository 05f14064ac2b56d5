/**
 * What every command has: the seed, what is said and for whom, and where results go.
 * @module
 */
import { Option } from "@commander-js/extra-typings";
import type { GivenBy } from "./define.ts";
import { MAX_UINT32, whole } from "./parse.ts";

/** Seed of everything random. */
export const seedOption = () =>
  new Option("--seed <number>", "seed of all random numbers").argParser(whole(0, MAX_UINT32))
    .default(1);

/** What each node holds. */
export const verboseOption = () =>
  new Option(
    "--verbose",
    "show what nodes hold, with equal nodes grouped, and decisions as they are made",
  );

/** Output for programs. */
export const jsonOption = () => new Option("--json", "print one JSON object");

/** No talk. */
export const quietOption = () => new Option("--quiet", "no notices, no progress");

/** What is said, and for whom. */
export const outputOptions = () => [jsonOption(), quietOption()] as const;

/** Values of {@link outputOptions}. */
export type OutputOptions = GivenBy<typeof outputOptions>;

/** Output file. */
export const outOption = (what: string) => new Option("--out <file>", `write ${what} to a file`);
