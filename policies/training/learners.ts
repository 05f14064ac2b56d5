/**
 * Every learner that can be trained, each loaded only when it is asked for.
 * @module
 */
import { type Cluster, NO_RULES, nodeCapacities, suggest, UsageError } from "../../domain/mod.ts";
import type { Scheduler } from "../../scheduling/mod.ts";
import type { Network } from "../learning/network.ts";
import type { TrainerKind } from "../learning/trainer.ts";

/** What a learner builds on. */
export interface LearnerParts {
  readonly apps: readonly string[];
  /** Networks that were trained before, such as those of sub-schedulers. */
  readonly parts: readonly Network[];
}

/** A piece of a training that does not depend on the others: they can run side by side. */
export interface LearnerPiece {
  readonly name: string;
  /** Options that differ from those of the whole. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Containers of the demands that it is validated on. */
  readonly sizes: readonly number[];
}

/** A learner, ready to make trainers. */
export interface LoadedLearner {
  readonly kind: TrainerKind<object>;
  /** A scheduler that places by these networks, greedily; null for learners of one demand. */
  readonly scheduler: ((networks: readonly Network[], apps: readonly string[]) => Scheduler) | null;
  /** The pieces of a training, or null where it is one. Names of networks must differ between pieces. */
  readonly pieces: ((cluster: Cluster) => LearnerPiece[]) | null;
}

/** A learner by name. */
export interface Learner {
  readonly name: string;
  /** `paper` or `metis`. */
  readonly algorithm: string;
  /** Kind of the policies that it makes: what they can be used as. */
  readonly policyKind: string;
  readonly summary: string;
  /** True where it learns one demand. */
  readonly perDemand: boolean;
  /** Kind of policy that it builds on, or null. */
  readonly needs: string | null;
  /** Seconds of training where the user says nothing; null = until the learner itself is done. */
  readonly seconds: number | null;
  /** Most nodes of the cluster that it is trained on; larger ones are cut. @default no limit */
  readonly mostNodes?: number;
  load(parts: LearnerParts): Promise<LoadedLearner>;
}

/** Every learner, simplest first. */
export const LEARNERS: readonly Learner[] = [
  ...["metis", "sub"].map((name): Learner => ({
    name,
    algorithm: "metis",
    policyKind: "metis",
    summary: "one policy for any demand and size, learned by imitating its own polished best",
    perDemand: false,
    needs: null,
    seconds: null,
    load: async () => {
      const { metisTrainer } = await import("../metis/trainer.ts");
      const { metisPolicyScheduler } = await import("./metis_policy.ts");
      return { kind: metisTrainer, scheduler: metisPolicyScheduler, pieces: null };
    },
  })),
  {
    name: "online",
    algorithm: "metis",
    policyKind: "online",
    summary: "containers that come one by one: imitation of hindsight, then policy gradient",
    perDemand: false,
    needs: null,
    seconds: null,
    load: async () => {
      const { onlineTrainer } = await import("../online/trainer.ts");
      const { metisOnlineScheduler } = await import("../online/scheduler.ts");
      return {
        kind: onlineTrainer,
        scheduler: (networks) => metisOnlineScheduler(() => Promise.resolve(networks)),
        pieces: null,
      };
    },
  },
  {
    name: "sub",
    algorithm: "paper",
    policyKind: "sub",
    summary: "sub-schedulers: any demand on 27 nodes, one model for each ten containers",
    perDemand: false,
    needs: null,
    seconds: 300,
    mostNodes: 27,
    load: async () => {
      const { subLearner } = await import("../paper/sub_learner.ts");
      const { subScheduler } = await import("./sub_policy.ts");
      return { kind: subLearner, scheduler: subScheduler, pieces: sizeClasses };
    },
  },
  {
    name: "high",
    algorithm: "paper",
    policyKind: "high",
    summary: "high level: shares one demand out to sub-clusters that sub-schedulers fill",
    perDemand: true,
    needs: "sub",
    seconds: 60,
    load: async ({ apps, parts }) => {
      const { highLearner } = await import("../paper/demand_learner.ts");
      const { subSchedulersFromNetworks } = await import("../paper/sub_schedulers.ts");
      // Without parts its options can be told, but nothing can be trained.
      const sub = parts.length === 0
        ? { apps, networks: [] }
        : subSchedulersFromNetworks(parts, apps);
      return { kind: highLearner(sub), scheduler: null, pieces: null };
    },
  },
  {
    name: "vanilla",
    algorithm: "paper",
    policyKind: "vanilla",
    summary: "Vanilla RL: one network chooses among all nodes, for one demand",
    perDemand: true,
    needs: null,
    seconds: 60,
    load: async () => {
      const { vanillaLearner } = await import("../paper/demand_learner.ts");
      return { kind: vanillaLearner, scheduler: null, pieces: null };
    },
  },
  {
    name: "dc",
    algorithm: "paper",
    policyKind: "dc",
    summary: "divide-and-conquer: levels of three choices, learned together, for one demand",
    perDemand: true,
    needs: null,
    seconds: 60,
    load: async () => {
      const { dcLearner } = await import("../paper/demand_learner.ts");
      return { kind: dcLearner, scheduler: null, pieces: null };
    },
  },
];

/**
 * The learner of this name and algorithm.
 * @param algorithm Undefined for the only, or our own, one.
 * @throws {UsageError} for an unknown name or algorithm, listing the known ones.
 */
export function findLearner(name: string, algorithm?: string): Learner {
  const named = LEARNERS.filter((learner) => learner.name === name);
  if (named.length === 0) {
    const known = [...new Set(LEARNERS.map((learner) => learner.name))];
    throw new UsageError(
      `There is no learner ${name}${suggest(name, known)}: known are ${known.join(", ")}`,
    );
  }
  const found = algorithm === undefined
    ? named.find((learner) => learner.algorithm === "metis") ?? named[0]
    : named.find((learner) => learner.algorithm === algorithm);
  if (found === undefined) {
    throw new UsageError(
      `Learner ${name} has no algorithm ${algorithm}: known are ${
        named.map((learner) => learner.algorithm).join(", ")
      }`,
    );
  }
  return found;
}

/** The size classes of the paper that a cluster has room for: each trains without the others. */
function sizeClasses(cluster: Cluster): LearnerPiece[] {
  const slots = nodeCapacities(cluster, NO_RULES).reduce((sum, capacity) => sum + capacity, 0);
  const count = Math.max(1, Math.min(20, Math.ceil(slots / 10)));
  return Array.from({ length: count }, (_, at) => ({
    name: `class${at * 10}`,
    config: { firstClass: at, lastClass: at },
    sizes: [Math.min(slots, at * 10 + 5)],
  }));
}
