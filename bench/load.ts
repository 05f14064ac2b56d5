import { checkLoadPlan, type Loop, targetOf } from "../swarm/load/plan.ts";
import { loadInProcess } from "../swarm/load/process.ts";
import type { Measured } from "../swarm/load/recorder.ts";
import type { BenchmarkRow } from "./measure.ts";

const SECONDS = 3;
const ROUNDS = 3;

/**
 * The load generator beside wrk (a C program, Debian's package) on the same server, in turns: what it costs shows in
 * how many requests it gets out, and in the latency that it adds. And what an open loop reports of a server that
 * takes 200 ms for every answer.
 */
export async function benchLoad(): Promise<BenchmarkRow[]> {
  const { origin, stop } = await startServer();
  try {
    return [
      ...await besideWrk(origin, 4),
      ...await besideWrk(origin, 32),
      await knownLatency(`${origin}/slow`),
    ];
  } finally {
    await stop();
  }
}

async function besideWrk(origin: string, users: number): Promise<BenchmarkRow[]> {
  const ours: Measured[] = [];
  const theirs: WrkFigures[] = [];
  // In turns, so that a slow spell of the machine hits both.
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await measure(origin, { kind: "closed", users, waitLeast: 0, waitMost: 0 }));
    const figures = await wrk(origin, users);
    if (figures !== null) theirs.push(figures);
  }
  const peer = (pick: (figures: WrkFigures) => number) =>
    theirs.length === 0 ? {} : { alternative: "wrk -t1", theirs: median(theirs.map(pick)) };
  const workload = `closed loop, ${users} users, server on the same machine`;
  return [{
    suite: "load",
    workload: `${workload}: requests`,
    ours: median(ours.map(({ requestsPerSecond }) => requestsPerSecond)),
    unit: "requests/s",
    better: "higher",
    ...peer(({ rate }) => rate),
  }, {
    suite: "load",
    workload: `${workload}: median latency`,
    ours: median(ours.map(({ latency }) => latency!.percentiles["p50"]!)),
    unit: "us",
    better: "lower",
    ...peer(({ p50 }) => p50),
  }];
}

async function knownLatency(url: string): Promise<BenchmarkRow> {
  const measured = await measure(url, { kind: "open", rate: 100 });
  return {
    suite: "load",
    workload: `open loop, 100/s, a server that takes 200 ms: p99${
      measured.void === null ? "" : ` (void: ${measured.void})`
    }`,
    ours: measured.latency!.percentiles["p99"]! / 1000,
    unit: "ms",
    better: "lower",
    alternative: "true latency",
    theirs: 200,
  };
}

async function measure(url: string, loop: Loop): Promise<Measured> {
  const plan = checkLoadPlan({
    targets: [targetOf(url, { method: "GET", path: "/", headers: {} })],
    loop,
    warmUp: 1,
    duration: SECONDS,
    repeats: 1,
    timeout: 10,
    seed: 1,
  });
  return (await loadInProcess(plan, new AbortController().signal)).total[0]!;
}

interface WrkFigures {
  readonly rate: number;
  /** Microseconds. */
  readonly p50: number;
}

/** What wrk measures; null if it is not installed. */
async function wrk(url: string, connections: number): Promise<WrkFigures | null> {
  const args = ["-t1", `-c${connections}`, `-d${SECONDS}`, "--latency", url];
  try {
    const { success, stdout } = await new Deno.Command("wrk", { args, stderr: "null" }).output();
    const text = new TextDecoder().decode(stdout);
    const rate = /Requests\/sec:\s+([\d.]+)/.exec(text)?.[1];
    const p50 = /50%\s+([\d.]+)(us|ms|s)/.exec(text);
    if (!success || rate === undefined || p50 === null) return null;
    const unit = { us: 1, ms: 1000, s: 1_000_000 }[p50[2]!]!;
    return { rate: Number(rate), p50: Number(p50[1]) * unit };
  } catch {
    return null;
  }
}

async function startServer(): Promise<{ origin: string; stop: () => Promise<void> }> {
  const script = new URL("./peers/server.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-net=127.0.0.1", script],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  return {
    origin: `http://127.0.0.1:${Number(value)}`,
    stop: async () => {
      child.kill();
      await reader.cancel();
      await child.status;
    },
  };
}

function median(samples: readonly number[]): number {
  return [...samples].sort((a, b) => a - b)[samples.length >> 1]!;
}
