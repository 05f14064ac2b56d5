import {
  configurationKey,
  type Demand,
  Owner,
  type Placement,
  type Problem,
  totalSlots,
} from "../../domain/mod.ts";
import {
  Arrivals,
  type ClusterState,
  GROUP_LEVELS,
  groupInputs,
  LevelPlanner,
  type Planner,
  type PlanOptions,
  type Simulator,
} from "../../sim-wasm/mod.ts";
import type { Network } from "../learning/network.ts";
import { findScorer } from "../learning/scorer.ts";
import { CHOICE_NETWORK, choiceNetwork, choosesByLevels, metisPlanner } from "./policy.ts";

/** Always the best choice. */
const GREEDY = { temperature: 0 };

/** Recorded choices of one network of the policy; views into the core, valid until the next call into it. */
export interface NetworkRows {
  readonly name: string;
  readonly rows: number;
  readonly inputs: Float32Array;
  readonly slopes: Float32Array;
}

/** Recorded decisions of all networks. */
export interface RecordedDecisions {
  readonly parts: readonly NetworkRows[];
  readonly decisions: number;
  readonly loss: number;
  readonly entropy: number;
}

/** A policy at work on one cluster: it samples placements, or follows one and records what to learn. */
export class MetisPlayer extends Owner {
  /** What the last plan, or {@link load}, put on the nodes. */
  readonly state: ClusterState;
  /** Number of apps. */
  readonly apps: number;
  /** Slots of all nodes that are not fenced. */
  readonly slots: number;
  readonly #planner: Planner;
  readonly #levels: LevelPlanner | null;
  readonly #simulator: Simulator;

  /**
   * @param recordLimit Choices that can be recorded. @default 0
   * @param columns What prices and chances go by, where the simulator has no table (findColumns).
   * @throws {InputError} if the networks see something else; {UnsupportedError} where there is neither.
   */
  constructor(
    simulator: Simulator,
    problem: Problem,
    networks: readonly Network[],
    recordLimit: number = 0,
    columns?: Uint8Array,
  ) {
    super("player");
    const choice = choiceNetwork(networks);
    this.#simulator = simulator;
    this.apps = problem.apps.length;
    this.slots = totalSlots(problem.cluster, problem.rules);
    this.state = simulator.clusterState(problem);
    this.#planner = metisPlanner(simulator, problem, this.state, recordLimit, columns);
    this.#planner.setNetwork(choice.layers);
    this.#levels = choosesByLevels(networks)
      ? new LevelPlanner(
        simulator,
        this.#planner,
        this.state,
        groupLayers(networks, this.#planner.inputs),
        recordLimit,
      )
      : null;
  }

  /** Takes over weights of the same shapes. */
  setNetworks(networks: readonly Network[]): void {
    this.#planner.setNetwork(choiceNetwork(networks).layers);
    this.#levels?.setNetworks(groupLayers(networks, this.#planner.inputs));
  }

  /** Finds the prices of a demand: call it before {@link plan}. */
  price(demand: Demand): void {
    this.#planner.price(demand);
  }

  /** Starts the random numbers of the plans that follow. */
  seed(seed: number): void {
    this.#planner.seed(seed);
  }

  /** Places the demand on empty nodes. Returns its total throughput, null if rules led into a dead end. */
  plan(demand: Demand, options: PlanOptions): number | null {
    return (this.#levels ?? this.#planner).plan(demand, options);
  }

  /** The last plan. */
  placement(): Placement {
    (this.#levels ?? this.#planner).write();
    return this.state.placement();
  }

  /**
   * Tells the decisions of {@link plan} at temperature 0, one by one; nothing where the policy chooses by levels.
   * @param placement What that plan put on the nodes, which says which of equal nodes is which.
   */
  tellDecisions(
    demand: Demand,
    placement: Placement,
    onPlaced: (node: number, app: number) => void,
  ): void {
    if (this.#levels !== null) return;
    const arrivals = new Arrivals(this.#simulator, this.#planner, this.state);
    try {
      arrivals.begin();
      const decisions = this.#planner.order.flatMap((app) =>
        Array.from({ length: demand[app]! }, () => ({ node: arrivals.arrive(app, GREEDY), app }))
      );
      arrivals.write();
      const names = matchNodes(this.state.placement(), placement, this.#planner.nodeClasses());
      for (const { node, app } of decisions) onPlaced(names[node]!, app);
    } finally {
      arrivals.dispose();
    }
  }

  /** What was recorded since the last {@link clearRecord}. */
  record(): RecordedDecisions {
    const choice = this.#planner.record();
    const groups = this.#levels === null ? [] : GROUP_LEVELS.map((name, level) => ({
      name,
      ...this.#levels!.record(level),
    }));
    const parts = [{ name: CHOICE_NETWORK, ...choice }, ...groups];
    return {
      parts,
      decisions: choice.decisions + (groups[0]?.decisions ?? 0),
      loss: choice.loss + (groups[0]?.loss ?? 0),
      entropy: choice.entropy + (groups[0]?.entropy ?? 0),
    };
  }

  /** Forgets what was recorded. */
  clearRecord(): void {
    this.#planner.clearRecord();
    this.#levels?.clearRecord();
  }

  /** Gives the memory back. */
  protected override release(): void {
    this.#levels?.dispose();
    this.#planner.dispose();
    this.state.dispose();
  }
}

/** For each node of one placement, a node of the other that is of its class and holds the same. */
function matchNodes(from: Placement, to: Placement, classes: Uint32Array): number[] {
  const keyOf = ({ counts, apps }: Placement, node: number): string =>
    `${classes[node]}:${configurationKey(counts, node * apps, apps)}`;
  const alike = new Map<string, number[]>();
  for (let node = to.nodes - 1; node >= 0; node--) {
    const key = keyOf(to, node);
    alike.set(key, [...alike.get(key) ?? [], node]);
  }
  return Array.from({ length: from.nodes }, (_, node) => alike.get(keyOf(from, node))!.pop()!);
}

function groupLayers(
  networks: readonly Network[],
  inputs: number,
): [Network["layers"], Network["layers"]] {
  const [middle, top] = GROUP_LEVELS.map((name) =>
    findScorer(networks, name, groupInputs(inputs)).layers
  );
  return [middle!, top!];
}
