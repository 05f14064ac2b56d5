import { type Demand, type Random, suggest, UsageError } from "../domain/mod.ts";
import type { Belief } from "./belief.ts";
import { Planner } from "./plans.ts";

/** What a strategy knows when it chooses. */
export interface Situation {
  /** Names of the apps, in the order of the counts. */
  readonly apps: readonly string[];
  /** Slots of a node. */
  readonly capacity: number;
  /** Nodes that placements are for. */
  readonly nodes: number;
  /** All configurations by rank, row-major. */
  readonly counts: Uint8Array;
  /** What the model believes of every configuration. */
  readonly belief: Belief;
  /** 1 if a configuration may be measured, by rank. */
  readonly allowed: Uint8Array;
  /** Whether measuring again may tell something new. */
  readonly scatters: boolean;
  /** Share of the budget that is spent, 0 to 1. */
  readonly progress: number;
  /** Demands that matter, some of them drawn again every round. */
  readonly demands: readonly Demand[];
  /** Source of every random choice. */
  readonly random: Random;
}

/** A configuration to measure, and why. */
export interface Choice {
  /** Rank of the configuration among all of them. */
  readonly rank: number;
  /** Why it is worth measuring, for reports. */
  readonly reason: string;
}

/** Decides what to measure next. Keeps no state: all it knows is the situation. */
export interface Strategy {
  /** Name to ask for it by. */
  readonly name: string;
  /** One line for help texts. */
  readonly summary: string;
  /** Chooses what to measure next. @param count Most configurations to choose. @returns Different ones, best first; none where nothing is left. */
  choose(situation: Situation, count: number): Promise<Choice[]>;
}

/** Any configuration that was not measured yet, each as likely. */
export const randomStrategy: Strategy = {
  name: "random",
  summary: "any configuration, each as likely",
  choose(situation, count) {
    const open = openRanks(situation, new Set());
    return Promise.resolve(
      situation.random.shuffle(open).slice(0, count).map((rank) => ({ rank, reason: "random" })),
    );
  },
};

/** Configurations that a spread-out set is drawn from. */
const COVER_SAMPLE = 200;

/** Those that are farthest from everything measured, of a random sample (like a Latin hypercube, without a grid). */
export const coverStrategy: Strategy = {
  name: "cover",
  summary: "spread out: far from everything measured",
  choose(situation, count) {
    const { counts, belief, random, apps } = situation;
    const width = apps.length;
    const known: number[] = [];
    belief.measured.forEach((times, rank) => {
      if (times > 0) known.push(rank);
    });
    const chosen: Choice[] = [];
    for (let at = 0; at < count; at++) {
      const open = openRanks(situation, new Set(chosen.map(({ rank }) => rank)));
      if (open.length === 0) break;
      let best = open[0]!;
      let farthest = -1;
      for (const rank of random.shuffle(open).slice(0, COVER_SAMPLE)) {
        let nearest = Infinity;
        for (const other of known) {
          nearest = Math.min(nearest, distance(counts, width, rank, other));
          if (nearest <= farthest) break;
        }
        if (nearest > farthest) {
          farthest = nearest;
          best = rank;
        }
      }
      known.push(best);
      chosen.push({ rank: best, reason: "far from what is measured" });
    }
    return Promise.resolve(chosen);
  },
};

/** Those that the model is least sure of. */
export const uncertaintyStrategy: Strategy = {
  name: "uncertainty",
  summary: "what the model is least sure of",
  choose(situation, count) {
    const { belief } = situation;
    const open = openRanks(situation, new Set())
      .sort((a, b) => belief.deviations[b]! - belief.deviations[a]! || a - b);
    return Promise.resolve(
      spreadOut(situation, open, count).map((rank) => ({ rank, reason: "most uncertain" })),
    );
  },
};

/** How optimistic plans are: deviations added to the mean, at the start and at the end of the budget. */
export interface Optimism {
  /** Deviations added at the start. */
  readonly first: number;
  /** Deviations added when the budget is spent. */
  readonly last: number;
}

/** Plans the demands as if uncertain configurations were good, and measures what the plans use. */
export function optimisticStrategy(
  { first, last }: Optimism,
  name = "optimistic",
): Strategy {
  return {
    name,
    summary: "plan with mean + k x deviation, and measure what the plans use",
    async choose(situation, count) {
      const chosen = new Map<number, Choice>();
      let optimism = first + (last - first) * situation.progress;
      // Plans that use nothing new say that hope is too small, not that there is nothing to learn.
      for (let tries = 0; tries < MOST_HOPE && chosen.size < count; tries++) {
        for (const choice of await hopefulChoices(situation, optimism)) {
          if (chosen.size === count) break;
          if (!chosen.has(choice.rank)) chosen.set(choice.rank, choice);
        }
        optimism = Math.max(optimism * MORE_HOPE, 0.1);
      }
      return [...chosen.values()];
    },
  };
}

/** Times that plans are made with more optimism, where they use too little that is new, and by how much more. */
const MOST_HOPE = 6;
const MORE_HOPE = 1.5;

/** What plans at mean + optimism x deviation use, by how much of the plans an error there can change. */
async function hopefulChoices(situation: Situation, optimism: number): Promise<Choice[]> {
  const { belief, demands, apps, capacity, nodes, allowed, scatters } = situation;
  const hoped = belief.throughput.map((value, rank) => {
    if (rank === 0) return 0;
    return allowed[rank] ? value + optimism * belief.deviations[rank]! : refused(situation, rank);
  });
  const planner = new Planner(apps, capacity, nodes, hoped);
  const stakes = new Map<number, number>();
  try {
    for (const demand of demands) {
      for (const { rank, nodes: share } of (await planner.plan(demand)).shares) {
        const fresh = belief.measured[rank] === 0;
        if (!allowed[rank] || (!fresh && !scatters) || belief.deviations[rank] === 0) continue;
        stakes.set(rank, (stakes.get(rank) ?? 0) + share * belief.deviations[rank]!);
      }
    }
  } finally {
    planner.dispose();
  }
  return [...stakes].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([rank]) => ({
    rank,
    reason: belief.measured[rank]! > 0
      ? "repeat: plans lean on it"
      : `plans use it (mean + ${optimism.toFixed(2)} x deviation)`,
  }));
}

/** Mostly one strategy, with a share of the choices from another; what the first leaves over goes to the second. */
export function mixtureStrategy(
  main: Strategy,
  other: Strategy,
  share: number,
  name = "mixture",
): Strategy {
  return {
    name,
    summary: `${main.name}, with ${Math.round(share * 100)} % of ${other.name}`,
    async choose(situation, count) {
      const aside = Array.from({ length: count }, () => situation.random.uniform() < share)
        .filter(Boolean).length;
      const first = await main.choose(situation, count - aside);
      const taken = new Set(first.map(({ rank }) => rank));
      const second = await other.choose(situation, count);
      const rest = second.filter(({ rank }) => !taken.has(rank)).slice(0, count - first.length);
      return [...first, ...rest];
    },
  };
}

/** The strategy that is used where nobody chooses one. */
export const DEFAULT_STRATEGY = "mixture";

/** Every strategy by name. */
export function strategies(): readonly Strategy[] {
  const optimistic = optimisticStrategy({ first: 1, last: 0.5 });
  return [
    mixtureStrategy(optimistic, randomStrategy, 0.1),
    optimistic,
    uncertaintyStrategy,
    coverStrategy,
    randomStrategy,
  ];
}

/** The strategy of this name. @throws {UsageError} for an unknown name, with the nearest known one. */
export function strategyNamed(name: string): Strategy {
  const known = strategies();
  const found = known.find((strategy) => strategy.name === name);
  if (found === undefined) {
    throw new UsageError(`Unknown strategy ${name}${suggest(name, known.map(({ name }) => name))}`);
  }
  return found;
}

/** Throughput that keeps a configuration out of every plan. */
export function refused({ counts, apps }: Situation, rank: number): number {
  let total = 0;
  for (let at = rank * apps.length; at < (rank + 1) * apps.length; at++) total += counts[at]!;
  return -1e3 * total;
}

function openRanks({ belief, allowed }: Situation, without: ReadonlySet<number>): number[] {
  const open: number[] = [];
  belief.measured.forEach((times, rank) => {
    if (times === 0 && allowed[rank] && belief.deviations[rank]! > 0 && !without.has(rank)) {
      open.push(rank);
    }
  });
  return open;
}

/** Takes ranks in order, but none beside another: neighbours tell much of the same. */
function spreadOut(
  { counts, apps }: Situation,
  ranks: readonly number[],
  count: number,
): number[] {
  const chosen: number[] = [];
  for (const rank of ranks) {
    if (chosen.length === count) return chosen;
    if (chosen.every((other) => distance(counts, apps.length, rank, other) > 2)) chosen.push(rank);
  }
  return chosen;
}

/** Containers by which two configurations differ. */
function distance(counts: Uint8Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let app = 0; app < width; app++) {
    sum += Math.abs(counts[a * width + app]! - counts[b * width + app]!);
  }
  return sum;
}
