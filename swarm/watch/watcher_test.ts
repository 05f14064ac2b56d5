import assert from "node:assert/strict";
import { InfeasibleError, InputError } from "../../domain/mod.ts";
import { UndecidedError } from "../../scheduling/mod.ts";
import type { Lock } from "../deploy/lock.ts";
import { LockedError } from "../deploy/lock.ts";
import { jumpingClock } from "../testing/_clock.ts";
import type { Proposal } from "./decide.ts";
import { Gauges } from "./gauges.ts";
import { type Entry, type PastAct, readHistory } from "./history.ts";
import { type Asked, watch, type WatchOptions, type World } from "./watcher.ts";

const START = 1_800_000_000;

/** A proposal that moves so many of an app from the first node to the second. */
function moving(count: number, more: Partial<Proposal> = {}, holds: readonly number[] = [4, 0]) {
  const current = { nodes: 2, apps: 1, counts: Uint8Array.from(holds) };
  const next = {
    nodes: 2,
    apps: 1,
    counts: Uint8Array.from([holds[0]! - count, holds[1]! + count]),
  };
  return {
    apps: ["web"],
    nodeNames: ["n1", "n2"],
    current,
    next,
    change: { started: count, stopped: count, forced: 0, moves: count },
    must: null,
    gain: { mean: 0.1, deviation: 0.01, low: 0.08, high: 0.12 },
    ...more,
  } satisfies Proposal;
}

/** A world that a test scripts, and time that jumps. */
function scripted(propose: (asked: Asked, at: number) => Proposal, more: Partial<World> = {}) {
  const clock = jumpingClock();
  const entries: Entry[] = [];
  const asked: Asked[] = [];
  const stop = new AbortController();
  let print = "a";
  const carried: number[] = [];
  const lock: Lock = { check() {}, release: () => Promise.resolve() };
  const seconds = () => clock.now() / 1000;
  const world: World = {
    look: () => Promise.resolve({ print, text: print, nodes: 2, away: 0, containers: 4 }),
    propose: (one) => {
      asked.push(one);
      return Promise.resolve().then(() => propose(one, seconds()));
    },
    carryOut: () => {
      carried.push(seconds());
      print += "'";
      return Promise.resolve();
    },
    lock: () => Promise.resolve(lock),
    recall: () => Promise.resolve([]),
    remember: () => Promise.resolve(),
    note: (entry) => void entries.push(entry),
    ...more,
  };
  const run = async (until: number, options: Partial<WatchOptions> = {}, past: Entry[] = []) => {
    const now = () => START + seconds();
    const gauges = new Gauges("metis", 60, now);
    const watching = watch(world, past, {
      ...{ movesPerHour: 4, threshold: 0.01, hold: 600, settle: 60, every: 10 },
      ...{ act: true, once: false, clock, now, signal: stop.signal },
      ...options,
    }, gauges);
    await clock.sleep(until * 1000);
    stop.abort();
    await watching;
    return gauges;
  };
  return {
    run,
    entries,
    asked,
    carried,
    change: (to: string) => print = to,
    kinds: () => entries.map(({ kind }) => kind),
    after: (at: number, work: () => void) => void clock.sleep(at * 1000).then(work),
  };
}

Deno.test("it acts when nothing has changed for a while, once, and says what it brings", async () => {
  let moved = false;
  const test = scripted(() => moved ? moving(0) : moving(2), {});
  test.after(65, () => moved = true);
  await test.run(600);
  assert.deepEqual(test.carried, [60]);
  assert.deepEqual(test.kinds(), ["begins", "sees", "acts", "done", "stays"]);
  const acts = test.entries.find((entry) => entry.kind === "acts")!;
  assert.deepEqual(acts.started, [{ app: "web", node: "n2", count: 2 }]);
  assert.match(acts.why, /brings 0.1000 in the mean \(0.0800 to 0.1200\)/);
});

Deno.test("without --act it says what it would do, and changes nothing", async () => {
  const test = scripted(() => moving(2));
  const gauges = await test.run(600, { act: false });
  assert.deepEqual(test.carried, []);
  assert.deepEqual(test.kinds(), ["begins", "sees", "would act"]);
  assert.equal(test.asked.length, 1, "what does not change is not planned again");
  assert.match(gauges.text(), /metis_watch_proposed_moves\{stack="metis"\} 2\n/);
  assert.match(gauges.text(), /metis_watch_acts_total\{stack="metis",outcome="done"\} 0\n/);
});

Deno.test("what keeps changing is left alone", async () => {
  const test = scripted(() => moving(1));
  for (let at = 30; at < 600; at += 50) test.after(at, () => test.change(`${at}`));
  await test.run(600);
  assert.deepEqual(test.carried, []);
  assert.deepEqual(test.asked, []);
});

Deno.test("a gain whose interval touches the threshold is none, and so is one that nobody knows", async () => {
  for (
    const [gain, why] of [
      [{ mean: 0.1, deviation: 0.1, low: -0.05, high: 0.2 }, /would bring 0.1000/],
      [{ mean: 0.02, deviation: 0, low: 0.01, high: 0.02 }, /not surely more than 0.01/],
      [null, /does not know how sure/],
    ] as const
  ) {
    const test = scripted(() => moving(2, { gain }));
    await test.run(300);
    assert.deepEqual(test.carried, []);
    const stays = test.entries.find((entry) => entry.kind === "stays")!;
    assert.match(stays.why, why);
  }
});

Deno.test("no more moves in an hour than allowed, also after a restart; what must be done waits for no budget", async () => {
  const test = scripted((asked) => moving(Math.min(asked.maxMoves, 3), {}, [9, 0]));
  await test.run(2 * 3600, { hold: 0 });
  const acts = test.entries.filter((entry) => entry.kind === "acts");
  for (const { at } of acts) {
    const hour = acts.filter((one) => one.at > at - 3600 && one.at <= at);
    assert.ok(hour.reduce((sum, { moves }) => sum + moves, 0) <= 4);
  }
  assert.deepEqual(acts.map(({ moves }) => moves), [3, 1, 3, 1]);

  const past = readHistory(
    test.entries.map((entry) => JSON.stringify({ ...entry, at: START - 10 }) + "\n").join("") +
      '{"kind":"ac',
    "journal",
  );
  const again = scripted((asked) => moving(Math.min(asked.maxMoves, 3), {}, [9, 0]));
  await again.run(600, { hold: 0 }, past);
  assert.deepEqual(again.carried, []);

  const forced = scripted(() => moving(6, { must: "5 of web run, 6 are asked for" }, [9, 0]));
  await forced.run(65, { hold: 0, movesPerHour: 0 });
  assert.deepEqual(forced.carried, [60]);
});

Deno.test("a container that was moved stays for a while: its app is pinned where it would leave", async () => {
  const test = scripted((asked) => {
    if (asked.pinned.includes("web") || test.carried.length > 1) return moving(0);
    if (test.carried.length === 0) return moving(2);
    // Back again, which would be better now.
    return { ...moving(2, {}, [2, 2]), next: moving(-2, {}, [2, 2]).next };
  });
  await test.run(1000, { movesPerHour: 100 });
  assert.deepEqual(test.carried, [60, 660]);
  assert.equal(test.asked.filter(({ pinned }) => pinned.length > 0).length, 1);
});

Deno.test("of two watches one acts and the other stands by, until the first ends", async () => {
  let owner: string | null = "another";
  const test = scripted(() => moving(1), {
    lock: () => {
      if (owner !== null) throw new LockedError("another is watching the stack metis: wait");
      return Promise.resolve({ check() {}, release: () => Promise.resolve() });
    },
  });
  test.after(300, () => owner = null);
  await test.run(305);
  assert.deepEqual(test.kinds(), ["begins", "sees", "stays", "acts", "done"]);
  assert.ok(test.carried[0]! >= 300);
});

Deno.test("who takes the lock over counts what the watch before did: its moves and its holds", async () => {
  const acts: PastAct[] = [];
  const shared: Partial<World> = {
    recall: () => Promise.resolve([...acts]),
    remember: (all) => Promise.resolve(void acts.splice(0, acts.length, ...all)),
  };
  const first = scripted((asked) => moving(Math.min(asked.maxMoves, 3), {}, [9, 0]), shared);
  await first.run(65);
  assert.deepEqual(acts, [
    { at: START + 60, moves: 3, started: [{ app: "web", node: "n2", count: 3 }] },
  ]);
  // With a journal of its own, which is empty.
  const back = moving(-3, {}, [6, 3]);
  const second = scripted(() => back, shared);
  await second.run(500);
  assert.equal(second.asked[0]!.maxMoves, 1);
  assert.deepEqual(second.asked[1]!.pinned, ["web"]);
  assert.deepEqual(second.carried, []);
});

Deno.test("nothing is moved that the Swarm could not be told of", async () => {
  const test = scripted(() => moving(1), {
    remember: () => Promise.reject(new InputError("no config can be made")),
  });
  await test.run(100);
  assert.deepEqual(test.carried, []);
  assert.deepEqual(test.kinds(), ["begins", "sees", "acts", "failed"]);
});

Deno.test("what fails is tried again later and later, what cannot be is not", async () => {
  const test = scripted(() => moving(1), {
    carryOut: () => Promise.reject(new InputError("Others changed the stack meanwhile")),
  });
  const gauges = await test.run(1000, { hold: 0, movesPerHour: 1000 });
  const times = test.entries.filter((entry) => entry.kind === "acts").map(({ at }) => at - START);
  assert.deepEqual(times, [60, 120, 240, 480, 960]);
  assert.match(gauges.text(), /acts_total\{stack="metis",outcome="failed"\} 5\n/);

  const full = scripted(() => {
    throw new InfeasibleError("Demand does not fit");
  });
  await full.run(1000);
  assert.equal(full.asked.length, 1);
  assert.deepEqual(full.kinds(), ["begins", "sees", "stays"]);

  const slow = scripted(() => {
    throw new UndecidedError("The time limit came first");
  });
  await slow.run(1000);
  assert.ok(slow.asked.length > 1, "what was not decided is asked for again");
});

Deno.test("an engine that is away for a while is asked again, and told by /healthz", async () => {
  let isAway = false;
  const test = scripted(() => moving(0), {
    look: () =>
      isAway
        ? Promise.reject(new InputError("no engine"))
        : Promise.resolve({ print: "a", text: "a", nodes: 2, away: 0, containers: 4 }),
  });
  test.after(100, () => isAway = true);
  test.after(300, () => isAway = false);
  const gauges = await test.run(400);
  assert.equal(gauges.trouble(), null);
  assert.match(gauges.text(), /look_failures_total\{stack="metis"\} 2\d\n/);
  assert.equal(test.asked.length, 1);
});

Deno.test("--once looks once, decides, and ends", async () => {
  const test = scripted(() => moving(1));
  await test.run(0, { once: true, act: false });
  assert.deepEqual(test.kinds(), ["begins", "sees", "would act"]);
});

Deno.test("a watch that acts for long is well all the while, and after it", async () => {
  const clock = jumpingClock();
  const seconds = () => clock.now() / 1000;
  const gauges = new Gauges("metis", 60, seconds);
  const troubles: (string | null)[] = [];
  gauges.looked({ print: "a", text: "a", nodes: 2, away: 0, containers: 4 }, seconds(), 4);
  gauges.acts();
  await clock.sleep(500_000);
  troubles.push(gauges.trouble());
  gauges.acted(1, true);
  await clock.sleep(59_000);
  troubles.push(gauges.trouble());
  await clock.sleep(2000);
  assert.deepEqual(troubles, [null, null]);
  assert.match(gauges.trouble()!, /has not looked for 60 s/);
});
