/**
 * Deliberately plain checks of steps: the whole cluster is looked at after every start and stop.
 * @module
 */
import {
  allowsConfiguration,
  brokenSpread,
  nodeCapacities,
  type NodeClass,
  type Placement,
  type Problem,
  type Random,
} from "../../domain/mod.ts";
import type { Step } from "./step.ts";

/** Says of a node whether it keeps its slots, labels, resources and rules. */
function soundness(
  { apps, rules, needs = [], cluster }: Problem,
): (counts: ArrayLike<number>, node: number) => boolean {
  const capacities = nodeCapacities(cluster, rules);
  const classes = cluster.nodeClasses.flatMap((one) => new Array<NodeClass>(one.count).fill(one));
  return (counts, node) => {
    const { resources = {}, labels } = classes[node]!;
    const own = apps.map((_, app) => counts[node * apps.length + app]!);
    const held = own.reduce((sum, count) => sum + count, 0);
    return held <= capacities[node]! && allowsConfiguration(rules, own) &&
      own.every((count, app) =>
        count === 0 ||
        Object.entries(rules.require?.[app] ?? {}).every(([key, value]) => labels[key] === value)
      ) &&
      Object.keys(resources).every((name) =>
        own.reduce((sum, count, app) => sum + count * (needs[app]?.[name] ?? 0), 0) <=
          resources[name]! + 1e-9
      );
  };
}

/** Which nodes are sound. */
export function soundNodes(problem: Problem, counts: ArrayLike<number>): boolean[] {
  const isSound = soundness(problem);
  return Array.from(
    { length: counts.length / problem.apps.length },
    (_, node) => isSound(counts, node),
  );
}

/** True if every node is sound, and all failure domains keep their rules. */
export function isSoundEverywhere(problem: Problem, counts: ArrayLike<number>): boolean {
  return soundNodes(problem, counts).every((sound) => sound) &&
    brokenSpread(problem, counts) === null;
}

/** Fewest stopped first, then fewest extra starts, over every order in which all states are sound; null if there is none. */
export function fewestOverAllOrders(
  problem: Problem,
  current: Placement,
  next: Placement,
  floors: readonly number[],
): readonly [number, number] | null {
  const apps = problem.apps.length;
  const total = (counts: readonly number[], app: number): number =>
    counts.reduce((sum, count, at) => at % apps === app ? sum + count : sum, 0);
  const first = [...current.counts];
  const least = problem.demand.map((count, app) => Math.min(count, total(first, app)));
  // Layers of one cost after another: what costs nothing stays in its layer.
  const best = new Map<string, number>([[first.join(), 0]]);
  const layers = new Map<number, number[][]>([[0, [first]]]);
  const needed = next.counts.reduce((sum, count, at) => sum + Math.max(0, count - first[at]!), 0);
  while (layers.size > 0) {
    const cost = Math.min(...layers.keys());
    const layer = layers.get(cost)!;
    const counts = layer.pop()!;
    if (layer.length === 0) layers.delete(cost);
    if (best.get(counts.join())! < cost) continue;
    if (counts.every((count, at) => count === next.counts[at]!)) {
      return [Math.floor(cost / 1000), (cost % 1000) - needed];
    }
    for (let at = 0; at < counts.length; at++) {
      for (const change of [1, -1]) {
        if (counts[at]! + change < 0) continue;
        const running = total(counts, at % apps);
        const floor = floors[at % apps]!;
        if (change < 0 && running <= least[at % apps]! && running <= floor) continue;
        const then = counts.with(at, counts[at]! + change);
        if (!isSoundEverywhere(problem, then)) continue;
        const by = change > 0 ? 1 : running <= least[at % apps]! ? 1000 : 0;
        if ((best.get(then.join()) ?? Infinity) <= cost + by) continue;
        best.set(then.join(), cost + by);
        layers.set(cost + by, [...layers.get(cost + by) ?? [], then]);
      }
    }
  }
  return null;
}

/** What runs after every start and stop of some steps, first and last included. */
export function statesOf(current: Placement, steps: readonly Step[]): Uint8Array[] {
  const states = [current.counts.slice()];
  const change = (node: number | null, app: number, by: number): void => {
    if (node === null) return;
    const then = states.at(-1)!.slice();
    then[node * current.apps + app]! += by;
    states.push(then);
  };
  for (const { app, from, to } of steps) {
    change(to, app, 1);
    change(from, app, -1);
  }
  return states;
}

/** A placement of a demand that keeps everything, by chance; null where chance found none. */
export function randomPlacement(problem: Problem, random: Random): Placement | null {
  const apps = problem.apps.length;
  const nodes = problem.cluster.nodeClasses.reduce((sum, { count }) => sum + count, 0);
  const isSound = soundness(problem);
  const containers = problem.demand.flatMap((count, app) => new Array<number>(count).fill(app));
  for (let attempt = 0; attempt < 50; attempt++) {
    const counts = new Uint8Array(nodes * apps);
    for (const app of containers) {
      // Each where its node stays sound, if a few tries find such; else anywhere.
      for (let left = 3 * nodes; left > 0; left--) {
        const node = random.below(nodes);
        counts[node * apps + app]!++;
        if (left === 1 || isSound(counts, node)) break;
        counts[node * apps + app]!--;
      }
    }
    if (isSoundEverywhere(problem, counts)) return { nodes, apps, counts };
  }
  return null;
}
