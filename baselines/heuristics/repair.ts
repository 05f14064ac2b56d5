import {
  demandTotal,
  fitsAmount,
  nodeKinds,
  type Placement,
  type Problem,
  type Random,
} from "../../domain/mod.ts";

/** Steps before a repair gives up: this many, and so many more for each container. */
const FEWEST_STEPS = 2_000;
const STEPS_EACH = 50;

/**
 * A placement that keeps slots, resources, limits and `apart`, whatever it is worth, by ejection: a container that no node takes goes where
 * it puts the fewest others out (a node that it was just put out of is dearer), and those are placed again.
 * Minton et al. (1992), "Minimizing conflicts", with ejection in the place of violations.
 * @param passed Ends the work early.
 * @returns Null if none was found in a number of steps that grows with the containers; there may still be one.
 */
export function repairPlacement(
  problem: Problem,
  draws: Random,
  passed: () => boolean = () => false,
): Placement | null {
  const { apps, demand, rules } = problem;
  const width = apps.length;
  const { resources, needs, kinds, ofNode } = nodeKinds(problem);
  const nodes = ofNode.length;
  const kindOf = (node: number) => kinds[ofNode[node]!]!;
  const foes: number[][] = apps.map(() => []);
  for (const [a, b] of rules.apart) {
    foes[a]!.push(b);
    foes[b]!.push(a);
  }
  const counts = new Uint8Array(nodes * width);
  const held = new Uint8Array(nodes);
  /** True if one more container of the app is over some resource. */
  const isOver = (node: number, app: number): boolean =>
    resources.some((_, at) => {
      let used = needs[app * resources.length + at]!;
      for (let other = 0; other < width; other++) {
        used += counts[node * width + other]! * needs[other * resources.length + at]!;
      }
      return !fitsAmount(used, kindOf(node).amounts[at]!);
    });
  /** How often a container of the app was put out of the node. */
  const regrets = new Uint32Array(counts.length);
  const waiting = draws.shuffle(
    demand.flatMap((count, app) => new Array<number>(count).fill(app)),
  );
  const cost = (node: number, app: number): number => {
    const first = node * width;
    const { capacity, limits } = kindOf(node);
    if (capacity === 0 || counts[first + app]! >= limits[app]!) return Infinity;
    const put = foes[app]!.reduce((sum, foe) => sum + counts[first + foe]!, 0);
    const short = Math.max(isOver(node, app) ? 1 : 0, held[node]! - put + 1 - capacity);
    return put + short === 0 ? 0 : put + short + regrets[first + app]!;
  };
  const eject = (node: number, app: number, times: number): void => {
    counts[node * width + app]! -= times;
    held[node]! -= times;
    regrets[node * width + app]! += times;
    for (; times > 0; times--) waiting.push(app);
  };
  let steps = FEWEST_STEPS + STEPS_EACH * demandTotal(demand);
  while (waiting.length > 0) {
    if (steps-- === 0 || passed()) return null;
    const at = draws.below(waiting.length);
    const app = waiting[at]!;
    waiting[at] = waiting[waiting.length - 1]!;
    waiting.pop();
    let best = -1;
    let least = Infinity;
    let ties = 0;
    for (let node = 0; node < nodes; node++) {
      const price = cost(node, app);
      if (price > least || price === Infinity) continue;
      ties = price < least ? 1 : ties + 1;
      if (draws.below(ties) === 0) best = node;
      least = price;
    }
    if (best < 0) return null;
    const first = best * width;
    for (const foe of foes[app]!) {
      if (counts[first + foe]! > 0) eject(best, foe, counts[first + foe]!);
    }
    while (held[best]! >= kindOf(best).capacity || isOver(best, app)) {
      const others = apps.flatMap((_, other) => counts[first + other]! > 0 ? [other] : []);
      eject(best, others[draws.below(others.length)]!, 1);
    }
    counts[first + app]!++;
    held[best]!++;
  }
  return { nodes, apps: width, counts };
}
