/**
 * A watch of a stack on a scripted Swarm, with a clock that jumps; its figures are scraped by Debian's Prometheus.
 * @module
 */
import assert from "node:assert/strict";
import type { Clock } from "../../swarm/clock.ts";
import { readNote } from "../../swarm/deploy/notes.ts";
import { jumpingClock } from "../../swarm/testing/_clock.ts";
import { FakeSwarm } from "../../swarm/testing/_fake_engine.ts";
import {
  freePort,
  startPrometheus,
  until,
  whyNoPrometheus,
} from "../../swarm/testing/_prometheus.ts";
import { type Entry, readHistory, readPastActs } from "../../swarm/watch/history.ts";
import { Command, type Option } from "@commander-js/extra-typings";
import { memoryContext } from "../_testing.ts";
import { type WatchArguments, watchOptions } from "../watch/options.ts";
import { StackWorld } from "../watch/world.ts";
import { STACK_FILES } from "./_stack_files.ts";
import { command as deployCommand } from "./deploy.ts";
import { command } from "./watch.ts";

const START = 1_800_000_000;
const STACK = ["--table", "table.csv", "--monitor", "0"];

/** A Swarm on which the plan runs, watched; time passes while nobody works. */
async function watched(plan: number[][] = [[2, 1], [1, 1], [0, 1]]) {
  const swarm = new FakeSwarm(["n1", "n2", "n3"]);
  for (const node of swarm.nodes) node.labels["io.metis.slots"] = "4";
  const folder = await Deno.makeTempDir();
  let working = 0;
  const clock: Clock = jumpingClock(() => swarm.inFlight > 0 || working > 0);
  const files: Record<string, string> = {
    ...STACK_FILES,
    "plan.json": JSON.stringify({ apps: ["web", "db"], placement: plan }),
  };
  const connect = () => Promise.resolve(swarm.client());
  const context = (signal?: AbortSignal) =>
    memoryContext({ args: [], files, ...(signal === undefined ? {} : { signal }) });
  await deployCommand(context(), connect).parseAsync([
    ...["plan.json", "--nodes", "n1,n2,n3", "--services", "services.json", "--monitor", "0"],
  ], { from: "user" });
  // Solvers work in real time, which the clock does not see.
  const propose = StackWorld.prototype.propose;
  StackWorld.prototype.propose = async function (asked) {
    working++;
    try {
      return await propose.call(this, asked);
    } finally {
      working--;
    }
  };
  const now = () => START + clock.now() / 1000;
  const seen: ReturnType<typeof context>[] = [];
  return {
    swarm,
    clock,
    write: (name: string, text: string) => {
      files[name] = text;
      for (const { files: own } of seen) own.set(name, text);
    },
    containers: () =>
      Object.fromEntries(
        [...swarm.services.values()].map(({ Spec }): [string, number] => [
          Spec.Name.replace("metis_", ""),
          Spec.Mode.Replicated.Replicas,
        ]).sort(),
      ),
    at: (seconds: number, work: () => void) =>
      void clock.sleep(seconds * 1000 - clock.now()).then(work),
    /** Watches until a moment. @returns What the journal says. */
    watch: async (until: number, args: string[] = [], journal = "journal"): Promise<Entry[]> => {
      const stop = new AbortController();
      const own = context(stop.signal);
      seen.push(own);
      const path = `${folder}/${journal}.jsonl`;
      const watching = command(own, connect, { clock, now }).parseAsync([
        ...STACK,
        ...["--journal", path, "--settle", "120", "--every", "10", "--quiet"],
        ...args,
      ], { from: "user" });
      const ended = watching.then(() => null, (error) => error);
      await Promise.race([ended, clock.sleep(until * 1000 - clock.now())]);
      stop.abort();
      const error = await ended;
      if (error !== null) throw error;
      return readHistory(await Deno.readTextFile(path), path);
    },
    [Symbol.asyncDispose]: async () => {
      StackWorld.prototype.propose = propose;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const ofKind = <Kind extends Entry["kind"]>(entries: readonly Entry[], kind: Kind) =>
  entries.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind);

Deno.test("watch only says what it would do, until --act moves it; then nothing is better", async () => {
  await using test = await watched();
  const before = test.containers();
  const said = await test.watch(400);
  assert.equal(ofKind(said, "would act").length, 1);
  assert.deepEqual(test.containers(), before);
  const acted = await test.watch(1000, ["--act"], "acting");
  assert.equal(ofKind(acted, "acts").length, 1);
  assert.equal(ofKind(acted, "done").length, 1);
  assert.match(ofKind(acted, "stays").at(-1)!.why, /nothing is better/);
  assert.deepEqual(ofKind(acted, "acts")[0]!.started, ofKind(said, "would act")[0]!.started);
  assert.notDeepEqual(test.containers(), before);
  assert.deepEqual([...test.swarm.configs.keys()], ["metis-watch-metis"], "a lock is left");
  const kept = await readNote(test.swarm.client(), "watch", "metis");
  const { at, moves, started } = ofKind(acted, "acts")[0]!;
  assert.deepEqual(readPastActs(kept!, "the config"), [{ at, moves, started }]);
});

/** A stack as one watch sees it, without waiting. */
async function seenOnce(plan: number[][], files: Record<string, string>, args: string[]) {
  const swarm = new FakeSwarm(["n1", "n2", "n3"]);
  for (const node of swarm.nodes) node.labels["io.metis.slots"] = node.name === "n3" ? "1" : "2";
  const context = memoryContext({
    args: [],
    files: {
      ...STACK_FILES,
      ...files,
      "plan.json": JSON.stringify({ apps: ["web", "db"], placement: plan }),
    },
  });
  const connect = () => Promise.resolve(swarm.client());
  await deployCommand(context, connect).parseAsync([
    ...["plan.json", "--nodes", "n1,n2,n3", "--services", "services.json", "--monitor", "0"],
  ], { from: "user" });
  const parsed = new Command();
  for (const option of watchOptions()) parsed.addOption(option as Option);
  parsed.parse([...STACK, ...args], { from: "user" });
  const world = new StackWorld(context, parsed.opts() as WatchArguments, {
    engine: swarm.client(),
    clock: jumpingClock(),
    owner: "test",
    note: () => {},
    deploy: () => Promise.reject(new Error("deployed")),
  });
  await world.look();
  return { context, world };
}

Deno.test("a container that waits elsewhere to make room counts as a move of the watch", async () => {
  // Unlike ones help each other, so both nodes that are full want to exchange one: that takes the slot of n3.
  const table = "web,db,rps:web,rps:db\n1,0,1,\n2,0,0.5,\n0,1,,1\n0,2,,0.5\n1,1,1.2,1.2\n";
  const { world } = await seenOnce([[2, 0], [0, 2], [0, 0]], { "table.csv": table }, []);
  const moves: number[] = [];
  for (const maxMoves of [0, 1, 2, 3]) {
    const { change } = await world.propose({ maxMoves, pinned: [] });
    assert.ok(change.moves <= maxMoves, `${change.moves} of ${maxMoves}`);
    moves.push(change.moves - change.started);
  }
  assert.deepEqual(moves, [0, 0, 0, 1]);
});

Deno.test("files that change between a decision and its move stop the move", async () => {
  const { context, world } = await seenOnce([[2, 0], [0, 2], [0, 0]], {}, []);
  const proposal = await world.propose({ maxMoves: 1, pinned: [] });
  context.files.set("table.csv", STACK_FILES["table.csv"].replace("web,db", "db,web"));
  await assert.rejects(world.carryOut(proposal), /The files have changed meanwhile/);
});

Deno.test("a watch makes the objective of its problem file large, and is sure of its gain by a table alone", async () => {
  const problem = (objective: string) =>
    JSON.stringify({
      apps: { web: { containers: 2 }, db: { containers: 2 } },
      nodes: [{ names: ["n1", "n2"], slots: 2 }, { names: ["n3"], slots: 1 }],
      objective,
    });
  // Together they bring more in all, and web suffers: apart all are as fast.
  const table = "web,db,rps:web,rps:db\n1,0,1,\n2,0,0.8,\n0,1,,1\n0,2,,0.8\n1,1,0.3,1.5\n";
  const gains: Record<string, [number, string]> = {};
  for (const objective of ["throughput", "fair"]) {
    const files = { "table.csv": table, "problem.json": problem(objective) };
    const { world } = await seenOnce([[2, 0], [0, 2], [0, 0]], files, [
      "--problem",
      "problem.json",
    ]);
    const { gain, next } = await world.propose({ maxMoves: 9, pinned: [] });
    assert.equal(gain!.low, gain!.high);
    gains[objective] = [gain!.mean, next.counts.join()];
  }
  // Throughput: from 3.2 in all to 1.5 + 0.3 + 1 + 1 on three nodes. Fair: one of them goes to n3, the geometric mean grows.
  assert.ok(Math.abs(gains.throughput![0] - (3.8 - 3.2) / 4) < 1e-9, `${gains.throughput}`);
  const before = 0.8;
  const after = (1 * 1 * 0.8 * 0.8) ** (1 / 4);
  assert.ok(Math.abs(gains.fair![0] - (after - before)) < 1e-9, `${gains.fair}`);
});

Deno.test("an app that vanishes from the problem file is told, and not stopped", async () => {
  await using test = await watched([[1, 1], [1, 1], [1, 1]]);
  const problem = (apps: string) =>
    `apps: {${apps}}\n` +
    "nodes: [{ names: [n1, n2, n3], slots: 4 }]\nsurface: { table: table.csv }\n";
  test.write("problem.yaml", problem("web: { containers: 3 }, db: { containers: 3 }"));
  test.at(200, () => test.write("problem.yaml", problem("web: { containers: 3 }")));
  const before = test.containers();
  const said = await test.watch(700, ["--act", "--problem", "problem.yaml"]);
  assert.match(
    ofKind(said, "stays").map(({ why }) => why).join("\n"),
    /db runs, but problem\.yaml does not name it: give it 0 containers there/,
  );
  assert.deepEqual(ofKind(said, "acts"), []);
  assert.deepEqual(test.containers(), before);
});

Deno.test("ten minutes with a node that goes and comes back: a short absence moves nothing, a long one moves nothing twice", async () => {
  await using test = await watched([[1, 1], [1, 1], [1, 1]]);
  const before = test.containers();
  const [, , n3] = test.swarm.nodes;
  // Down for a minute, and then again and again, never still for long.
  for (let at = 150; at < 600; at += 100) {
    test.at(at, () => n3!.state = "down");
    test.at(at + 50, () => n3!.state = "ready");
  }
  const short = await test.watch(700, ["--act"]);
  assert.deepEqual(ofKind(short, "acts"), []);
  assert.deepEqual(test.containers(), before);

  test.at(800, () => n3!.state = "down");
  test.at(1100, () => n3!.state = "ready");
  const long = await test.watch(2600, ["--act"]);
  const acts = ofKind(long, "acts");
  assert.equal(acts.length, 1, JSON.stringify(acts));
  assert.equal(acts[0]!.forced, 2);
  assert.ok(acts[0]!.at - START >= 920 && acts[0]!.at - START < 1100);
  // It has come back empty; what was moved stays for an hour, although it would be better off there.
  const stays = ofKind(long, "stays").map(({ why }) => why);
  assert.match(stays.join("\n"), /nothing is better/);
  const later = await test.watch(6000, ["--act"]);
  assert.equal(ofKind(later, "acts").length, 2);
  assert.ok(ofKind(later, "acts")[1]!.at - acts[0]!.at >= 3600);
  assert.deepEqual(test.containers(), before);
});

Deno.test("two watches with journals of their own: one acts, the other stands by, and neither undoes the other", async () => {
  await using test = await watched();
  const [one, other] = await Promise.all([
    test.watch(900, ["--act"], "one"),
    test.watch(900, ["--act"], "other"),
  ]);
  const acts = [...ofKind(one!, "acts"), ...ofKind(other!, "acts")];
  assert.equal(acts.length, 1);
  const idle = [one!, other!].find((entries) => ofKind(entries, "acts").length === 0)!;
  assert.match(ofKind(idle, "stays")[0]!.why, /stands by: .* is watching the stack metis/);
});

Deno.test("stopped in the middle of a move, the next watch goes on from the Swarm and its journal", async () => {
  await using test = await watched();
  const wanted = await (async () => {
    await using clean = await watched();
    await clean.watch(900, ["--act"]);
    return clean.containers();
  })();
  test.swarm.startMs = 30_000;
  test.swarm.now = () => test.clock.now();
  // Ends while containers are starting: a rollback, as after any interruption.
  await test.watch(140, ["--act"]).catch(() => {});
  test.swarm.startMs = 1000;
  const journal = await test.watch(2500, ["--act", "--hold", "600", "--moves-per-hour", "20"]);
  assert.deepEqual(test.containers(), wanted);
  assert.ok(ofKind(journal, "begins").length === 2);
});

Deno.test("a plan file that changes is followed: a demand of one more starts one", async () => {
  await using test = await watched();
  const problem = (web: number) =>
    JSON.stringify({
      apps: { web: { containers: web }, db: { containers: 3 } },
      nodes: [{ count: 3, names: ["n1", "n2", "n3"], slots: 4 }],
    });
  test.write("problem.json", problem(3));
  test.at(400, () => test.write("problem.json", problem(4)));
  const journal = await test.watch(1000, [
    "--act",
    "--problem",
    "problem.json",
    "--threshold",
    "9",
  ]);
  const acts = ofKind(journal, "acts");
  assert.equal(acts.length, 1, JSON.stringify(journal));
  assert.match(acts[0]!.why, /3 of web run, 4 are asked for/);
  assert.deepEqual([acts[0]!.forced, acts[0]!.moves], [1, 0]);
  const total = Object.entries(test.containers()).reduce(
    (sum, [name, count]) => name.startsWith("web") ? sum + count : sum,
    0,
  );
  assert.equal(total, 4);
});

Deno.test({
  name: `Debian's Prometheus scrapes a watch${
    whyNoPrometheus() === null ? "" : ` (${whyNoPrometheus()})`
  }`,
  ignore: whyNoPrometheus() !== null,
  fn: async () => {
    const swarm = new FakeSwarm(["n1", "n2", "n3"]);
    for (const node of swarm.nodes) node.labels["io.metis.slots"] = "4";
    const connect = () => Promise.resolve(swarm.client());
    const stop = new AbortController();
    const context = memoryContext({ args: [], files: STACK_FILES, signal: stop.signal });
    await deployCommand(context, connect).parseAsync([
      ...["plan.json", "--nodes", "n1,n2,n3", "--services", "services.json", "--monitor", "0"],
    ], { from: "user" });
    const folder = await Deno.makeTempDir();
    const own = freePort();
    const watching = command(context, connect).parseAsync([
      ...[...STACK, "--journal", `${folder}/journal.jsonl`, "--settle", "0", "--every", "0.2"],
      ...["--listen", `${own}`],
    ], { from: "user" });
    const prometheus = await startPrometheus(
      `global: { scrape_interval: 1s }\nscrape_configs:\n- job_name: metis\n  static_configs:\n` +
        `  - targets: ["127.0.0.1:${own}"]\n`,
    );
    try {
      const health = await fetch(`http://127.0.0.1:${own}/healthz`);
      assert.equal(await health.text(), health.ok ? "ok\n" : "it has not looked yet\n");
      const { value } = prometheus;
      await until(async () => await value("metis_watch_proposed_moves") !== undefined);
      assert.equal(await value('metis_watch_healthy{stack="metis"}'), 1);
      assert.equal(await value("metis_watch_containers"), 6);
      assert.equal(await value("metis_watch_nodes"), 3);
      assert.ok((await value("metis_watch_proposed_gain_low"))! > 0);
      assert.equal(await value('metis_watch_acts_total{outcome="done"}'), 0);
      await until(async () => (await value("metis_watch_looks_total"))! > 3);
    } finally {
      await prometheus[Symbol.asyncDispose]();
      stop.abort();
      await watching;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
