import {
  configurationCount,
  type Demand,
  InputError,
  measurementTotal,
  type Profile,
  Random,
  UnsupportedError,
} from "../domain/mod.ts";
import { type Belief, Learner } from "./belief.ts";
import { type Measurement, type Measurer, profileOf } from "./measurer.ts";
import { checkDemands } from "./plans.ts";
import { RegretBound } from "./regret_bound.ts";
import type { Situation, Strategy } from "./strategy.ts";

/** Most configurations that are looked at in every round. */
const MOST_CONFIGURATIONS = 200_000;
/** Demands that are planned in every round. */
const DEMANDS_PER_ROUND = 8;
/** Measurements whose surprise says how sure the model may be. */
const CALIBRATION_NOTES = 30;

/** How to profile actively. */
export interface ActiveOptions {
  /** What measures a configuration. */
  readonly measurer: Measurer;
  /** What chooses the configurations. */
  readonly strategy: Strategy;
  /** Most measurements, those of `start` included. */
  readonly budget: number;
  /** Nodes that placements are for. */
  readonly nodes: number;
  /** Demands that matter; without any, `drawDemand` gives them all. */
  readonly demands: readonly Demand[];
  /** A demand like those to come, drawn again in every round. */
  readonly drawDemand: ((random: Random) => Demand) | null;
  /** Decides every random choice, 0 to 2^32 - 1. */
  readonly seed: number;
  /** Stop once the bound on the expected regret is at most this share; at least LEAST_BOUND of regret_bound.ts. @default never */
  readonly targetRegret?: number;
  /** Measurements of each round. @default a twenty-fifth of the budget, at least what the measurer does at a time */
  readonly batch?: number;
  /** Weight of extra-trees in the model that chooses. @default 0 */
  readonly treesWeight?: number;
  /** What is measured before anything is known. @default pairs */
  readonly opening?: "pairs" | "random";
  /** Earlier measurements: the work continues from there. */
  readonly start?: Profile;
  /** Ends the work after the round that runs. */
  readonly signal?: AbortSignal;
  /** Told after every round. */
  readonly onRound?: (round: ActiveRound) => void | Promise<void>;
}

/** Why something was measured. */
export interface MeasurementNote {
  /** Containers of each app. */
  readonly counts: Uint8Array;
  /** What the strategy measured it for. */
  readonly reason: string;
  /** Throughput that was expected, and its deviation; null before there was a model. */
  readonly expected: number | null;
  /** Standard deviation of the expectation. */
  readonly deviation: number | null;
  /** Throughput that was measured. */
  readonly measured: number;
}

/** Where the work stands after a round. */
export interface ActiveRound {
  /** Measurements so far, earlier ones included. */
  readonly measurements: number;
  /** All of them. */
  readonly profile: Profile;
  /** Why each of them was measured, in their order. */
  readonly notes: readonly MeasurementNote[];
  /** What planning with the model instead of the truth loses at most in nine of ten runs: a share; null until enough is known. */
  readonly regretBound: number | null;
}

/** The outcome. */
export interface ActiveResult {
  /** All measurements, earlier ones included. */
  readonly profile: Profile;
  /** Why each of them was measured, in their order. */
  readonly notes: readonly MeasurementNote[];
  /** How the bound on the regret fell. */
  readonly rounds: readonly {
    readonly measurements: number;
    /** As {@link ActiveRound.regretBound}. */
    readonly regretBound: number | null;
  }[];
  /** Why it ended. */
  readonly ended: "budget" | "target" | "exhausted" | "interrupted";
}

/**
 * Measures configuration after configuration, each round those that the strategy finds most useful for
 * planning the demands, until the budget is spent or the bound on the expected regret is low enough.
 * An abort ends it after the measurements that are under way, with what there is.
 * @throws {InputError} for demands that do not fit, or a start with other apps.
 * @throws {UnsupportedError} if there are too many configurations to look at all of them.
 */
export async function profileActively(options: ActiveOptions): Promise<ActiveResult> {
  const session = new Session(options);
  return await session.run();
}

class Session {
  readonly #options: ActiveOptions;
  readonly #counts: Uint8Array;
  readonly #allowed: Uint8Array;
  readonly #learner: Learner;
  readonly #random: Random;
  readonly #batch: number;
  readonly #notes: MeasurementNote[] = [];
  readonly #start: Profile | undefined;
  /** Measurements behind the rows of the start. */
  readonly #before: number = 0;
  #measurements: Measurement[] = [];
  /** Factor on all deviations, 1 to 3. */
  #sureness = 1;

  constructor(options: ActiveOptions) {
    const { measurer, budget, nodes, demands, drawDemand, seed, start } = options;
    const { apps, capacity } = measurer;
    const size = configurationCount(apps.length, capacity);
    if (size > MOST_CONFIGURATIONS) {
      throw new UnsupportedError(
        `Active profiling looks at all configurations in every round: ${size} are more than ${MOST_CONFIGURATIONS}`,
      );
    }
    if (demands.length === 0 && drawDemand === null) {
      throw new InputError("Active profiling needs demands, or a way to draw them");
    }
    checkDemands(demands, nodes, capacity);
    this.#options = options;
    this.#counts = allConfigurations(apps.length, capacity);
    this.#random = new Random(seed);
    this.#batch = Math.max(1, measurer.parallel, options.batch ?? Math.ceil(budget / 25));
    this.#learner = new Learner(apps, this.#counts, {
      seed,
      treesWeight: options.treesWeight ?? 0,
      scatters: measurer.scatters,
    });
    this.#allowed = new Uint8Array(size).fill(1);
    if (measurer.available !== null) {
      this.#allowed.fill(0);
      for (const key of measurer.available) {
        this.#allowed[this.#learner.rank(key.split(",").map(Number))] = 1;
      }
    }
    this.#allowed[0] = 0;
    if (start !== undefined) {
      if (start.apps.join("\n") !== apps.join("\n")) {
        throw new InputError(`The profile to go on from has other apps: ${start.apps.join(", ")}`);
      }
      this.#start = start;
      this.#before = measurementTotal(start);
    }
  }

  async run(): Promise<ActiveResult> {
    const { budget, signal, targetRegret = -1 } = this.#options;
    const rounds: { measurements: number; regretBound: number | null }[] = [];
    const bound = new RegretBound();
    let ended: ActiveResult["ended"] = "budget";
    await this.#open();
    while (true) {
      if (signal?.aborted) {
        ended = "interrupted";
        break;
      }
      const belief = this.#calibrated(this.#learner.believe(this.#profile()));
      const situation = this.#situation(belief);
      const tested = this.#notes.filter(({ expected }) => expected !== null).length;
      const regretBound = await bound.next(situation, this.#done, tested);
      rounds.push({ measurements: this.#done, regretBound });
      await this.#tell(regretBound);
      if (this.#done >= budget) break;
      if (regretBound !== null && regretBound <= targetRegret) {
        ended = "target";
        break;
      }
      const count = Math.min(this.#batch, budget - this.#done);
      const choices = await this.#options.strategy.choose(situation, count);
      if (choices.length === 0) {
        ended = "exhausted";
        break;
      }
      await this.#measure(choices, belief);
    }
    return { profile: this.#profile(), notes: this.#notes, rounds, ended };
  }

  /**
   * The belief, as unsure as its own predictions of the last measurements turned out to be: what plans use
   * lies where nobody measured before, so models tend to be too sure of it.
   */
  #calibrated(belief: Belief): Belief {
    const surprises = this.#notes.flatMap(({ expected, deviation, measured }) =>
      expected === null || deviation === null || deviation === 0
        ? []
        : [((measured - expected) / deviation) ** 2]
    ).slice(-CALIBRATION_NOTES);
    if (surprises.length < CALIBRATION_NOTES / 3) return belief;
    const mean = surprises.reduce((sum, square) => sum + Math.min(square, 25), 0) /
      surprises.length;
    // Expected deviations carry the factor of their own round, so this settles instead of growing.
    this.#sureness = Math.min(3, Math.max(1, this.#sureness * Math.sqrt(mean)));
    return { ...belief, deviations: belief.deviations.map((value) => value * this.#sureness) };
  }

  /** The first measurements: every pair of containers, as far as half of the budget goes. */
  async #open(): Promise<void> {
    const { measurer, budget, opening = "pairs" } = this.#options;
    const most = Math.min(Math.floor(budget / 2), budget - this.#done);
    const width = measurer.apps.length;
    const { counts: before, rows } = this.#profile();
    const done = new Set(
      Array.from({ length: rows }, (_, row) => this.#learner.rank(before, row * width)),
    );
    const pairs: number[] = [];
    for (let a = 0; a < width; a++) {
      for (let b = a; b < width; b++) {
        const counts = new Uint8Array(width);
        counts[a]!++;
        counts[b]!++;
        const rank = measurer.capacity < 2 ? 0 : this.#learner.rank(counts);
        if (this.#allowed[rank] && !done.has(rank)) pairs.push(rank);
      }
    }
    const all = Array.from(this.#allowed.keys()).filter((rank) =>
      this.#allowed[rank] && !done.has(rank)
    );
    const first = opening === "pairs" ? pairs : this.#random.shuffle(all).slice(0, pairs.length);
    if (this.#done > 0 && opening === "random") return;
    const reason = opening === "pairs" ? "every pair of containers" : "random start";
    for (let at = 0; at < Math.min(first.length, most); at += this.#batch) {
      const part = first.slice(at, Math.min(at + this.#batch, most));
      await this.#measure(part.map((rank) => ({ rank, reason })), null);
      if (this.#options.signal?.aborted) return;
    }
  }

  async #measure(
    choices: readonly { readonly rank: number; readonly reason: string }[],
    belief: Belief | null,
  ): Promise<void> {
    const { measurer, signal } = this.#options;
    const width = measurer.apps.length;
    const configurations = choices.map(({ rank }) =>
      this.#counts.slice(rank * width, (rank + 1) * width)
    );
    const measured = await measurer.measure(configurations, signal);
    measured.forEach((measurement, at) => {
      const { rank, reason } = choices[at]!;
      if (measurement === null) {
        // It would be chosen, and fail, forever.
        this.#allowed[rank] = 0;
        return;
      }
      const { counts, rps } = measurement;
      this.#notes.push({
        counts,
        reason,
        expected: belief?.throughput[rank] ?? null,
        deviation: belief?.deviations[rank] ?? null,
        measured: counts.reduce((sum, count, app) => sum + (count > 0 ? count * rps[app]! : 0), 0),
      });
    });
    this.#measurements = [...this.#measurements, ...measured.filter((one) => one !== null)];
  }

  async #tell(regretBound: number | null): Promise<void> {
    await this.#options.onRound?.({
      measurements: this.#done,
      profile: this.#profile(),
      notes: this.#notes,
      regretBound,
    });
  }

  #situation(belief: Belief): Situation {
    const { measurer, nodes, demands, drawDemand, budget } = this.#options;
    const random = this.#random;
    const given = random.shuffle([...demands]);
    const chosen: Demand[] = [];
    for (let at = 0; at < DEMANDS_PER_ROUND; at++) {
      // Both: the given ones matter most, but others like them will come.
      const draw = drawDemand !== null && (given.length === 0 || at % 4 === 3);
      const demand = draw ? drawDemand(random) : given[at % given.length]!;
      if (!chosen.includes(demand)) chosen.push(demand);
    }
    return {
      apps: measurer.apps,
      capacity: measurer.capacity,
      nodes,
      counts: this.#counts,
      belief,
      allowed: this.#allowed,
      scatters: measurer.scatters,
      progress: Math.min(1, this.#done / budget),
      demands: chosen,
      random,
    };
  }

  /** Measurements so far, earlier ones included. */
  get #done(): number {
    return this.#before + this.#measurements.length;
  }

  #profile(): Profile {
    return profileOf(this.#options.measurer.apps, this.#measurements, this.#start);
  }
}

/** All configurations of at most `capacity` containers by rank (see Simulator), row-major. */
export function allConfigurations(apps: number, capacity: number): Uint8Array {
  const rows: Uint8Array[] = [];
  const counts = new Uint8Array(apps);
  // Rank order: by total, then by the sum of all apps but the last, and so on.
  const fill = (app: number, prefix: number): void => {
    if (app === 0) {
      counts[0] = prefix;
      rows.push(counts.slice());
      return;
    }
    for (let before = 0; before <= prefix; before++) {
      counts[app] = prefix - before;
      fill(app - 1, before);
    }
  };
  for (let total = 0; total <= capacity; total++) fill(apps - 1, total);
  const all = new Uint8Array(rows.length * apps);
  rows.forEach((row, rank) => all.set(row, rank * apps));
  return all;
}
