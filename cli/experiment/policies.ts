import { type Cluster, maxCapacity, NoPolicyError } from "../../domain/mod.ts";
import { loaderOf, type PolicySource } from "../../policies/checkpoint/source.ts";
import type { Network } from "../../policies/learning/network.ts";
import { problemOn, type Surface } from "../../scheduling/mod.ts";
import type { Contender } from "./form.ts";

/** Networks by the policy's kind and directory: data that a worker can be sent. */
export type LoadedPolicies = ReadonlyMap<string, readonly Network[]>;

/** Kind of policy that a scheduler places by, and whether it can do without one. */
const POLICIES: Readonly<Record<string, { readonly kind: string; readonly optional: boolean }>> = {
  metis: { kind: "metis", optional: false },
  "metis-online": { kind: "online", optional: false },
  "metis-paper": { kind: "sub", optional: true },
};

/**
 * Loads the policies that contenders place by, before anything runs.
 * @param source Where they come from. @param experiment Its surface says which policies fit.
 * @throws {InputError | NoPolicyError} if one is missing, damaged, or made for another surface.
 */
export async function loadPolicies(
  source: PolicySource,
  experiment: {
    readonly surface: Surface;
    readonly cluster: Cluster;
    readonly contenders: readonly Contender[];
  },
): Promise<LoadedPolicies> {
  const wanted = experiment.contenders.filter(({ scheduler }) => scheduler in POLICIES);
  const loaded = new Map<string, readonly Network[]>();
  if (wanted.length === 0) return loaded;
  const { surface, cluster } = experiment;
  const simulator = surface.simulator(maxCapacity(cluster));
  try {
    const problem = problemOn(simulator, { cluster, demand: surface.apps.map(() => 0) });
    for (const contender of wanted) {
      const { kind, optional } = POLICIES[contender.scheduler]!;
      const directory = directoryOf(contender);
      try {
        loaded.set(keyOf(kind, directory), await loaderOf(source, kind)(problem, directory));
      } catch (error) {
        if (!(optional && error instanceof NoPolicyError)) throw error;
      }
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

function directoryOf({ parameters }: Contender): string | null {
  const given = parameters["policy"];
  return given === undefined ? null : String(given);
}

function keyOf(kind: string, directory: string | null): string {
  return JSON.stringify([kind, directory]);
}
