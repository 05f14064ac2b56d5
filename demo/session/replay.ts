import { type InterferenceModel, type Placement, Random } from "../../mod.ts";

/** A placement as it grows, container by container; {@link seek} goes to any point of it. */
export class Replay {
  readonly nodes: number;
  readonly apps: number;
  /** Node and app of each container, in order, as node * apps + app. */
  readonly steps: Uint32Array;
  /** What the nodes hold now: row-major, nodes x apps. */
  readonly counts: Uint8Array;
  /** Normalised RPS of a container of each app on each node now: row-major, nodes x apps. */
  readonly speeds: Float64Array;
  /** Throughput of each node now. */
  readonly throughputs: Float64Array;
  readonly #model: InterferenceModel;
  #at = 0;

  constructor(model: InterferenceModel, nodes: number, apps: number, steps: Uint32Array) {
    this.#model = model;
    this.nodes = nodes;
    this.apps = apps;
    this.steps = steps;
    this.counts = new Uint8Array(nodes * apps);
    this.speeds = new Float64Array(nodes * apps);
    this.throughputs = new Float64Array(nodes);
  }

  /** Containers that are placed now. */
  get at(): number {
    return this.#at;
  }

  /** Sum of the throughputs of all nodes now. */
  get total(): number {
    return this.throughputs.reduce((sum, each) => sum + each, 0);
  }

  /** Goes to the moment when `placed` containers are placed. */
  seek(placed: number): void {
    const goal = Math.max(0, Math.min(this.steps.length, Math.round(placed)));
    const touched = new Set<number>();
    while (this.#at < goal) touched.add(this.#change(this.steps[this.#at++]!, 1));
    while (this.#at > goal) touched.add(this.#change(this.steps[--this.#at]!, -1));
    for (const node of touched) this.#value(node);
  }

  #change(step: number, by: number): number {
    this.counts[step]! += by;
    return Math.floor(step / this.apps);
  }

  #value(node: number): void {
    const first = node * this.apps;
    const held = this.counts.subarray(first, first + this.apps);
    const speeds = this.#model.predict(held, 1);
    this.speeds.set(speeds, first);
    this.throughputs[node] = speeds.reduce((sum, speed, app) => sum + speed * held[app]!, 0);
  }
}

/**
 * An order to show a placement in whose scheduler had none (a search decides on all at once): app after app, over
 * the nodes in turns.
 */
export function showingOrder({ nodes, apps, counts }: Placement): Uint32Array {
  const steps: number[] = [];
  const order = new Random(1).shuffle(Array.from({ length: nodes }, (_, node) => node));
  for (let app = 0; app < apps; app++) {
    for (let turn = 0, found = true; found; turn++) {
      found = false;
      for (const node of order) {
        if (counts[node * apps + app]! <= turn) continue;
        steps.push(node * apps + app);
        found = true;
      }
    }
  }
  return Uint32Array.from(steps);
}
