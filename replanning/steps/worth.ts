import { nodeSurfaces, type Problem } from "../../domain/mod.ts";
import { FORBIDDEN_VALUE, type Simulator } from "../../sim-wasm/mod.ts";
import type { Worth } from "./greedy.ts";
import type { Underway } from "./underway.ts";

/** What nodes are worth, of a problem that may have nothing that values it. */
export class NodeWorth {
  readonly #simulator: Simulator | undefined;
  readonly #surfaces: ArrayLike<number> | undefined;

  /** @param problem Without a simulator, everything is worth nothing. */
  constructor(problem: Problem & { readonly simulator?: Simulator }) {
    this.#simulator = problem.simulator;
    this.#surfaces = nodeSurfaces(problem);
  }

  /** Total normalised RPS of a node; 0 where that is not known, such as for more containers than the simulator knows. */
  of(counts: Uint8Array, node: number): number {
    const simulator = this.#simulator;
    if (simulator === undefined) return 0;
    const apps = simulator.apps.length;
    const own = counts.subarray(node * apps, (node + 1) * apps);
    if (own.reduce((sum, count) => sum + count, 0) > simulator.capacity) return 0;
    const surface = this.#surfaces?.[node] ?? 0;
    const known = simulator.throughput(own, 0, surface);
    if (known > FORBIDDEN_VALUE / 2) return known;
    // What may not stay so may pass, and runs at some speed meanwhile.
    const rps = simulator.models[surface]!.predict(own.slice(), 1);
    return own.reduce((sum, count, app) => sum + count * rps[app]!, 0);
  }

  /** By how much a start or stop changes what its node is worth. */
  readonly ofAct: Worth = (kind, node, app, _left, state: Underway) => {
    const before = this.of(state.counts, node);
    const at = node * state.running.length + app;
    const change = kind === "start" ? 1 : -1;
    state.counts[at]! += change;
    const after = this.of(state.counts, node);
    state.counts[at]! -= change;
    return after - before;
  };
}
