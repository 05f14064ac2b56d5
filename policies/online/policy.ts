import type { Random } from "../../domain/mod.ts";
import { plannerInputs } from "../../sim-wasm/mod.ts";
import type { Network } from "../learning/network.ts";
import { createScorer, findScorer } from "../learning/scorer.ts";

/** What the policy knows of the containers still to come. */
export type Rest = "unknown" | "known";

/** Both cases, in the order of their networks. */
export const RESTS: readonly Rest[] = ["unknown", "known"];

/** Name of the network for each case. */
export const ONLINE_NETWORKS: Readonly<Record<Rest, string>> = Object.freeze({
  unknown: "arrivals-unknown",
  known: "arrivals-known",
});

/** Temperatures of the prices where the rest is known. */
export const KNOWN_TEMPERATURES = [0.005, 0.03];

/** Where it is not: shares of all slots that may be filled in the end, each with prices at one temperature. */
export const SCENARIO_SHARES = [0.1875, 0.3125, 0.4375, 0.625, 0.8125];
/** Temperature of those prices. */
export const SCENARIO_TEMPERATURE = 0.03;

/** How many tables of prices the policy sees. */
export function onlineTables(rest: Rest): number {
  return rest === "known" ? KNOWN_TEMPERATURES.length : SCENARIO_SHARES.length;
}

/** Fresh networks for both cases. */
export function createOnlineNetworks(hidden: number, draws: Random): Network[] {
  return RESTS.map((rest) =>
    createScorer(ONLINE_NETWORKS[rest], plannerInputs(onlineTables(rest)), hidden, draws)
  );
}

/** The network for a case. @throws {InputError} if there is none, or it sees something else. */
export function onlineNetwork(networks: readonly Network[], rest: Rest): Network {
  return findScorer(networks, ONLINE_NETWORKS[rest], plannerInputs(onlineTables(rest)));
}
