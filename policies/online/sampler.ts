import {
  drawArrivals,
  drawMixedDemand,
  emptyPlacement,
  InfeasibleError,
  Owner,
  type Problem,
  type Random,
  totalSlots,
} from "../../domain/mod.ts";
import type { ClusterState } from "../../sim-wasm/mod.ts";
import type { ChoiceRows } from "../learning/choice_gradients.ts";
import type { Network } from "../learning/network.ts";
import type { PlayedNodes } from "../universal/node_stream.ts";
import type { OnlineConfig } from "./config.ts";
import { OnlinePlayer } from "./player.ts";
import type { Rest } from "./policy.ts";

/** Choices that an update looks at, at most. */
const MOST_ROWS = 90_000;

/** How fast ends count less the later they come. */
const END_POWER = 1.7;

/** Shares of all slots that an episode may end at, where only the course of it counts. */
const FIRST_END = 0.1875;
const LAST_END = 0.7;

/** What an update learns from. */
export interface OnlineBatch {
  readonly choices: ChoiceRows;
  readonly loss: number;
  readonly entropy: number;
  readonly episodes: number;
  readonly containers: number;
  /** Mean normalised throughput at the end, over the episodes; and the best one. */
  readonly mean: number;
  readonly best: number;
}

/** Plays arrivals for the training of one of the two policies. */
export class OnlineSampler extends Owner {
  readonly #player: OnlinePlayer;
  readonly #target: ClusterState;
  readonly #rest: Rest;
  readonly #config: OnlineConfig;
  readonly #apps: number;
  readonly #slots: number;

  constructor(nodes: PlayedNodes, rest: Rest, config: OnlineConfig) {
    super("sampler");
    const { simulator, cluster, rules } = nodes;
    const { apps } = simulator;
    const problem: Problem = { apps, cluster, demand: apps.map(() => 0), rules };
    this.#rest = rest;
    this.#config = config;
    this.#apps = apps.length;
    this.#slots = totalSlots(cluster, rules);
    this.#player = new OnlinePlayer(simulator, problem, rest, MOST_ROWS);
    this.#target = simulator.clusterState(problem);
  }

  /** Follows near-optimal placements of `imitated` drawn demands, found in hindsight by annealing. */
  imitate(network: Network, imitated: number, draws: Random): OnlineBatch {
    const { planner, arrivals } = this.#begin(network);
    const { annealing, skewed } = this.#config;
    let mean = 0;
    let best = 0;
    let containers = 0;
    for (let each = 0; each < imitated; each++) {
      const share = draws.uniform() < 0.8
        ? FIRST_END * (LAST_END / FIRST_END) ** draws.uniform()
        : draws.uniform();
      const demand = this.#draw(share, skewed, draws);
      this.#target.load(emptyPlacement(this.#target.nodes, this.#apps));
      if (!placesAll(this.#target, demand)) continue;
      this.#target.anneal({ moves: annealing, hot: 0.3, cold: 0.005, seed: draws.uint32() });
      this.#target.localSearch();
      this.#player.tell(demand);
      planner.seed(draws.uint32());
      arrivals.begin(this.#target);
      const totals = arrivals.arriveAll(drawArrivals(demand, draws), {
        temperature: 1,
        recording: true,
      });
      const value = totals[totals.length - 1]! / totals.length;
      containers += totals.length;
      mean += value / imitated;
      best = Math.max(best, value);
    }
    const record = planner.record();
    const count = Math.max(1, record.decisions);
    return {
      choices: {
        rows: record.rows,
        inputs: record.inputs.slice(),
        slopes: record.slopes.map((slope) => slope / count),
      },
      loss: record.loss / count,
      entropy: record.entropy / count,
      episodes: imitated,
      containers,
      mean,
      best,
    };
  }

  /**
   * REINFORCE with several samples of each of `orders` orders of arrival: a choice is credited with what throughput gains from
   * then on, averaged over the ends that may come (the last one alone where the rest is known), less the
   * mean of the other samples at that moment.
   */
  improve(network: Network, orders: number, draws: Random): OnlineBatch {
    const { planner, arrivals } = this.#begin(network);
    const { samples, skewed } = this.#config;
    const known = this.#rest === "known";
    const credits: { from: number; to: number; credit: Float64Array }[] = [];
    let mean = 0;
    let best = 0;
    let containers = 0;
    for (let each = 0; each < orders; each++) {
      const share = known ? FIRST_END + (LAST_END - FIRST_END) * draws.uniform() : LAST_END;
      const demand = this.#draw(share, skewed, draws);
      const order = drawArrivals(demand, draws);
      const weights = endWeights(order.length, known, FIRST_END * this.#slots);
      this.#player.tell(demand);
      planner.seed(draws.uint32());
      const runs: { from: number; to: number; gains: Float64Array }[] = [];
      for (let sample = 0; sample < samples; sample++) {
        const from = planner.record().rows;
        arrivals.begin();
        const totals = arrivals.arriveAll(order, { temperature: 1, recording: true });
        runs.push({ from, to: planner.record().rows, gains: gainsToCome(totals, weights) });
        const value = totals[totals.length - 1]! / totals.length;
        mean += value / orders / samples;
        best = Math.max(best, value);
        containers += totals.length;
      }
      for (let time = 0; time < order.length; time++) {
        const average = runs.reduce((sum, { gains }) => sum + gains[time]!, 0) / samples;
        for (const { gains } of runs) gains[time]! -= average;
      }
      runs.forEach(({ from, to, gains }) => credits.push({ from, to, credit: gains }));
    }
    const record = planner.record();
    const count = Math.max(1, record.decisions);
    const scale = 1 / (count * deviation(credits.map(({ credit }) => credit)));
    const slopes = new Float32Array(record.rows);
    for (const { from, to, credit } of credits) {
      for (let row = from; row < to; row++) {
        slopes[row] = record.slopes[row]! * credit[record.times[row]!]! * scale;
      }
    }
    return {
      choices: { rows: record.rows, inputs: record.inputs.slice(), slopes },
      loss: record.loss / count,
      entropy: record.entropy / count,
      episodes: orders * samples,
      containers,
      mean,
      best,
    };
  }

  /** Gives core memory back. */
  protected override release(): void {
    this.#player.dispose();
    this.#target.dispose();
  }

  #begin(network: Network): OnlinePlayer {
    this.#player.planner.setNetwork(network.layers);
    this.#player.planner.clearRecord();
    return this.#player;
  }

  #draw(share: number, skewed: number, draws: Random): number[] {
    const containers = Math.max(1, Math.round(share * this.#slots));
    return drawMixedDemand(this.#apps, containers, draws.uniform() < skewed, draws);
  }
}

/** Places a demand by the greedy rule; false where it finds no room under the rules. */
function placesAll(state: ClusterState, demand: readonly number[]): boolean {
  try {
    state.greedy(demand);
    return true;
  } catch (error) {
    if (error instanceof InfeasibleError) return false;
    throw error;
  }
}

/** Batches of different nodes as one, each counting the same. */
export function joinBatches(batches: readonly OnlineBatch[]): OnlineBatch {
  if (batches.length === 1) return batches[0]!;
  const all = (pick: (batch: OnlineBatch) => number): number =>
    batches.reduce((sum, batch) => sum + pick(batch), 0);
  const rows = all(({ choices }) => choices.rows);
  const width = all(({ choices }) => choices.inputs.length) / Math.max(1, rows);
  const inputs = new Float32Array(rows * width);
  const slopes = new Float32Array(rows);
  let first = 0;
  for (const { choices } of batches) {
    inputs.set(choices.inputs, first * width);
    choices.slopes.forEach((slope, at) => slopes[first + at] = slope / batches.length);
    first += choices.rows;
  }
  return {
    choices: { rows, inputs, slopes },
    loss: all(({ loss }) => loss) / batches.length,
    entropy: all(({ entropy }) => entropy) / batches.length,
    episodes: all(({ episodes }) => episodes),
    containers: all(({ containers }) => containers),
    mean: all(({ mean }) => mean) / batches.length,
    best: Math.max(...batches.map(({ best }) => best)),
  };
}

/**
 * How much the total throughput after each container counts: over time once, for a mean per container, and a little
 * more, since choices that are best for a near end cost less there than they gain later; before the usual ends
 * a twentieth of that.
 */
function endWeights(length: number, lastOnly: boolean, firstEnd: number): Float64Array {
  return Float64Array.from({ length }, (_, time) => {
    if (lastOnly) return time === length - 1 ? 1 : 0;
    return (time + 1 >= firstEnd ? 1 : 0.05) / (time + 1) ** END_POWER;
  });
}

/** Per time, the weighted sum of what throughput gains from then until each end. */
function gainsToCome(totals: Float64Array, weights: Float64Array): Float64Array {
  const gains = new Float64Array(totals.length);
  let weight = 0;
  let weighted = 0;
  for (let time = totals.length - 1; time >= 0; time--) {
    weight += weights[time]!;
    weighted += weights[time]! * totals[time]!;
    gains[time] = weighted - weight * (time > 0 ? totals[time - 1]! : 0);
  }
  return gains;
}

function deviation(parts: readonly Float64Array[]): number {
  let squares = 0;
  let count = 0;
  for (const part of parts) {
    for (const value of part) squares += value * value;
    count += part.length;
  }
  return Math.sqrt(squares / Math.max(1, count)) + 1e-9;
}
