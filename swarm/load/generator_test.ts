import assert from "node:assert/strict";
import { InterruptedError } from "../../domain/mod.ts";
import { jumpingClock } from "../testing/_clock.ts";
import { VirtualClock } from "../testing/_virtual_clock.ts";
import { type Client, HttpClient, type Outcome } from "./client.ts";
import { runLoad } from "./generator.ts";
import { checkLoadPlan, type LoadPlan, type LoadTarget, targetOf } from "./plan.ts";
import { failuresCsv, statsCsv } from "./report.ts";

const GET = { method: "GET", path: "/", headers: {} };

function planOf(loop: LoadPlan["loop"], more: Partial<LoadPlan> = {}): LoadPlan {
  return checkLoadPlan({
    targets: [targetOf("http://127.0.0.1:1/", GET)],
    loop,
    warmUp: 1,
    duration: 10,
    repeats: 1,
    timeout: 30,
    seed: 1,
    ...more,
  });
}

/** A target whose answers end when a function of the time says, on a clock that jumps. */
function world(
  answerAt: (now: number) => number,
  fate: (now: number) => string | null = () => null,
) {
  const clock = new VirtualClock();
  const client = (): Client => ({
    async send(): Promise<Outcome> {
      const began = clock.now();
      await clock.sleep(answerAt(began) - began);
      return { error: fate(began), bytes: 10 };
    },
    expire: () => {},
    close: () => {},
    reconnects: 0,
  });
  return { clock, client };
}

const run = (plan: LoadPlan, given: ReturnType<typeof world>) =>
  runLoad(plan, new AbortController().signal, given);

/** Asserts that a value is within a share of another. */
function close(actual: number | undefined, wanted: number, share: number, what: string): void {
  assert.ok(Math.abs(actual! - wanted) <= share * wanted, `${what}: ${actual}, not ${wanted}`);
}

Deno.test("an open loop reports 200 ms for a target that always takes 200 ms, and the rate it was told", async () => {
  const { targets: [target] } = await run(
    planOf({ kind: "open", rate: 20 }),
    world((now) => now + 200),
  );
  const measured = target!.measured[0]!;
  assert.equal(measured.requests, 200);
  assert.equal(measured.answered, 200);
  assert.equal(measured.void, null);
  for (const [name, value] of Object.entries(measured.latency!.percentiles)) {
    close(value, 200_000, 0.001, name);
  }
  close(measured.requestsPerSecond, 20, 0.001, "rate");
  assert.equal(measured.offeredPerSecond, 20);
});

Deno.test("an open loop charges a stall of 2 s to every request that was due in it", async () => {
  // 100 a second for 10 s, each 1 ms, but all due in seconds 4 to 6 of the measurement (5 to 7 on the clock) are
  // answered at its end: of 1000 latencies, 200 are spread evenly from 2000 down to 10 ms and 800 are 1 ms.
  const stall = (now: number) => now >= 5000 && now < 7000 ? 7000 : now + 1;
  const { targets: [target] } = await run(planOf({ kind: "open", rate: 100 }), world(stall));
  const { percentiles } = target!.measured[0]!.latency!;
  // The p-th percentile is the latency number 10 p from below: number 800 + k is k times 10 ms.
  for (
    const [name, wanted] of [["p50", 1000], ["p75", 1000], ["p90", 1_000_000], ["p95", 1_500_000], [
      "p99",
      1_900_000,
    ]] as const
  ) {
    close(percentiles[name], wanted, 0.01, name);
  }
  close(percentiles["p100"], 2_000_000, 0.001, "most");
});

Deno.test("users of a closed loop wait for their answers, and for their pauses", async () => {
  // 4 users, 300 ms an answer, 200 ms a pause: each sends every 500 ms, all together 8 a second.
  const { targets: [target] } = await run(
    planOf({ kind: "closed", users: 4, waitLeast: 0.2, waitMost: 0.2 }),
    world((now) => now + 300),
  );
  const measured = target!.measured[0]!;
  close(measured.requestsPerSecond, 8, 0.03, "rate");
  close(measured.latency!.percentiles["p50"], 300_000, 0.001, "p50");
  assert.equal(measured.offeredPerSecond, null);
});

Deno.test("requests that lie across an end of a measurement count by the share within", async () => {
  // 3 users, 7 s an answer, 3 measurements of 10 s: each has 3 x 10 / 7 answers, though 3 or 6 of them end in it.
  const { total } = await run(
    planOf({ kind: "closed", users: 3, waitLeast: 0, waitMost: 0 }, { repeats: 3 }),
    world((now) => now + 7000),
  );
  for (const measured of total) close(measured.requestsPerSecond, 3 / 7, 1e-9, "rate");
  // None is lost between them: begun in one of them is counted in it.
  assert.equal(total.reduce((sum, { requests }) => sum + requests, 0), 12);
});

Deno.test("failed requests are counted by kind, and are no part of the latencies", async () => {
  // Every 4th second all fail.
  const fate = (now: number) => Math.floor(now / 1000) % 4 === 0 ? "status 503" : null;
  const { targets: [target] } = await run(
    planOf({ kind: "open", rate: 10 }, { warmUp: 0, duration: 8 }),
    world((now) => now + (fate(now) === null ? 50 : 5), fate),
  );
  const measured = target!.measured[0]!;
  assert.deepEqual(measured.errors, { "status 503": 20 });
  assert.equal(measured.answered, 60);
  close(measured.latency!.least, 50_000, 0.001, "least");
  close(measured.failuresPerSecond, 2.5, 0.001, "failures");
});

Deno.test("a measurement without an answer is void, and shows no number for a latency", async () => {
  const result = await run(
    planOf({ kind: "open", rate: 10 }, { duration: 1 }),
    world((now) => now, () => "connection refused"),
  );
  const measured = result.targets[0]!.measured[0]!;
  assert.equal(measured.void, "no request was answered");
  assert.equal(measured.latency, null);
  assert.equal(JSON.stringify(result).includes("NaN"), false);
  const [, row] = statsCsv(result, 0).split("\n");
  // Type, name and counts, then nothing.
  assert.match(row!, /^GET,http:\/\/127\.0\.0\.1:1\/,10,10,+$/);
  assert.equal(
    failuresCsv(result, 0),
    "Method,Name,Error,Occurrences\nGET,http://127.0.0.1:1/,connection refused,10\n",
  );
});

Deno.test("a measurement in which the generator could not run for more than 1 % of the time is void", async () => {
  const voids = async (stalls: number, kind: LoadPlan["loop"]) => {
    const given = world((now) => now + 10);
    const plan = planOf(kind, { warmUp: 0, repeats: 2 });
    const slow = given.clock.sleep(15_000).then(() => given.clock.stall(stalls));
    const { targets: [target] } = await run(plan, given);
    await slow;
    return target!.measured.map((measured) => measured.void);
  };
  const users = { kind: "closed", users: 2, waitLeast: 0.1, waitMost: 0.1 } as const;
  // 10 s, so 100 ms are 1 %; only the second measurement has the stall in it.
  assert.deepEqual(await voids(90, users), [null, null]);
  assert.match((await voids(300, users))[1]!, /the generator fell behind by [23]\.\d %/);
  assert.equal((await voids(300, users))[0], null);
  const schedule = { kind: "open", rate: 100 } as const;
  assert.deepEqual(await voids(50, schedule), [null, null]);
  assert.match((await voids(300, schedule))[1]!, /the generator fell behind/);
});

Deno.test("CSV has locust's columns, times in milliseconds, and a line for all targets", async () => {
  const plan = planOf({ kind: "open", rate: 20 }, {
    targets: [targetOf("http://127.0.0.1:1/a", GET), targetOf("http://127.0.0.1:2/b", GET)],
  });
  const lines = statsCsv(await run(plan, world((now) => now + 200)), 0).trim().split("\n");
  assert.equal(
    lines[0],
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time," +
      "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%",
  );
  assert.match(
    lines[1]!,
    /^GET,http:\/\/127\.0\.0\.1:1\/a,200,0,200,200,200,200,10,20,0,(200,){10}200$/,
  );
  assert.match(lines[3]!, /^,Aggregated,400,0,200,200,200,200,10,40,0,/);
});

Deno.test("an abort ends the load at once", async () => {
  const given = world((now) => now + 100);
  const abort = new AbortController();
  void given.clock.sleep(3000).then(() => abort.abort());
  const plan = planOf({ kind: "open", rate: 10 });
  await assert.rejects(runLoad(plan, abort.signal, given), InterruptedError);
  // The last answer was under way: nothing waits for the end of the plan.
  assert.ok(given.clock.now() < 3200, `${given.clock.now()}`);
});

Deno.test("a real server is sent the request that was asked for, over connections that are kept", async () => {
  const seen = new Set<string>();
  const ports = new Set<number>();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request, { remoteAddr }) => {
      ports.add(remoteAddr.port);
      const { method, url, headers } = request;
      const path = new URL(url).pathname + new URL(url).search;
      seen.add(`${method} ${path} ${headers.get("x-a")} ${await request.text()}`);
      return new Response("ok");
    },
  );
  const request = { method: "POST", path: "/", headers: { "X-A": "b" }, body: "héllo" };
  // The clock stands still while an answer is on its way, so the machine may be as slow as it likes.
  let underWay = 0;
  const clock = jumpingClock(() => underWay > 0);
  const client = (target: LoadTarget): Client => {
    const real = new HttpClient(target, 30_000, () => clock.now());
    return {
      send: async () => {
        underWay++;
        return await real.send().finally(() => underWay--);
      },
      expire: (now) => real.expire(now),
      close: () => real.close(),
      reconnects: 0,
    };
  };
  const { total: [all] } = await runLoad(
    planOf({ kind: "closed", users: 3, waitLeast: 0.01, waitMost: 0.01 }, {
      targets: [targetOf(`127.0.0.1:${server.addr.port}/p?q=1`, request)],
      warmUp: 0,
      duration: 0.3,
    }),
    new AbortController().signal,
    { clock, client },
  );
  assert.deepEqual([...seen], ["POST /p?q=1 b héllo"]);
  // 3 users, a request every 10 ms for 300 ms, the first of each within the first 10 ms.
  close(all!.answered, 90, 0.04, "answers");
  assert.ok(ports.size <= 3, `${ports.size} connections`);
  assert.deepEqual(all!.errors, {});
});
