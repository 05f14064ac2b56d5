import type { LossColumn } from "../../baselines/columns/mod.ts";
import type { CollectedConfigurations } from "../../sim-wasm/space/pricing.ts";
import { FORBIDDEN_COST } from "./groups.ts";
import type { MoveProgram, MoveRelaxation } from "./relaxation.ts";

/** Least loss that is told from none. */
const LEAST = 1e-9;

/** What the columns of every group lose against the bound of a relaxation. */
export class Losses {
  /** More than any column loses that may be. */
  readonly largest: number;
  readonly #program: MoveProgram;
  readonly #nodePrices: Float64Array;
  readonly #costs: readonly Float64Array[];

  constructor(program: MoveProgram, relaxation: MoveRelaxation) {
    const { groups, capacity } = program.formulation;
    this.#program = program;
    this.#nodePrices = relaxation.nodePrices;
    this.#costs = groups.map((_, group) => program.costs(group, relaxation));
    let dearest = 0;
    for (const costs of this.#costs) {
      for (const cost of costs) {
        if (cost < FORBIDDEN_COST / 2) dearest = Math.max(dearest, Math.abs(cost));
      }
    }
    this.largest = relaxation.nodePrices.reduce((most, price) => Math.max(most, price), 0) +
      capacity * dearest + program.depth;
  }

  /**
   * A loss that about so many columns stay below, beyond one for each group; the largest where there are fewer.
   * @param guess Where to look first.
   */
  near(size: number, guess: number): number {
    const wanted = size + this.#costs.length;
    let most = Math.min(guess, this.largest);
    while (most > LEAST && this.#count(most) > 2 * wanted) most /= 2;
    while (most < this.largest && this.#count(most) < wanted) {
      most = Math.min(2 * most, this.largest);
    }
    return most;
  }

  /** The columns that lose at most so much, cheapest first; more than `limit` mean that there are more. */
  columns(most: number, limit: number): LossColumn[] {
    const columns: LossColumn[] = [];
    for (let group = 0; group < this.#costs.length && columns.length <= limit; group++) {
      const found = this.#collect(group, most, limit + 1);
      found.ranks.forEach((rank, at) => {
        // The empty configuration is an idle node, which the program knows already.
        if (rank === 0) return;
        const loss = Math.max(0, this.#nodePrices[group]! - found.reduced[at]!);
        columns.push({ group, rank, loss, counts: this.#program.counts(group, rank) });
      });
    }
    return columns.sort((a, b) => a.loss - b.loss || a.rank - b.rank || a.group - b.group);
  }

  #count(most: number): number {
    return this.#costs.reduce((sum, _, group) => sum + this.#collect(group, most, 1).count, 0);
  }

  #collect(group: number, most: number, limit: number): CollectedConfigurations {
    const { capacity } = this.#program.formulation.groups[group]!;
    // Slack covers rounding: a column too many does no harm.
    const threshold = this.#nodePrices[group]! - most - 1e-9 * (1 + most);
    return this.#program.pricing(group).collectAt(this.#costs[group]!, capacity, threshold, limit);
  }
}
