import {
  configurationKey,
  type Demand,
  type InterferenceModel,
  multinomialDemands,
  type Profile,
  Random,
} from "../../domain/mod.ts";
import { TableModel } from "../../models/mod.ts";
import { allConfigurations } from "../../profiling/active.ts";
import { Planner, planValue } from "../../profiling/plans.ts";
import { measuredKeys } from "../../profiling/surface.ts";
import { CAPACITY } from "./truths.ts";

/** Nodes that are planned on. */
export const NODES = 81;

/** The regret of placing demands by a model, by the linear relaxation over the configurations of the truth. */
export class RegretMeter {
  readonly #allowed: Uint8Array;
  readonly #counts: Uint8Array;
  readonly #truth: Float64Array;
  readonly #optima: Promise<number[]>;

  constructor(readonly truth: Profile, readonly demands: readonly Demand[]) {
    const width = truth.apps.length;
    this.#counts = allConfigurations(width, CAPACITY);
    const keys = measuredKeys(truth);
    this.#allowed = Uint8Array.from(
      { length: this.#counts.length / width },
      (_, rank) => keys.has(configurationKey(this.#counts, rank * width, width)) ? 1 : 0,
    );
    this.#truth = this.#throughput(new TableModel(truth));
    const planner = new Planner(truth.apps, CAPACITY, NODES, this.#truth);
    this.#optima = Promise.all(
      demands.map(async (demand) => planValue(await planner.plan(demand), this.#truth)),
    );
  }

  #throughput(model: InterferenceModel): Float64Array {
    const width = this.truth.apps.length;
    const ranks = [...this.#allowed.keys()].filter((rank) => this.#allowed[rank]);
    const counts = new Uint8Array(ranks.length * width);
    ranks.forEach((rank, at) =>
      counts.set(this.#counts.subarray(rank * width, (rank + 1) * width), at * width)
    );
    const rps = model.predict(counts, ranks.length);
    const throughput = new Float64Array(this.#allowed.length).fill(-1e4);
    ranks.forEach((rank, at) => {
      let total = 0;
      for (let app = 0; app < width; app++) {
        total += counts[at * width + app]! * rps[at * width + app]!;
      }
      throughput[rank] = total;
    });
    return throughput;
  }

  /** Regret of each demand, as a share of its optimum. */
  async measure(model: InterferenceModel): Promise<number[]> {
    const planner = new Planner(this.truth.apps, CAPACITY, NODES, this.#throughput(model));
    const optima = await this.#optima;
    const regrets: number[] = [];
    for (const [at, demand] of this.demands.entries()) {
      regrets.push(1 - planValue(await planner.plan(demand), this.#truth) / optima[at]!);
    }
    planner.dispose();
    return regrets;
  }
}

/** Mean absolute error on present containers of configurations outside of `train` in which anything ran. */
export function errorOnUnseen(model: InterferenceModel, train: Profile, test: Profile): number {
  const seen = measuredKeys(train);
  const width = test.apps.length;
  const predicted = model.predict(test.counts, test.rows);
  let error = 0;
  let present = 0;
  for (let row = 0; row < test.rows; row++) {
    const range = [row * width, (row + 1) * width] as const;
    if (seen.has(configurationKey(test.counts, range[0], width))) continue;
    if (!test.rps.subarray(...range).some((value) => value > 0)) continue;
    for (let at = range[0]; at < range[1]; at++) {
      if (test.counts[at] === 0) continue;
      error += Math.abs(predicted[at]! - test.rps[at]!);
      present++;
    }
  }
  return error / present;
}

/** Demands of 200, 300 and 400 containers of so many apps, in turn. */
export function drawDemands(count: number, seed: number, apps: number = 7): Demand[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, at) => {
    const containers = [200, 300, 400][at % 3]!;
    return multinomialDemands(apps, containers, containers)(random);
  });
}
