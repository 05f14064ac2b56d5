import { type Demand, InputError, ShapeError } from "../../domain/mod.ts";
import type { ClusterState } from "../space/cluster_state.ts";
import type { PlannerRecord, PlanOptions } from "./planner.ts";
import type { Planner } from "./planner.ts";
import { Scorer, type ScorerLayer } from "./scorer.ts";
import type { Simulator } from "../space/simulator.ts";

/** The levels of groups above the level of nodes. */
export const GROUP_LEVELS = ["middle", "top"] as const;

/** Numbers that describe one group to the networks of groups. */
export function groupInputs(plannerInputs: number): number {
  return 3 + plannerInputs;
}

/**
 * A planner that chooses by levels: nodes are the leaves of a tree of threes (27 = 3 x 3 x 3; other numbers give an
 * uneven tree), and a container goes down it group by group.
 */
export class LevelPlanner {
  readonly #core: Simulator["core"];
  readonly #planner: Planner;
  readonly #state: ClusterState;
  readonly #scorers: readonly [Scorer, Scorer];
  readonly #offset: number;
  readonly #apps: number;
  readonly #inputs: number;

  /**
   * Copies the networks into the core.
   * @param planner Places app after app; it scores the nodes. It must outlive this object.
   * @param networks Of the levels `middle` and `top`, inputs as {@link groupInputs} says, one output.
   * @throws {InputError} for other networks.
   */
  constructor(
    simulator: Simulator,
    planner: Planner,
    state: ClusterState,
    networks: readonly [readonly ScorerLayer[], readonly ScorerLayer[]],
    recordLimit: number = 0,
  ) {
    this.#inputs = groupInputs(planner.inputs);
    for (const layers of networks) {
      if (layers[0]?.inputs !== this.#inputs) {
        throw new InputError(
          `A network of groups takes ${
            layers[0]?.inputs
          } inputs, the planner gives ${this.#inputs}`,
        );
      }
    }
    this.#core = simulator.core;
    this.#planner = planner;
    this.#state = state;
    this.#apps = simulator.apps.length;
    this.#scorers = [new Scorer(this.#core, networks[0]), new Scorer(this.#core, networks[1])];
    this.#offset = this.#core.function("createLevels")(
      planner.offset,
      state.offset,
      this.#scorers[0].offset,
      this.#scorers[1].offset,
      recordLimit,
    ) >>> 0;
  }

  /** Takes over weights of the same shapes. */
  setNetworks(networks: readonly [readonly ScorerLayer[], readonly ScorerLayer[]]): void {
    this.#scorers.forEach((scorer, level) => scorer.load(networks[level]!));
  }

  /** As the planner's own `plan`, by levels. */
  plan(demand: Demand, options: PlanOptions): number | null {
    if (demand.length !== this.#apps) throw new ShapeError("demand", this.#apps, demand.length);
    if (!this.#planner.ready) throw new InputError("The planner has no network: call setNetwork");
    const unplaced = this.#core.lend([["u32", this.#apps]], (wanted) => {
      this.#core.write("u32", wanted, demand, this.#apps);
      return this.#core.function("planByLevels")(
        this.#offset,
        wanted,
        options.temperature,
        options.target?.offset ?? 0,
        options.recording ? 1 : 0,
      );
    });
    return unplaced > 0 ? null : this.#core.function("plannerTotal")(this.#planner.offset);
  }

  /** Writes what every node holds to the planner's state. */
  write(): void {
    this.#core.function("writeLevels")(this.#offset, this.#state.offset);
  }

  /** What was recorded at a level of groups (0 middle, 1 top); sums are over both. */
  record(level: number): Omit<PlannerRecord, "times"> {
    const call = (name: string): number => this.#core.function(name)(this.#offset, level);
    const rows = call("levelRecorded");
    return {
      decisions: call("levelDecisions"),
      rows,
      inputs: this.#core.view("f32", call("levelRecord"), rows * this.#inputs),
      slopes: this.#core.view("f32", call("levelSlopes"), rows),
      loss: call("levelLoss"),
      entropy: call("levelEntropy"),
    };
  }

  /** Forgets what was recorded. */
  clearRecord(): void {
    this.#core.function("clearLevels")(this.#offset);
  }

  /** Gives the memory back. */
  dispose(): void {
    this.#core.function("destroyLevels")(this.#offset);
    for (const scorer of this.#scorers) scorer.dispose();
  }
}
