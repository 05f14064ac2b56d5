import type { SchedulingProblem } from "../../scheduling/mod.ts";
import type { Network } from "../learning/network.ts";

/** Where learned schedulers get policies from that do not come with Metis: files on a command line, training in a page. */
export interface PolicySource {
  /**
   * Networks of a policy.
   * @param directory The policy that the user names, or null.
   * @param kind Kind of policy, such as "metis", "online" or "sub".
   * @returns Null where there is none, and the one that comes with Metis, if any, is to be used.
   * @throws {InputError} if the named policy is missing, damaged, or made for something else.
   */
  networks(
    problem: SchedulingProblem,
    directory: string | null,
    kind: string,
  ): Promise<readonly Network[] | null>;
}

/**
 * Gives the networks of a policy.
 * @param directory What the parameter `policy` says, null if the user says nothing.
 * @throws {InputError} if the named policy is missing, damaged, or made for something else.
 */
export type LoadNetworks = (
  problem: SchedulingProblem,
  directory: string | null,
) => Promise<readonly Network[]>;
