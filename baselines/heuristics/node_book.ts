import {
  allowsConfiguration,
  InfeasibleError,
  nodeCapacities,
  type Placement,
  type Problem,
  restrictsConfigurations,
} from "../../domain/mod.ts";

/** What every node holds while a simple scheduler builds a placement that keeps slots and rules. */
export class NodeBook {
  readonly nodes: number;
  readonly apps: number;
  /** Row-major, nodes x apps. */
  readonly counts: Uint8Array;
  /** Containers on each node. */
  readonly held: Uint8Array;
  readonly #problem: Problem;
  readonly #capacities: Uint8Array;
  readonly #restricted: boolean;
  readonly #onPlaced: (node: number, app: number) => void;

  /** @param onPlaced Told each container: see ScheduleOptions. */
  constructor(problem: Problem, onPlaced: (node: number, app: number) => void = () => {}) {
    this.#onPlaced = onPlaced;
    this.#problem = problem;
    this.#capacities = nodeCapacities(problem.cluster, problem.rules);
    this.#restricted = restrictsConfigurations(problem.rules);
    this.nodes = this.#capacities.length;
    this.apps = problem.apps.length;
    this.counts = new Uint8Array(this.nodes * this.apps);
    this.held = new Uint8Array(this.nodes);
  }

  /** True if the node has a slot and the rules allow one more container of the app. */
  allows(node: number, app: number): boolean {
    if (this.held[node]! >= this.#capacities[node]!) return false;
    if (!this.#restricted) return true;
    const at = node * this.apps;
    this.counts[at + app]!++;
    const allowed = allowsConfiguration(this.#problem.rules, this.counts, at);
    this.counts[at + app]!--;
    return allowed;
  }

  /** Places one container; the caller has asked `allows`. */
  place(node: number, app: number): void {
    this.counts[node * this.apps + app]!++;
    this.held[node]!++;
    this.#onPlaced(node, app);
  }

  /** What was placed. */
  placement(): Placement {
    return { nodes: this.nodes, apps: this.apps, counts: this.counts };
  }

  /** The error of a scheduler that got stuck. */
  stuck(scheduler: string, app: number, left: number): InfeasibleError {
    return new InfeasibleError(
      `Scheduler ${scheduler} found no allowed node for ${left} ${
        left === 1 ? "container" : "containers"
      } of ${this.#problem.apps[app]}: try the scheduler optimal`,
    );
  }
}
