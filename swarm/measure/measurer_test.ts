import assert from "node:assert/strict";
import { InterruptedError, refuseIfAborted } from "../../domain/mod.ts";
import { MeasureError } from "../errors.ts";
import type { NodeRunner, UnjudgedRun } from "./node_runner.ts";
import { continueJournal, createJournal, readJournal } from "./journal.ts";
import { SwarmMeasurer, type SwarmMeasurerOptions } from "./measurer.ts";
import type { ContainerRun, Entry, Header } from "./records.ts";
import { TOLERANCE } from "./verdict.ts";

const APPS = ["a", "b"];
const HEADER: Header = {
  kind: "header",
  format: "metis-profile-journal",
  version: 1,
  at: "2026-01-01T00:00:00.000Z",
  apps: APPS,
  capacity: 4,
  load: { users: 1, wait: [0, 0], warmUp: 0, duration: 1, repeats: 2, timeLimit: 1 },
  services: "none",
  versions: {},
};

/** A node in memory: alone, an app makes 100 (a) or 1000 (b) requests per second, and with n others a share of that. */
class ScriptedNode implements NodeRunner {
  readonly calls: string[] = [];
  /** What happens instead, by configuration and call of it, from 1. */
  fate: (counts: string, call: number) => Partial<UnjudgedRun> | Error | null = () => null;
  /** Speed of the machine, as it drifts. */
  speed = () => 1;

  constructor(readonly node: string) {}

  run(counts: Uint8Array, signal: AbortSignal): Promise<UnjudgedRun> {
    if (signal.aborted) return Promise.reject(new InterruptedError("Interrupted"));
    const name = [...counts].join("");
    this.calls.push(name);
    const fate = this.fate(name, this.calls.filter((call) => call === name).length);
    if (fate instanceof Error) return Promise.reject(fate);
    const total = counts.reduce((sum, count) => sum + count, 0);
    let slot = 0;
    const containers = APPS.flatMap((app, at) =>
      Array.from(
        { length: counts[at]! },
        () => container(slot++, app, this.speed() * [100, 1000][at]! / total),
      )
    );
    return Promise.resolve({ containers, void: null, ...fate });
  }

  clear = () => Promise.resolve();
}

/** A container whose repeats make this many requests per second, with latencies of the inverse. */
function container(slot: number, app: string, ...rates: number[]): ContainerRun {
  const repeats = (rates.length === 1 ? [rates[0]!, rates[0]!] : rates).map((rps) => ({
    rps,
    p50: rps === 0 ? null : 1000 / rps,
    p99: rps === 0 ? null : 2000 / rps,
    requests: 100,
    errors: rps === 0 ? { timeout: 100 } : {},
  }));
  return { slot, app, repeats };
}

interface Trial {
  readonly measurer: SwarmMeasurer;
  readonly entries: Entry[];
  readonly notes: string[];
}

function trial(runners: readonly NodeRunner[], more: Partial<SwarmMeasurerOptions> = {}): Trial {
  const entries: Entry[] = [...more.entries ?? []];
  const notes: string[] = [];
  let time = Date.parse(HEADER.at) + 60_000 * entries.length;
  const measurer = new SwarmMeasurer({
    apps: APPS,
    capacity: 4,
    runners,
    oneAtATime: false,
    journal: { append: (entry) => void entries.push(entry), close: () => {} },
    entries: [],
    tolerance: TOLERANCE,
    attempts: 3,
    soloEvery: 100,
    signal: new AbortController().signal,
    now: () => time += 1000,
    note: (text) => notes.push(text),
    ...more,
  });
  return { measurer, entries, notes };
}

const of = (...names: string[]) => names.map((name) => Uint8Array.from(name, Number));
const rows = ({ measurer }: Trial) =>
  measurer.rows().map(({ counts, rps }) => `${[...counts].join("")} ${[...rps].join(" ")}`);

Deno.test("SwarmMeasurer measures each app alone first, and gives shares of that", async () => {
  const node = new ScriptedNode("n1");
  const one = trial([node]);
  const measured = await one.measurer.measure(of("11", "02", "10"));
  assert.deepEqual(node.calls, ["10", "01", "11", "02"]);
  assert.deepEqual(measured.map((one) => [...one!.rps]), [[0.5, 0.5], [NaN, 0.5], [1, NaN]]);
  assert.deepEqual(rows(one), ["10 1 NaN", "01 NaN 1", "11 0.5 0.5", "02 NaN 0.5"]);
  // Latencies in milliseconds: a alone makes 100 a second, so 10 ms; two of them take twice as long.
  const [alone, , both] = one.measurer.rows();
  assert.deepEqual([alone!.p50[0], alone!.p99[0], both!.p50[0]], [10, 20, 20]);
});

Deno.test("SwarmMeasurer shares the work among nodes, each normalised by itself", async () => {
  const fast = new ScriptedNode("fast");
  fast.speed = () => 3;
  const slow = new ScriptedNode("slow");
  const one = trial([fast, slow]);
  await one.measurer.measure(of("11", "02", "20", "21", "12", "22"));
  assert.ok(fast.calls.length > 2 && slow.calls.length > 2);
  assert.equal(fast.calls.length + slow.calls.length, 4 + 6);
  for (const { counts, rps } of one.measurer.rows()) {
    const total = counts[0]! + counts[1]!;
    rps.forEach((value, app) => counts[app]! > 0 && assert.ok(Math.abs(value - 1 / total) < 1e-12));
  }
});

Deno.test("SwarmMeasurer never measures two nodes at once where they share a machine", async () => {
  let running = 0;
  let most = 0;
  const nodes = ["n1", "n2", "n3"].map((name) => {
    const node = new ScriptedNode(name);
    const run = node.run.bind(node);
    node.run = async (counts, signal) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      return await run(counts, signal);
    };
    return node;
  });
  await trial(nodes, { oneAtATime: true }).measurer.measure(of("11", "02", "20", "21", "12", "22"));
  assert.equal(most, 1);
  await trial(nodes, { oneAtATime: false }).measurer.measure(of("11", "02", "20", "21", "12"));
  assert.equal(most, 3);
});

Deno.test("a configuration with a failed container is void, measured again, and never averaged in", async () => {
  const node = new ScriptedNode("n1");
  node.fate = (counts, call) =>
    counts === "11" && call === 1
      ? { containers: [container(0, "a", 90), container(1, "b", 0)] }
      : null;
  const one = trial([node]);
  const [measured] = await one.measurer.measure(of("11"));
  assert.deepEqual([...measured!.rps], [0.5, 0.5]);
  const runs = one.entries.filter((entry) =>
    entry.kind === "run" && entry.counts[0] === 1 && entry.counts[1] === 1
  );
  assert.deepEqual(runs.map((run) => run.kind === "run" && run.verdict), ["void", "good"]);
  assert.match(
    one.notes.join("\n"),
    /1 a \+ 1 b on n1: void: b in slot 1 answered nothing: 200? x timeout|100 x timeout/,
  );
});

Deno.test("what fails each time is given up after so many tries, and reported as missing", async () => {
  const node = new ScriptedNode("n1");
  node.fate = (counts) => counts === "12" ? new MeasureError("b is not ready") : null;
  const one = trial([node]);
  const measured = await one.measurer.measure(of("12", "21"));
  assert.equal(measured[0], null);
  assert.deepEqual([...measured[1]!.rps].map((value) => value.toFixed(3)), ["0.333", "0.333"]);
  assert.equal(node.calls.filter((call) => call === "12").length, 3);
  const missing = one.entries.filter(({ kind }) => kind === "missing");
  assert.deepEqual(
    missing.map((entry) => entry.kind === "missing" && [entry.counts, entry.reason]),
    [
      [[1, 2], "b is not ready"],
    ],
  );
  assert.equal(rows(one).some((row) => row.startsWith("12")), false);
});

Deno.test("a generator that fell behind makes a run void, however good it looks", async () => {
  const node = new ScriptedNode("n1");
  node.fate = (counts, call) =>
    counts === "11" && call < 3 ? { void: "the generator fell behind by 2.0 %" } : null;
  const one = trial([node]);
  await one.measurer.measure(of("11"));
  const verdicts = one.entries.map((entry) => entry.kind === "run" && entry.verdict);
  assert.deepEqual(verdicts, ["good", "good", "void", "void", "good"]);
});

Deno.test("repeats that differ are measured again; if they always do, their median counts, and is flagged", async () => {
  const node = new ScriptedNode("n1");
  // A third run of the machine at half its speed, in another repeat each time.
  node.fate = (counts, call) =>
    counts === "20"
      ? {
        containers: [
          container(0, "a", ...(call === 2 ? [25, 50] : [50, 25])),
          container(1, "a", ...(call === 2 ? [25, 54] : [54, 27])),
        ],
      }
      : null;
  const one = trial([node]);
  const [measured] = await one.measurer.measure(of("20"));
  // Repeats by app: 52, 26, 25, 52, 52, 26: their median is between 26 and 52.
  assert.equal(measured!.rps[0], 0.39);
  const row = one.measurer.rows().find(({ counts }) => counts[0] === 2)!;
  assert.equal(row.repeats, 6);
  assert.match(row.flags[0]!, /repeats differ by 6\d %/);
  assert.equal(node.calls.filter((call) => call === "20").length, 3);
});

Deno.test("a container unlike its like is named", async () => {
  const node = new ScriptedNode("n1");
  node.fate = (counts) =>
    counts === "30"
      ? { containers: [container(0, "a", 33), container(1, "a", 34), container(2, "a", 10)] }
      : null;
  const one = trial([node]);
  await one.measurer.measure(of("30"));
  assert.deepEqual(one.measurer.rows().at(-1)!.flags, [
    "a in slot 2: 0.30 of the median of its app",
  ]);
});

Deno.test("a machine that slows down is noticed, and does not pass for interference", async () => {
  const node = new ScriptedNode("n1");
  let runs = 0;
  // 1 % slower with each run.
  node.speed = () => 1 - 0.01 * runs++ / 2;
  const one = trial([node], { soloEvery: 4 });
  const wanted = of("20", "11", "02", "30", "21", "12", "03", "40", "31", "22", "13", "04");
  await one.measurer.measure(wanted);
  await one.measurer.close();
  assert.match(one.notes.join("\n"), /n1: a alone is at \d\d % of what it was at first/);
  for (const { counts, rps } of one.measurer.rows()) {
    const total = counts[0]! + counts[1]!;
    rps.forEach((value, app) =>
      counts[app]! > 0 && assert.ok(Math.abs(value * total - 1) < 0.03, `${counts}: ${rps}`)
    );
  }
  assert.ok(one.measurer.drifts().every(({ ratio }) => ratio < 0.9));
});

Deno.test("an app that does not run alone ends a node, and the work goes on without it", async () => {
  const broken = new ScriptedNode("broken");
  broken.fate = (counts) => counts === "01" ? new MeasureError("no image") : null;
  const sound = new ScriptedNode("sound");
  const one = trial([broken, sound]);
  const measured = await one.measurer.measure(of("11", "02", "20"));
  assert.ok(measured.every((one) => one !== null));
  assert.match(
    one.notes.join("\n"),
    /b alone on broken cannot be measured: no image: it is left out/,
  );
  const alone = trial([broken]);
  await assert.rejects(alone.measurer.measure(of("11")), /b alone on broken cannot be measured/);
});

Deno.test("an interruption ends the work without a line for what was under way", async () => {
  const node = new ScriptedNode("n1");
  const abort = new AbortController();
  node.fate = (counts) => {
    if (counts === "02") abort.abort();
    return null;
  };
  const run = node.run.bind(node);
  node.run = async (counts, signal) => {
    const result = await run(counts, signal);
    refuseIfAborted(signal);
    return result;
  };
  const one = trial([node], { signal: abort.signal });
  await assert.rejects(one.measurer.measure(of("11", "02", "20")), InterruptedError);
  assert.equal(one.entries.length, 3);
});

Deno.test("a profile whose journal is cut at any byte goes on: nothing is lost, nothing measured twice", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/p.journal`;
    const wanted = of("11", "02", "21");
    const whole = new ScriptedNode("n1");
    whole.fate = (counts, call) => counts === "02" && call === 1 ? { void: "bad luck" } : null;
    const journal = createJournal(path, HEADER);
    const first = trial([whole], { journal });
    await first.measurer.measure(wanted);
    journal.close();
    const bytes = await Deno.readFile(path);
    const rowsOfAll = rows(first);
    assert.throws(() => createJournal(path, HEADER), /--resume/);
    const ends = [...bytes.keys()].filter((at) => bytes[at] === 10).map((at) => at + 1);
    for (let length = 0; length <= bytes.length; length++) {
      const before = readJournal(bytes.subarray(0, length), path);
      const whole = ends.filter((end) => end <= length);
      assert.equal(before?.length, whole.at(-1), `cut at ${length}`);
      assert.equal(before?.entries.length, whole.length === 0 ? undefined : whole.length - 1);
    }
    // All cuts within one line are the same to a run that continues: three of each are carried out.
    const cuts = ends.flatMap((
      end,
      at,
    ) => [end - 1, end, end + ((ends[at + 1] ?? end) - end >> 1)]);
    for (const length of [0, 20, ...cuts]) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      const before = readJournal(await Deno.readFile(path), path);
      if (before === null) {
        // Only where not even the header is whole.
        assert.ok(!bytes.subarray(0, length).includes(10));
        continue;
      }
      const kept = continueJournal(path, before.length, length);
      const node = new ScriptedNode("n1");
      const next = trial([node], { journal: kept, entries: before.entries });
      const known = new Set(next.measurer.rows().map(({ counts }) => [...counts].join("")));
      await next.measurer.measure(wanted.filter((counts) => !known.has([...counts].join(""))));
      kept.close();
      assert.deepEqual(rows(next).sort(), rowsOfAll.sort(), `cut at ${length}`);
      const again = readJournal(await Deno.readFile(path), path)!;
      const good = again.entries.filter((entry) => entry.kind === "run" && entry.verdict === "good")
        .map((entry) => entry.counts.join(""));
      assert.equal(new Set(good).size, good.length, `measured twice, cut at ${length}: ${good}`);
      assert.equal(again.length, (await Deno.stat(path)).size);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a journal is written by one process at a time, and by none that read an older state of it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/p.journal`;
    const journal = createJournal(path, HEADER);
    const { size } = await Deno.stat(path);
    assert.throws(() => continueJournal(path, size), /is being written by another `metis profile`/);
    journal.close();
    assert.throws(() => continueJournal(path, size - 1, size - 1), /grew while it was read/);
    continueJournal(path, size).close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readJournal refuses what is no journal, and damage in the middle, naming the line", () => {
  const text = (...lines: unknown[]) =>
    new TextEncoder().encode(
      lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)) + "\n").join(""),
    );
  const missing = { kind: "missing", at: HEADER.at, node: "n1", counts: [1, 2], reason: "x" };
  assert.equal(readJournal(text(HEADER, missing), "j")!.entries.length, 1);
  assert.equal(readJournal(new Uint8Array(), "j"), null);
  assert.equal(readJournal(new TextEncoder().encode('{"kind":"hea'), "j"), null);
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(() => readJournal(bytes, "j"), message);
  refused(new TextEncoder().encode("a,b,rps:a"), /j: not the journal of a profile/);
  refused(text(missing), /j: line 1 is not its header/);
  refused(text(HEADER, "{", missing), /j: line 2: not JSON/);
  refused(text(HEADER, { ...missing, counts: [1] }), /j: line 2: 1 counts for 2 apps/);
  refused(text({ ...HEADER, version: 2 }), /version 2/);
  refused(text(HEADER, HEADER), /second header/);
  refused(text(HEADER, { ...missing, counts: [-1, 2] }), /j: line 2: counts.0/);
});
