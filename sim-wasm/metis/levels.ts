import { type Demand, InputError, ShapeError } from "../../domain/mod.ts";
import { statelessCore } from "../core/core.ts";
import { addressIn, addressOf, CoreObject, coreOf, functionsOf } from "../core/core_object.ts";
import type { ClusterState } from "../space/cluster_state.ts";
import type { Planner, PlannerRecord, PlanOptions } from "./planner.ts";
import { Scorer, type ScorerLayer } from "./scorer.ts";
import type { Simulator } from "../space/simulator.ts";

/** The levels of groups above the level of nodes. */
export const GROUP_LEVELS = ["middle", "top"] as const;

/** Numbers that describe one group to the networks of groups. */
export function groupInputs(plannerInputs: number): number {
  return statelessCore().groupInputs(plannerInputs);
}

/**
 * A planner that chooses by levels: nodes are the leaves of a tree of threes (27 = 3 x 3 x 3; other numbers give an
 * uneven tree), and a container goes down it group by group.
 */
export class LevelPlanner extends CoreObject {
  readonly #planner: Planner;
  readonly #state: ClusterState;
  readonly #scorers: readonly [Scorer, Scorer];
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
    const inputs = groupInputs(planner.inputs);
    for (const layers of networks) {
      if (layers[0]?.inputs !== inputs) {
        throw new InputError(
          `A network of groups takes ${layers[0]?.inputs} inputs, the planner gives ${inputs}`,
        );
      }
    }
    const core = coreOf(simulator);
    const scorers = [new Scorer(core, networks[0]), new Scorer(core, networks[1])] as const;
    const address = core.functions.createLevels(
      addressIn(core, planner),
      addressIn(core, state),
      addressOf(scorers[0]),
      addressOf(scorers[1]),
      recordLimit,
    );
    super("planner by levels", core, address, () => core.functions.destroyLevels(address));
    this.#inputs = inputs;
    this.#planner = planner;
    this.#state = state;
    this.#apps = simulator.apps.length;
    this.#scorers = scorers;
  }

  /** Takes over weights of the same shapes. */
  setNetworks(networks: readonly [readonly ScorerLayer[], readonly ScorerLayer[]]): void {
    this.#scorers.forEach((scorer, level) => scorer.load(networks[level]!));
  }

  /** As the planner's own `plan`, by levels. */
  plan(demand: Demand, options: PlanOptions): number | null {
    if (demand.length !== this.#apps) throw new ShapeError("demand", this.#apps, demand.length);
    if (!this.#planner.ready) throw new InputError("The planner has no network: call setNetwork");
    const { temperature, target, recording = false } = options;
    const core = coreOf(this);
    const unplaced = core.lend([["u32", this.#apps]], (wanted) => {
      core.write("u32", wanted, demand, this.#apps);
      return core.functions.planByLevels(
        addressOf(this),
        wanted,
        temperature,
        target === undefined ? 0 : addressIn(core, target),
        recording,
      );
    });
    return unplaced > 0 ? null : core.functions.plannerTotal(addressOf(this.#planner));
  }

  /** Writes what every node holds to the planner's state. */
  write(): void {
    functionsOf(this).writeLevels(addressOf(this), addressOf(this.#state));
  }

  /** What was recorded at a level of groups (0 middle, 1 top); sums are over both. */
  record(level: number): Omit<PlannerRecord, "times"> {
    const core = coreOf(this);
    const { functions } = core;
    const levels = addressOf(this);
    const rows = functions.levelRecorded(levels, level);
    return {
      decisions: functions.levelDecisions(levels),
      rows,
      inputs: core.view("f32", functions.levelRecord(levels, level), rows * this.#inputs),
      slopes: core.view("f32", functions.levelSlopes(levels, level), rows),
      loss: functions.levelLoss(levels),
      entropy: functions.levelEntropy(levels),
    };
  }

  /** Forgets what was recorded. */
  clearRecord(): void {
    functionsOf(this).clearLevels(addressOf(this));
  }

  /** Gives the memory back, that of the networks too. */
  protected override release(): void {
    super.release();
    for (const scorer of this.#scorers) scorer.dispose();
  }
}
