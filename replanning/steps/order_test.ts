import assert from "node:assert/strict";
import {
  InfeasibleError,
  NO_RULES,
  type NodeClass,
  type Placement,
  placementFromRows,
  type Problem,
  Random,
  type Resources,
  type Rules,
  uniformCluster,
} from "../../domain/mod.ts";
import { runs } from "../../tools/_full.ts";
import { changeOf } from "../change.ts";
import {
  fewestOverAllOrders,
  isSoundEverywhere,
  randomPlacement,
  soundNodes,
  statesOf,
} from "./_exhaustive.ts";
import { circuitWorth } from "./circuits.ts";
import { orderGreedily } from "./greedy.ts";
import { orderSteps } from "./order.ts";
import type { Step } from "./step.ts";
import { costOf, passageOf } from "./work.ts";

const problemOf = (
  rows: number[][],
  capacity: number,
  rules: Partial<Rules> = {},
): Problem => ({
  apps: ["a", "b", "c", "d", "e", "f"].slice(0, rows[0]!.length),
  cluster: uniformCluster(rows.length, capacity),
  demand: rows[0]!.map((_, app) => rows.reduce((sum, row) => sum + row[app]!, 0)),
  rules: { ...NO_RULES, ...rules },
});

const moves = (steps: readonly Step[]) => steps.map(({ app, from, to }) => [app, from, to]);

/** Steps between rows of counts, on nodes of as many slots. */
const between = (
  before: number[][],
  after: number[][],
  capacity: number,
  rules: Partial<Rules> = {},
) =>
  orderSteps(
    problemOf(after, capacity, rules),
    placementFromRows(before),
    placementFromRows(after),
  );

Deno.test("a container starts where there is room, then its old one stops: one step", () => {
  const { steps, parked, stoppedFirst } = between([[1], [0]], [[0], [1]], 1);
  assert.deepEqual(moves(steps), [[0, 0, 1]]);
  assert.deepEqual([parked, stoppedFirst], [0, 0]);
});

Deno.test("what makes room goes before what needs it", () => {
  // n2 has the only free slot: b goes there, then a takes b's place.
  const { steps, parked } = between([[1, 0], [0, 1], [0, 0]], [[0, 0], [1, 0], [0, 1]], 1);
  assert.deepEqual(moves(steps), [[1, 1, 2], [0, 0, 1]]);
  assert.equal(steps[0]!.why, "makes room for a on n1");
  assert.equal(parked, 0);
});

Deno.test("two that change places use a spare slot: one waits there, and says why", () => {
  const { steps, parked, stoppedFirst, broken } = between(
    [[1, 0], [0, 1], [0, 0]],
    [[0, 1], [1, 0], [0, 0]],
    1,
  );
  assert.equal(steps.length, 3);
  assert.deepEqual([parked, stoppedFirst, broken], [1, 0, []]);
  assert.match(steps[0]!.why, /^waits on n2 to make room on n[01]$/);
  assert.equal(steps[2]!.why, "comes from where it waited");
});

Deno.test("without a spare slot the least is stopped first, and starts again", () => {
  const { steps, parked, stoppedFirst, broken } = between([[2, 0], [0, 2]], [[1, 1], [1, 1]], 2);
  assert.deepEqual([parked, stoppedFirst, broken], [0, 1, []]);
  assert.equal(steps[0]!.to, null);
  assert.match(steps[0]!.why, /^stops before its new one starts/);
  assert.equal(steps.at(-1)!.why, "starts again after it stopped first");
});

Deno.test("an app of one container goes down only where nothing else is left, and that is said", () => {
  const swapped = between([[1, 0], [0, 1]], [[0, 1], [1, 0]], 1);
  assert.equal(swapped.stoppedFirst, 1);
  assert.deepEqual(swapped.broken, ["fewer than 1 of a run while one moves away from n0"]);
  // With two of b, b is the one that can do without.
  const rows = [[1, 0], [0, 1], [0, 1]];
  assert.deepEqual(between(rows, [[0, 1], [1, 0], [0, 1]], 1).broken, []);
});

Deno.test("asked to keep more running than can be kept, it names the app and the remedy", () => {
  const after = [[1, 1], [1, 1]];
  assert.throws(
    () =>
      orderSteps(
        problemOf(after, 2),
        placementFromRows([[2, 0], [0, 2]]),
        placementFromRows(after),
        { keepRunning: { share: 1 } },
      ),
    (error: unknown) =>
      error instanceof InfeasibleError &&
      /keeps 2 of 2 containers of [ab] running: .* add a slot somewhere, or keep fewer running/
        .test(error.message),
  );
});

Deno.test("company comes before and leaves after those that need it", () => {
  const { steps, broken } = between([[1, 1], [0, 0]], [[0, 0], [1, 1]], 2, {
    together: [[0, 1]],
  });
  assert.deepEqual(broken, []);
  assert.deepEqual(moves(steps), [[1, null, 1], [0, 0, 1], [1, 0, null]]);
});

Deno.test("forced starts, stops and fenced nodes say so", () => {
  const after = [[0, 1], [2, 1]];
  const { steps } = orderSteps(
    problemOf(after, 4, { fencedNodes: [] }),
    placementFromRows([[1, 3], [0, 0]]),
    placementFromRows(after),
    { lost: [1, 0] },
  );
  assert.deepEqual(new Set(steps.map(({ why }) => why)).has("its node left"), true);
  assert.ok(steps.some(({ why }) => why === "the demand asks for 1 container fewer"));
  const fenced = between([[1], [0]], [[0], [1]], 1, { fencedNodes: [0] });
  assert.equal(fenced.steps[0]!.why, "n0 is fenced");
});

/**
 * Full nodes, each of which gets what the next of its ring has: an app once, and two others in turn. One more node keeps the
 * first app running.
 */
const ring = (first: number, apps: number): [number[][], number[][]] => {
  const row = (app: number) => Array.from({ length: apps }, (_, at) => at === app ? 1 : 0);
  const before = Array.from({ length: 12 }, (_, at) => row(first + (at === 0 ? 0 : 2 - at % 2)));
  return [[...before, row(first)], [...before.slice(1), before[0]!, row(first)]];
};

Deno.test("that no order stops fewer is said only where it is proven", () => {
  const [before, after] = ring(0, 3);
  const one = between(before, after, 1);
  assert.deepEqual([one.stoppedFirst, one.fewestStopped], [1, true]);
  // Of two rings the second could park where the first stopped one, which nobody looks for.
  const rings = [ring(0, 6), ring(3, 6)];
  const pair = between(rings.flatMap(([rows]) => rows), rings.flatMap(([, rows]) => rows), 1);
  assert.deepEqual([pair.stoppedFirst, pair.fewestStopped], [2, false]);
  const spare = between([...before, [0, 0, 0]], [...after, [0, 0, 0]], 1);
  assert.deepEqual([spare.stoppedFirst, spare.fewestStopped], [0, true]);
});

Deno.test("nothing changes, nothing is done", () => {
  assert.deepEqual(between([[1], [2]], [[1], [2]], 2).steps, []);
});

/**
 * A random passage, with rules and resources or without; null where chance found no placements.
 * @param scale How many times more nodes and containers than two to four nodes and three of an app. @param before Rules of
 * what runs: those of the new problem, or none.
 */
function randomPassage(
  random: Random,
  general: boolean,
  scale: number = 1,
  before: "same" | "none" = "same",
) {
  const apps = ["a", "b", "c"].slice(0, 1 + random.below(3));
  const some = <T>(value: T): T[] => general && random.below(3) === 0 ? [value] : [];
  const classOf = (name: string): NodeClass => ({
    name,
    capacity: 1 + random.below(3),
    count: scale * (1 + random.below(2)),
    labels: {},
    failureDomain: name,
    ...(general ? { resources: { cpu: 2 + random.below(3) } } : {}),
  });
  const rules: Rules = {
    maxPerNode: some(0).length > 0 ? apps.map(() => 1 + random.below(2)) : [],
    apart: apps.length > 1 ? some([0, 1] as const) : [],
    fencedNodes: [],
    together: apps.length > 2 ? some([1, 2] as const) : [],
    spread: some(0).length > 0
      ? apps.map((_, app) =>
        app > 0 ? null : { maxPerDomain: null, minDomains: null, maxSkew: 1 + random.below(2) }
      )
      : [],
  };
  const problem: Problem = {
    apps,
    cluster: { nodeClasses: ["x", "y"].map(classOf) },
    demand: apps.map(() => scale * (1 + random.below(3))),
    rules,
    ...(general ? { needs: apps.map((): Resources => ({ cpu: 1 + random.below(2) })) } : {}),
  };
  const current = randomPlacement(
    before === "same" ? problem : { ...problem, rules: NO_RULES },
    random,
  );
  const next = randomPlacement(problem, random);
  return current === null || next === null ? null : { problem, current, next };
}

function totals({ counts, apps }: Placement | { counts: Uint8Array; apps: number }): number[] {
  const sums = new Array<number>(apps).fill(0);
  counts.forEach((count, at) => sums[at % apps]! += count);
  return sums;
}

Deno.test("steps break nothing on the way, end where they should, and no order stops or parks fewer", () => {
  const random = new Random(1);
  let compared = 0;
  let hard = 0;
  while (compared < runs(100, 1000)) {
    const passage = randomPassage(random, random.below(2) === 0);
    if (passage === null) continue;
    compared++;
    const { problem, current, next } = passage;
    const { steps, parked, stoppedFirst, broken, fewestStopped } = orderSteps(
      problem,
      current,
      next,
    );
    const states = statesOf(current, steps);
    assert.deepEqual(states.at(-1), next.counts);
    assert.equal(
      steps.filter(({ to }) => to !== null).length,
      changeOf(problem, current, next).started + parked,
    );
    const floors = problem.demand.map((count) => Math.min(1, count));
    const fewest = fewestOverAllOrders(problem, current, next, floors);
    if (fewest === null) {
      assert.notDeepEqual(broken, [], "no order is safe, and yet nothing is said");
      continue;
    }
    assert.deepEqual([broken, stoppedFirst, parked], [[], ...fewest], JSON.stringify(passage));
    assert.ok(fewestStopped, JSON.stringify(passage));
    if (fewest.some((count) => count > 0)) hard++;
    for (const counts of states) {
      assert.ok(isSoundEverywhere(problem, counts));
      totals({ counts, apps: current.apps }).forEach((count, app) =>
        assert.ok(count >= floors[app]!)
      );
    }
  }
  assert.ok(hard > 4, `only ${hard} of ${compared} needed a spare slot`);
});

Deno.test("by slots alone and with a spare one, the circuits of free slots park as few as any order", () => {
  const random = new Random(2);
  let compared = 0;
  while (compared < runs(30, 1000)) {
    const passage = randomPassage(random, false);
    if (passage === null) continue;
    const { problem, current, next } = passage;
    const walk = passageOf(problem, current, next, { count: 0 });
    const fewest = fewestOverAllOrders(problem, current, next, walk.floors);
    const [broken, first, parked] = costOf(orderGreedily(walk, circuitWorth(walk))!);
    assert.equal(broken, 0);
    if (fewest![0] > 0) {
      assert.ok(first! >= fewest![0]);
      continue;
    }
    compared++;
    assert.deepEqual([first, parked], fewest, JSON.stringify(passage));
  }
});

Deno.test("on larger clusters too, steps break nothing on the way and end where they should", () => {
  const random = new Random(3);
  let compared = 0;
  while (compared < runs(30, 150)) {
    const passage = randomPassage(random, random.below(3) > 0, 12);
    if (passage === null) continue;
    compared++;
    const { problem, current, next } = passage;
    const { steps, parked, broken } = orderSteps(problem, current, next);
    const states = statesOf(current, steps);
    assert.deepEqual(states.at(-1), next.counts);
    const { started } = changeOf(problem, current, next);
    assert.equal(steps.filter(({ to }) => to !== null).length, started + parked);
    if (broken.length > 0) continue;
    for (const counts of states) {
      assert.ok(isSoundEverywhere(problem, counts));
      totals({ counts, apps: current.apps }).forEach((count) => assert.ok(count >= 1));
    }
  }
});

Deno.test("where what runs breaks new rules, no sound node is broken on the way", () => {
  const random = new Random(4);
  let compared = 0;
  let unsound = 0;
  while (compared < runs(60, 200)) {
    const passage = randomPassage(random, true, 1 + random.below(6), "none");
    if (passage === null) continue;
    compared++;
    const { problem, current, next } = passage;
    const { steps, broken } = orderSteps(problem, current, next);
    const states = statesOf(current, steps);
    assert.deepEqual(states.at(-1), next.counts);
    if (broken.length > 0) continue;
    const sound = states.map((counts) => soundNodes(problem, counts));
    if (!sound[0]!.every((one) => one)) unsound++;
    sound.slice(1).forEach((nodes, at) =>
      nodes.forEach((is, node) => assert.ok(is || !sound[at]![node]))
    );
  }
  assert.ok(unsound > 10, `only ${unsound} began with broken rules`);
});
