/**
 * What happens to a cluster over hours, whoever places: containers come and go, nodes fail and return.
 * @module
 */
import {
  type AppIndex,
  type Cluster,
  type Demand,
  InputError,
  nodeCapacities,
  nodeCount,
  type Rules,
} from "../../domain/mod.ts";

/** Containers of an app come, or an app needs fewer of them. */
export interface DemandEvent {
  /** When, in hours from the start; 0 or more. */
  readonly hours: number;
  /** Whether they come or are needed no more: which of them stop is the choice of who places. */
  readonly kind: "arrive" | "depart";
  /** Index of the app. */
  readonly app: AppIndex;
  /** How many, at least 1. */
  readonly count: number;
}

/** A node fails, with what runs on it, or is there again, empty. */
export interface NodeEvent {
  /** When, in hours from the start; 0 or more. */
  readonly hours: number;
  /** Whether it fails or is there again. */
  readonly kind: "fail" | "return";
  /** Index of the node. */
  readonly node: number;
}

/** One thing that happens. */
export type TraceEvent = DemandEvent | NodeEvent;

/** Events over hours. */
export interface Trace {
  /** When it ends, in hours from the start; at or after the last event. */
  readonly hours: number;
  /** In the order of their hours; those of the same hours happen together. */
  readonly events: readonly TraceEvent[];
}

/** Between two events: what should run, and where it may. */
export interface Moment {
  /** When it begins, in hours from the start. */
  readonly hours: number;
  /** Containers of each app that have a slot. Length = apps. */
  readonly demand: Demand;
  /** Containers of each app that wait for a slot. Length = apps. */
  readonly waiting: Demand;
  /** Nodes that are down, ascending. */
  readonly down: readonly number[];
}

/** The containers that are wanted and the nodes that are down, while events happen. */
export class TraceState {
  readonly #apps: readonly string[];
  readonly #nodes: number;
  readonly #down = new Set<number>();
  /** The app of each container, in the order in which they came. */
  #containers: AppIndex[] = [];

  /** @param apps Names of the apps. @param nodes Number of nodes. */
  constructor(apps: readonly string[], nodes: number) {
    this.#apps = apps;
    this.#nodes = nodes;
  }

  /** Nodes that are down, ascending. */
  get down(): number[] {
    return [...this.#down].sort((a, b) => a - b);
  }

  /** Lets one event happen. @throws {InputError} if it cannot: its message names neither place nor hours. */
  apply(event: TraceEvent): void {
    if ("node" in event) this.#applyNode(event);
    else this.#applyDemand(event);
  }

  /** The first containers that came, up to this many, and the rest: containers of each app. */
  demands(slots: number): Pick<Moment, "demand" | "waiting"> {
    const demand = this.#apps.map(() => 0);
    const waiting = this.#apps.map(() => 0);
    this.#containers.forEach((app, at) => (at < slots ? demand : waiting)[app]!++);
    return { demand, waiting };
  }

  #applyDemand({ kind, app, count }: DemandEvent): void {
    const name = this.#apps[app];
    if (name === undefined) {
      throw new InputError(`App ${app} does not exist: apps are 0 to ${this.#apps.length - 1}`);
    }
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new InputError(`A count must be a whole number, at least 1: got ${count}`);
    }
    if (kind === "arrive") {
      for (let each = 0; each < count; each++) this.#containers.push(app);
      return;
    }
    const there = this.#containers.filter((one) => one === app).length;
    if (there < count) {
      throw new InputError(`${count} of ${name} depart, but there are ${there}`);
    }
    // Those that came last go first: whoever waits is among them.
    let left = count;
    this.#containers = this.#containers.reverse().filter((one) => one !== app || left-- <= 0)
      .reverse();
  }

  #applyNode({ kind, node }: NodeEvent): void {
    if (!Number.isInteger(node) || node < 0 || node >= this.#nodes) {
      throw new InputError(`Node ${node} does not exist: nodes are 0 to ${this.#nodes - 1}`);
    }
    const isDown = this.#down.has(node);
    if (kind === "fail" && isDown) throw new InputError(`n${node} fails, but is down already`);
    if (kind === "return" && !isDown) throw new InputError(`n${node} returns, but is not down`);
    if (kind === "fail") this.#down.add(node);
    else this.#down.delete(node);
  }
}

/** Where a trace happens. */
export interface TraceSetting {
  /** Names of the apps. */
  readonly apps: readonly string[];
  /** All nodes, those that fail in the trace too. */
  readonly cluster: Cluster;
  /** What every placement keeps: fenced nodes have no slots. */
  readonly rules: Rules;
}

/**
 * The moments of a trace: what should run does not depend on who places. Where the nodes that are up have fewer slots than
 * there are containers, those that came last wait.
 * @returns The first begins at 0 hours; each of the others with an event.
 * @throws {InputError} for an event that cannot happen, naming its hours.
 */
export function momentsOf(trace: Trace, { apps, cluster, rules }: TraceSetting): Moment[] {
  const state = new TraceState(apps, nodeCount(cluster));
  const capacities = nodeCapacities(cluster, rules);
  const moments: Moment[] = [];
  const add = (hours: number): void => {
    const { down } = state;
    const slots = capacities.reduce((sum, slots) => sum + slots, 0) -
      down.reduce((sum, node) => sum + capacities[node]!, 0);
    if (moments.at(-1)?.hours === hours) moments.pop();
    moments.push({ hours, ...state.demands(slots), down });
  };
  add(0);
  let before = 0;
  for (const event of trace.events) {
    const { hours } = event;
    if (!(hours >= before && hours <= trace.hours)) {
      throw new InputError(
        `An event at ${hours} hours: it must be at ${before} to ${trace.hours}`,
      );
    }
    before = hours;
    try {
      state.apply(event);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`At ${hours} hours: ${error.message}`, { cause: error });
    }
    add(hours);
  }
  return moments;
}
