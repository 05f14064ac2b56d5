import type { Deadline } from "../../scheduling/mod.ts";
import type { PricedConfigurations, Pricing } from "../../sim-wasm/space/pricing.ts";
import type { Formulation } from "./formulation.ts";
import { familyPrices, type Prices } from "./prices.ts";

/** Seconds that a proof takes at most where the caller sets no limit. */
const USUAL_SECONDS = 60;

/** Share of the time after which no more columns are looked for before the proof, and that after which it ends. */
const BEGIN = 0.3;
const END = 0.85;

/** Share of a node's throughput that a bound may be off: a proof costs more with every digit. */
const PRECISION = 1e-4;

/** True if the best columns of some pricing prove nothing. */
export function provesLater(pricings: readonly Pricing[]): boolean {
  return pricings.some((pricing) => pricing.prove !== undefined);
}

/** The proof that no column is missing, for pricings that look for columns without one. */
export class LaterProof {
  readonly #formulation: Formulation;
  readonly #pricings: readonly Pricing[];
  readonly #deadline: Deadline;
  readonly #started = performance.now();
  readonly #seconds: number;

  constructor(formulation: Formulation, pricings: readonly Pricing[], deadline: Deadline) {
    this.#formulation = formulation;
    this.#pricings = pricings;
    this.#deadline = deadline;
    this.#seconds = Math.min(USUAL_SECONDS, deadline.secondsLeft());
  }

  /** True once the proof has to begin with the prices that there are. */
  get late(): boolean {
    return this.#passed(BEGIN);
  }

  /**
   * What each family's best configuration is worth at most, with configurations that were missing. Ends early, with a
   * useless bound, where there are such and time is left to go on with them.
   * @param duals Of the master: apps, then groups.
   */
  async prove(
    given: Prices,
    duals: Float64Array,
    objective: number,
  ): Promise<PricedConfigurations[]> {
    const { families, groups, apps } = this.#formulation;
    const nodes = groups.reduce((sum, group) => sum + group.nodes.length, 0);
    const tolerance = PRECISION * Math.max(1e-6, Math.abs(objective) / nodes);
    const proven: PricedConfigurations[] = [];
    for (const [family, { space }] of families.entries()) {
      const pricing = this.#pricings[space]!;
      const prices = familyPrices(this.#formulation, family, given);
      const own = groups.flatMap((group, at) =>
        group.family === family
          ? [{ capacity: group.capacity, price: duals[apps.length + at]! }]
          : []
      );
      // The families share the time that is left.
      const until = this.#share() + (END - this.#share()) / (families.length - family);
      proven.push(
        pricing.prove?.(prices, {
          capacities: own.map(({ capacity }) => capacity),
          enough: own.map(({ price }) => this.late ? Infinity : price),
          tolerance,
          stop: () => this.#passed(until),
        }) ?? pricing.best(prices),
      );
      await this.#deadline.takeTurns();
    }
    return proven;
  }

  #share(): number {
    return (performance.now() - this.#started) / 1000 / this.#seconds;
  }

  #passed(share: number): boolean {
    return this.#share() >= share || this.#deadline.passed();
  }
}
