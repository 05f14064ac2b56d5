/**
 * The linear relaxation of a replanning problem under a limit of starts, by column generation: each group of nodes in
 * turn is asked for its best configuration at the prices of the moment, which enters at once.
 * @module
 */
import { InfeasibleError } from "../../domain/mod.ts";
import { leastValues, pricesIn, skewedApps } from "../../baselines/columns/mod.ts";
import type { Deadline } from "../../scheduling/mod.ts";
import type { Simulator } from "../../sim-wasm/mod.ts";
import { CorePricing, type PricedConfiguration } from "../../sim-wasm/space/pricing.ts";
import { type ReplanProblem, startsOn } from "../problem.ts";
import { FORBIDDEN_COST, formulateMoves, moveCosts, type MoveFormulation } from "./groups.ts";
import { type GroupColumn, GroupedMaster, type LinkingRow } from "./master.ts";

/** A start that costs more than anything. */
const DEAR_START = 1e6;

/** How much dearer it becomes to break a row, once to see whether that must be. */
const RAISED = 1000;

/** Prices that prove a bound. */
export interface MovePrices {
  /** Price of a container of each app. */
  readonly prices: Float64Array;
  /** Price of a start, at least 0. */
  readonly startPrice: number;
  /** Price of each row about failure domains, at least 0. */
  readonly rowPrices: Float64Array;
}

/** The relaxation under a limit of starts, solved. */
export interface MoveRelaxation extends MovePrices {
  /** What no placement within the limit exceeds: total throughput less what its starts cost. */
  readonly bound: number;
  /** The best that a node of each group is worth at these prices. */
  readonly nodePrices: Float64Array;
  /** Columns in use with their number of nodes, a fractional number. */
  readonly used: readonly { readonly column: GroupColumn; readonly nodes: number }[];
  /** True if no placement keeps the rules within the limit, not even in fractions. */
  readonly infeasible: boolean;
  /** False if time ran out first. */
  readonly converged: boolean;
}

/** What a linear program over moves is solved with, from limit to limit. Holds memory of the core until it is disposed of. */
export class MoveProgram implements Disposable {
  readonly formulation: MoveFormulation;
  /** Normalised RPS that every start costs. */
  readonly startCost: number;
  readonly #simulator: Simulator;
  readonly #pricings: CorePricing[] = [];
  readonly #domains: readonly number[];
  /** The master of the limit before. */
  #last: { readonly master: GroupedMaster; readonly starts: number } | undefined;

  /**
   * @param pinned By app: its containers stay. @param startCost Normalised RPS that every start costs.
   * @throws {UnsupportedError} if the simulator has no table.
   */
  constructor(problem: ReplanProblem, pinned: readonly boolean[], startCost: number) {
    this.formulation = formulateMoves(problem, pinned);
    this.startCost = startCost;
    this.#simulator = problem.simulator;
    try {
      for (const space of this.formulation.spaces) {
        this.#pricings.push(new CorePricing(problem.simulator, space));
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
    const { families, groups } = this.formulation;
    this.#domains = groups.map(({ family }) => families[family]!.domain);
    try {
      this.#refuseBrokenPins();
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** How far below 0 the throughput of a configuration is at most. */
  get depth(): number {
    return Math.max(0, ...this.#pricings.map((pricing) => -pricing.lowest()));
  }

  [Symbol.dispose](): void {
    this.#pricings.forEach((pricing) => pricing.dispose());
  }

  /** What finds the configurations of a group. */
  pricing(group: number): CorePricing {
    const { families, groups } = this.formulation;
    return this.#pricings[families[groups[group]!.family]!.space]!;
  }

  /** What containers cost a node of a group at some prices, by their number. */
  costs(group: number, { prices, startPrice, rowPrices }: MovePrices): Float64Array {
    const { domainRows } = this.formulation;
    const own = pricesIn(domainRows, this.#domains[group]!, prices, rowPrices);
    return moveCosts(this.formulation, group, own, startPrice + this.startCost);
  }

  /** Rank of a configuration: the same for nodes of all kinds. */
  rank(counts: ArrayLike<number>): number {
    return this.#simulator.rank(counts);
  }

  /** Containers of a configuration by app. */
  counts(group: number, rank: number): Uint8Array {
    const counts = new Uint8Array(this.formulation.apps.length);
    this.pricing(group).unrank(rank, counts);
    return counts;
  }

  /**
   * Solves the relaxation.
   * @param starts Most containers that may start. @param deadline Looked at between passes.
   */
  async relax(starts: number, deadline: Deadline): Promise<MoveRelaxation> {
    const master = this.#masterFor(starts);
    let raised = false;
    let converged = false;
    while (!converged && !deadline.passed()) {
      await deadline.takeTurns();
      master.settle();
      converged = this.#pass(master);
      // A shortage is only told apart from lost throughput where the penalty is far above that.
      if (converged && !raised && master.broken() > 1e-4) {
        master.raisePenalty(RAISED * this.#penalty());
        raised = true;
        converged = false;
      }
    }
    this.#last = converged && master.broken() <= 1e-4 ? { master, starts } : undefined;
    const given = this.#pricesOf(master.duals);
    const priced = this.#best(given);
    const bound = this.#bound(starts, given, priced);
    return {
      ...given,
      bound,
      nodePrices: Float64Array.from(priced, ({ reduced }) => reduced),
      used: [...master.solution()],
      infeasible: converged && master.broken() > 1e-4,
      converged,
    };
  }

  /** The master of the limit before where it fits this one too; else one that begins where that ended. */
  #masterFor(starts: number): GroupedMaster {
    const { demand, domainRows, groups } = this.formulation;
    const last = this.#last;
    if (last?.master.change(demand.length, starts - last.starts)) return last.master;
    const rows: LinkingRow[] = [
      ...demand.map((amount) => ({ kind: "equal", amount } as const)),
      { kind: "most", amount: starts },
      ...domainRows.map(({ most }) => ({ kind: "most", amount: most } as const)),
    ];
    const members = groups.map(({ nodes }) => nodes.length);
    return new GroupedMaster(
      rows,
      members,
      last?.master.mostUsed() ?? this.#running(),
      this.#penalty(),
    );
  }

  /** What runs on each group as a column, or the next best thing where that is not allowed. */
  #running(): GroupColumn[] {
    const { demand, domainRows } = this.formulation;
    const given = {
      prices: new Float64Array(demand.length),
      startPrice: DEAR_START,
      rowPrices: new Float64Array(domainRows.length),
    };
    return this.#best(given).map(({ rank }, group) => this.#column(group, rank));
  }

  /** More than any container is worth. */
  #penalty(): number {
    const free = new Float64Array(this.formulation.demand.length);
    const largest = Math.max(0, ...this.#pricings.flatMap((one) => [...one.best(free).reduced]));
    return 4 * (1 + largest + this.startCost * this.formulation.capacity);
  }

  /** Asks every group once. @returns True if none has a configuration that is worth more. */
  #pass(master: GroupedMaster): boolean {
    let quiet = true;
    for (let group = 0; group < this.formulation.groups.length; group++) {
      const { rank, reduced } = this.#bestOf(group, this.#pricesOf(master.duals));
      if (reduced - master.groupDual(group) <= master.tolerance) continue;
      if (master.enter(this.#column(group, rank))) quiet = false;
      master.settle();
    }
    for (const column of this.#fewest()) {
      if (master.reduced(column) > master.tolerance && master.enter(column)) quiet = false;
    }
    return quiet;
  }

  /** Variables of no group: the fewest containers of an app in any domain. */
  #fewest(): GroupColumn[] {
    const { domainRows, demand } = this.formulation;
    return skewedApps(domainRows).map((app) => {
      const linking = new Float64Array(demand.length + 1 + domainRows.length);
      domainRows.forEach((row, at) => {
        if (row.app === app) linking[demand.length + 1 + at] = row.least;
      });
      return { group: -1, rank: app, value: 0, linking };
    });
  }

  /** @throws {InfeasibleError} if a node may no longer hold what has to stay there. */
  #refuseBrokenPins(): void {
    const { apps, current, demand, domainRows, groups, pins } = this.formulation;
    if (pins.every((pin) => pin === "free")) return;
    const free = {
      prices: new Float64Array(demand.length),
      startPrice: 0,
      rowPrices: new Float64Array(domainRows.length),
    };
    groups.forEach(({ nodes }, group) => {
      if (this.#bestOf(group, free).reduced > -FORBIDDEN_COST / 2) return;
      const stay = apps.filter((_, app) => pins[app] === "atLeast" && current[group]![app]! > 0);
      throw new InfeasibleError(
        `${stay.join(", ")} should stay where it is, but node ${nodes[0]} may no longer hold that`,
      );
    });
  }

  #pricesOf(duals: Float64Array): MovePrices {
    const apps = this.formulation.demand.length;
    return {
      prices: duals.slice(0, apps),
      startPrice: Math.max(0, duals[apps]!),
      rowPrices: duals.slice(apps + 1).map((price) => Math.max(0, price)),
    };
  }

  #best(given: MovePrices): PricedConfiguration[] {
    return this.formulation.groups.map((_, group) => this.#bestOf(group, given));
  }

  #bestOf(group: number, given: MovePrices): PricedConfiguration {
    const { capacity } = this.formulation.groups[group]!;
    return this.pricing(group).bestAt(this.costs(group, given), capacity);
  }

  /** Containers that start on a node of a group for a configuration. */
  starts(group: number, counts: ArrayLike<number>): number {
    return startsOn(counts, this.formulation.current[group]!);
  }

  #column(group: number, rank: number): GroupColumn {
    const { demand, domainRows } = this.formulation;
    const counts = this.counts(group, rank);
    const starts = this.starts(group, counts);
    const linking = new Float64Array(demand.length + 1 + domainRows.length);
    linking.set(counts);
    linking[demand.length] = starts;
    domainRows.forEach((row, at) => {
      if (row.domain === this.#domains[group]) {
        linking[demand.length + 1 + at] = row.sign * counts[row.app]!;
      }
    });
    const value = this.pricing(group).value(rank) - this.startCost * starts;
    return { group, rank, value, linking };
  }

  /** Lagrangian bound: at any prices, no placement within the limit is worth more. */
  #bound(starts: number, given: MovePrices, priced: readonly PricedConfiguration[]): number {
    const { demand, domainRows, groups } = this.formulation;
    const { prices, startPrice, rowPrices } = given;
    let bound = 0;
    let magnitude = 0;
    const add = (amount: number): void => {
      bound += amount;
      magnitude += Math.abs(amount);
    };
    demand.forEach((wanted, app) => add(wanted * prices[app]!));
    if (startPrice > 0) add(startPrice * starts);
    domainRows.forEach(({ most }, at) => add(most * rowPrices[at]!));
    leastValues(domainRows, demand.length, rowPrices)
      .forEach((value, app) => add(Math.max(0, value) * demand[app]!));
    priced.forEach(({ reduced }, group) => add(groups[group]!.nodes.length * reduced));
    // Covers the rounding of these sums and of the passes over the table.
    return bound + 1e-13 * magnitude;
  }
}
