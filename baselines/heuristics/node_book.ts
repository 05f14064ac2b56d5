import {
  allowsOn,
  DomainBook,
  InfeasibleError,
  type NodeKind,
  type NodeKinds,
  nodeKinds,
  type Placement,
  type Problem,
  spreadsOverDomains,
} from "../../domain/mod.ts";

/** What every node holds while a simple scheduler builds a placement that keeps slots, resources and rules. */
export class NodeBook {
  readonly nodes: number;
  readonly apps: number;
  /** Row-major, nodes x apps. */
  readonly counts: Uint8Array;
  /** Containers on each node. */
  readonly held: Uint8Array;
  /** True where a container changes what other nodes may get: see rules about failure domains. */
  readonly isCoupled: boolean;
  readonly #problem: Problem;
  readonly #kinds: NodeKinds;
  /** Null where no rule speaks of failure domains. */
  readonly #domains: DomainBook | null;
  readonly #onPlaced: (node: number, app: number) => void;

  /** @param onPlaced Told each container: see ScheduleOptions. */
  constructor(problem: Problem, onPlaced: (node: number, app: number) => void = () => {}) {
    this.#onPlaced = onPlaced;
    this.#problem = problem;
    this.#kinds = nodeKinds(problem);
    this.#domains = spreadsOverDomains(problem.rules) ? new DomainBook(problem) : null;
    this.isCoupled = this.#domains !== null;
    this.nodes = this.#kinds.ofNode.length;
    this.apps = problem.apps.length;
    this.counts = new Uint8Array(this.nodes * this.apps);
    this.held = new Uint8Array(this.nodes);
  }

  /** True if the node has a slot and resources, and the rules allow one more container of the app. */
  allows(node: number, app: number): boolean {
    const kind = this.#kindOf(node);
    if (this.held[node]! >= kind.capacity) return false;
    if (this.#domains?.allows(node, app) === false) return false;
    if (!this.#kinds.restricted) return true;
    const at = node * this.apps;
    this.counts[at + app]!++;
    const allowed = allowsOn(this.#problem, this.#kinds, kind, this.counts, at);
    this.counts[at + app]!--;
    return allowed;
  }

  /** Largest share that is used of any resource of the node, 0 to 1; null where containers take none. */
  dominantShare(node: number): number | null {
    const { resources, needs } = this.#kinds;
    if (resources.length === 0) return null;
    const { amounts } = this.#kindOf(node);
    let dominant = 0;
    for (let at = 0; at < resources.length; at++) {
      let used = 0;
      for (let app = 0; app < this.apps; app++) {
        used += this.counts[node * this.apps + app]! * needs[app * resources.length + at]!;
      }
      if (used > 0) dominant = Math.max(dominant, used / amounts[at]!);
    }
    return dominant;
  }

  /** Places one container; the caller has asked `allows`. */
  place(node: number, app: number): void {
    this.counts[node * this.apps + app]!++;
    this.held[node]!++;
    this.#domains?.place(node, app);
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

  #kindOf(node: number): NodeKind {
    return this.#kinds.kinds[this.#kinds.ofNode[node]!]!;
  }
}
