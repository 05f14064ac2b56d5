/**
 * Production that follows a known law: what is observed must be that law, whatever was asked.
 * @module
 */
import assert from "node:assert/strict";
import { Random } from "../domain/random.ts";
import { observe, type Observed, type ObserveOptions, type Series, suggestMoves } from "./mod.ts";

const APPS = ["api", "db", "web"];
const OPTIONS: ObserveOptions = {
  interval: 60,
  step: 15,
  settle: 30,
  measure: "latency",
  leastRequests: 20,
};
/** Seconds of a request alone and unasked, of each app. */
const ALONE = [0.02, 0.05, 0.01];
/** How the logarithm of an app's speed changes with each neighbour: row by the app, column by the neighbour. */
const LAW = [[-0.3, 0.1, -0.2], [-0.05, -0.5, -0.1], [-0.4, 0, -0.1]];
/** Usual requests per second of a container, and how the logarithm of speed changes where it is asked twice that. */
const USUAL = [20, 8, 40];
const OWN = [-0.25, -0.1, -0.4];

function speedUp(counts: readonly number[], app: number): number {
  return counts.reduce(
    (sum, count, other) => sum + LAW[app]![other]! * (other === app ? count - 1 : count),
    0,
  );
}

/** What a node holds for how many minutes. */
type History = readonly (readonly [counts: readonly number[], minutes: number])[];

/** What a monitoring system would have recorded. @param asked Times the usual load, by app and minute. */
function recorded(
  nodes: Readonly<Record<string, History>>,
  asked: (app: number, counts: readonly number[]) => number,
) {
  const series = () => new Map<string, [number, number][]>();
  const [containers, requests, latency, cpu] = [series(), series(), series(), series()];
  const add = (to: Map<string, [number, number][]>, key: string, at: number, value: number) =>
    void to.set(key, [...to.get(key) ?? [], [at, value]]);
  for (const [node, history] of Object.entries(nodes)) {
    let minute = 0;
    for (const [counts, minutes] of history) {
      const end = minute + minutes;
      for (; minute < end; minute++) {
        const from = 60 * minute;
        counts.forEach((count, app) => {
          if (count === 0) return;
          const key = `${APPS[app]} ${node}`;
          for (let at = from + 15; at <= from + 60; at += 15) add(containers, key, at, count);
          const times = asked(app, counts);
          const rate = count * times * USUAL[app]!;
          const log = speedUp(counts, app) + OWN[app]! * (times - 1) - Math.log(ALONE[app]!);
          add(requests, key, from + 60, rate);
          add(latency, key, from + 60, times === 0 ? NaN : Math.exp(-log));
          add(cpu, key, from + 60, 0.5 * rate * Math.exp(-log));
        });
      }
    }
  }
  const list = (from: Map<string, [number, number][]>): Series[] =>
    [...from].map(([key, points]) => {
      const [app, node] = key.split(" ") as [string, string];
      return { app, node, points };
    });
  return {
    containers: list(containers),
    requests: list(requests),
    latency: list(latency),
    cpu: list(cpu),
  };
}

function valueOf({ profile, apps }: Observed, counts: readonly number[], app: number): number {
  for (let row = 0; row < profile!.rows; row++) {
    const own = profile!.counts.subarray(row * apps.length, (row + 1) * apps.length);
    if (own.join() === counts.join()) return profile!.rps[row * apps.length + app]!;
  }
  return NaN;
}

const SEEN: History = [
  [[1, 0, 0], 20],
  [[0, 1, 0], 20],
  [[0, 0, 1], 20],
  [[1, 1, 0], 20],
  [[2, 0, 1], 20],
  [[0, 1, 1], 20],
];

for (const measure of ["latency", "cpu"] as const) {
  Deno.test(`by ${measure}: a container that is asked little is not slow, nor one that is asked much`, () => {
    const random = new Random(3);
    // Beside others, containers are asked a third of what they are alone: without the covariate they would seem fast.
    const asked = (_: number, counts: readonly number[]) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return (total > 1 ? 0.5 : 1.5) * (0.5 + random.uniform());
    };
    const observed = observe(recorded({ n1: SEEN }, asked), { ...OPTIONS, measure });
    for (const [counts] of SEEN) {
      counts.forEach((count, app) => {
        if (count === 0) return;
        const value = valueOf(observed, counts, app);
        const truth = Math.exp(speedUp(counts, app));
        assert.ok(Math.abs(value / truth - 1) < 0.05, `${counts} ${APPS[app]}: ${value}, ${truth}`);
      });
    }
    observed.effects.forEach(({ own, usual, neighbours }, app) => {
      assert.ok(Math.abs(own - OWN[app]! * usual / USUAL[app]!) < 0.05, `${own}`);
      assert.ok(Math.abs(neighbours) < 0.05, `${neighbours}`);
    });
  });
}

Deno.test("users who wait for answers ask more of a fast container: that is no effect of load", () => {
  const random = new Random(5);
  const luck = new Map<number, number>();
  // Each minute the machine is faster or slower for all, and as much more or less is asked.
  const fast = (minute: number) => {
    if (!luck.has(minute)) luck.set(minute, 0.5 * random.uniform() - 0.25);
    return luck.get(minute)!;
  };
  const plain = recorded({ n1: SEEN }, () => 1);
  const scaled = (series: readonly Series[], sign: number) =>
    series.map(({ points, ...place }): Series => ({
      ...place,
      points: points.map(([at, value]) => [at, value * Math.exp(sign * fast(at / 60))]),
    }));
  const watched = {
    ...plain,
    requests: scaled(plain.requests, 1),
    latency: scaled(plain.latency, -1),
  };
  const { effects } = observe(watched, OPTIONS);
  assert.deepEqual(effects.map(({ own, neighbours }) => [own, neighbours]), [
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

Deno.test("a row has its measurements; intervals in which a node changed, or just had, do not count", () => {
  const observed = observe(recorded({ n1: SEEN }, () => 1), OPTIONS);
  // The first minute of each: it is within half a minute of a change.
  assert.equal(observed.changing, SEEN.length);
  assert.deepEqual([...observed.profile!.measurements!], SEEN.map(([, minutes]) => minutes - 1));
  assert.equal(observed.intervals, 6 * 19);
  assert.ok([...observed.profile!.deviations!].every((one) => Number.isNaN(one) || one < 1e-9));
});

Deno.test("nine days of three nodes are observed", () => {
  const nodes = ["n1", "n2", "n3"];
  const every = (seconds: number, value: number): Series[] =>
    nodes.map((node) => ({
      app: "api",
      node,
      points: Array.from({ length: 9 * 86_400 / seconds }, (_, at) => [(at + 1) * seconds, value]),
    }));
  const watched = {
    containers: every(15, 2),
    requests: every(60, 40),
    latency: every(60, 0.02),
    cpu: [],
  };
  const { last, profile } = observe(watched, OPTIONS);
  assert.deepEqual([...last], nodes.map((node) => [node, Uint8Array.of(2)]));
  assert.equal(profile!.rows, 1);
});

Deno.test("what was never seen is named: pairs, apps alone, apps that were asked too little", () => {
  const history: History = [[[1, 0, 0], 20], [[1, 1, 0], 20], [[0, 0, 1], 20], [[0, 1, 1], 20]];
  const asked = (app: number, counts: readonly number[]) =>
    app === 2 && counts[1] === 1 ? 0.001 : 1;
  const observed = observe(recorded({ n1: history }, asked), OPTIONS);
  assert.deepEqual(observed.neverAlone, ["db"]);
  assert.deepEqual(observed.neverTogether, [
    ["api", "api"],
    ["api", "web"],
    ["db", "db"],
    ["web", "web"],
  ]);
  assert.deepEqual(observed.incomplete, ["1 db, 1 web: nothing of web"]);
  assert.deepEqual(observed.tooFew, [0, 0, 19]);
  assert.equal(observed.profile!.rows, 3);
  // Relative to the fastest configuration that it was seen in.
  assert.equal(valueOf(observed, [1, 1, 0], 1), Math.exp(LAW[1]![0]! - LAW[1]![0]!));
});

Deno.test("the rate is the speed where it is measured: load is no covariate then", () => {
  const rate = (app: number, counts: readonly number[]) => Math.exp(speedUp(counts, app));
  const observed = observe(recorded({ n1: SEEN }, rate), { ...OPTIONS, measure: "rate" });
  assert.ok(Math.abs(valueOf(observed, [2, 0, 1], 0) - rate(0, [2, 0, 1])) < 1e-9);
  assert.deepEqual(observed.effects.map(({ own, neighbours }) => [own, neighbours]), [
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

Deno.test("a suggested move shows what was seen least, and no more than fits", () => {
  const nodes = { n1: [[[1, 1, 0], 20]], n2: [[[0, 0, 2], 20]], n3: [[[1, 0, 1], 20]] } as const;
  const observed = observe(recorded(nodes, () => 1), OPTIONS);
  const [first, ...others] = suggestMoves(observed, 2, 1);
  assert.deepEqual(others, []);
  // All nodes are full.
  assert.equal(first, undefined);
  const [move] = suggestMoves(observed, 3, 1);
  // n1 is left with an api alone; n3 then holds one of each.
  assert.deepEqual([move!.app, move!.from, move!.to], ["db", "n1", "n3"]);
  assert.deepEqual(move!.teaches, [
    "api alone (seen in 0 intervals)",
    "db beside web (seen in 0 intervals)",
  ]);
});
