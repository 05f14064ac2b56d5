import { NoPolicyError } from "../../domain/mod.ts";
import type { SchedulingProblem } from "../../scheduling/mod.ts";
import type { Network } from "../learning/network.ts";

/** Where learned schedulers get their networks from: files on a command line, downloads in a browser. */
export interface PolicySource {
  /**
   * Networks of a policy that was trained for the problem's surface.
   * @param directory The policy that the user names, or null for one that comes with Metis.
   * @param kind Kind of policy, such as "metis", "online" or "sub".
   * @returns Null if the user names none and none comes with Metis for this surface.
   * @throws {InputError} if the named policy is missing, damaged, or made for other apps, slots or data.
   */
  networks(
    problem: SchedulingProblem,
    directory: string | null,
    kind: string,
  ): Promise<readonly Network[] | null>;
}

/** A source without any policy. */
export const NO_POLICIES: PolicySource = { networks: () => Promise.resolve(null) };

/**
 * Gives the networks of a policy that fits the problem.
 * @param directory What the parameter `policy` says, null if the user says nothing.
 * @throws {InputError} if there is no policy, or it is for other apps, slots or data.
 */
export type LoadNetworks = (
  problem: SchedulingProblem,
  directory: string | null,
) => Promise<readonly Network[]>;

/**
 * A function that gives a scheduler its networks.
 * @throws {NoPolicyError} if there is no policy for the problem, with the remedy.
 */
export function loaderOf(source: PolicySource, kind: string): LoadNetworks {
  return async (problem, directory) => {
    const networks = await source.networks(problem, directory, kind);
    if (networks !== null) return networks;
    throw new NoPolicyError(
      `No policy of kind ${kind} comes with this profile: train one (metis train ${kind} --out DIR) and pass it by --policy DIR`,
    );
  };
}
