import { type Cluster, maxCapacity } from "../../domain/mod.ts";
import type { PolicySource } from "../../policies/checkpoint/source.ts";
import type { Network } from "../../policies/learning/network.ts";
import { problemOn, type Surface } from "../../scheduling/mod.ts";
import type { Contender } from "./form.ts";

/** Networks by the policy's kind and directory: data that a worker can be sent. */
export type LoadedPolicies = ReadonlyMap<string, readonly Network[]>;

/** Kind of policy that a scheduler places by. */
const KINDS: Readonly<Record<string, string>> = {
  metis: "metis",
  "metis-online": "online",
  "metis-paper": "sub",
};

/**
 * Loads the policies that contenders name, before anything runs.
 * @param source Where they come from. @param experiment Its surface says which policies fit.
 * @throws {InputError} if one is missing, damaged, or made for another surface.
 */
export async function loadPolicies(
  source: PolicySource,
  experiment: {
    readonly surface: Surface;
    readonly cluster: Cluster;
    readonly contenders: readonly Contender[];
  },
): Promise<LoadedPolicies> {
  const wanted = experiment.contenders.filter((contender) => directoryOf(contender) !== null);
  const loaded = new Map<string, readonly Network[]>();
  if (wanted.length === 0) return loaded;
  const { surface, cluster } = experiment;
  const simulator = surface.simulator(maxCapacity(cluster));
  try {
    const problem = problemOn(simulator, { cluster, demand: surface.apps.map(() => 0) });
    for (const contender of wanted) {
      const kind = KINDS[contender.scheduler]!;
      const directory = directoryOf(contender);
      const networks = await source.networks(problem, directory, kind);
      if (networks !== null) loaded.set(keyOf(kind, directory), networks);
    }
  } finally {
    simulator.dispose();
  }
  return loaded;
}

/** The policies as schedulers ask for them. */
export function policySource(loaded: LoadedPolicies): PolicySource {
  return {
    networks: (_, directory, kind) => Promise.resolve(loaded.get(keyOf(kind, directory)) ?? null),
  };
}

function directoryOf({ scheduler, parameters }: Contender): string | null {
  const given = parameters["policy"];
  return given === undefined || !(scheduler in KINDS) ? null : String(given);
}

function keyOf(kind: string, directory: string | null): string {
  return JSON.stringify([kind, directory]);
}
