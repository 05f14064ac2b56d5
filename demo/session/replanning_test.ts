import assert from "node:assert/strict";
import {
  changeOf,
  type InterferenceModel,
  type MovePoint,
  NO_RULES,
  orderSteps,
  type Problem,
  uniformCluster,
} from "../../mod.ts";
import type { PlaceWorkerMethods } from "../worker/protocol.ts";
import { type CallContext, serveCalls, WorkerClient } from "../worker/rpc.ts";
import { Replanning } from "./replanning.ts";

/** Containers run at 1 / (containers on their node). */
const model: InterferenceModel = {
  kind: "test",
  apps: ["a"],
  predict: (counts) => Float64Array.from(counts, (count) => count === 0 ? 0 : 1 / count),
};
const problem: Problem = {
  apps: ["a"],
  cluster: uniformCluster(4, 4),
  demand: [4],
  rules: NO_RULES,
};
const RUNS = placementOf(4, 0, 0, 0);

/** The first move brings 1; the second too; the third a bit less than it could. */
const POINTS = [[4, 0, 0, 0], [3, 1, 0, 0], [2, 1, 1, 0], [1, 1, 1, 1]].map((counts, moves) =>
  pointOf(moves, counts, [1, 2, 2.9, 3][moves]!)
);

function placementOf(...counts: number[]) {
  return { nodes: counts.length, apps: 1, counts: Uint8Array.from(counts) };
}

function pointOf(moves: number, counts: readonly number[], total: number): MovePoint {
  const placement = placementOf(...counts);
  const change = changeOf(problem, RUNS, placement);
  return { moves, change, placement, total, boundTotal: total, proven: true };
}

/** A replanning whose worker finds what a test says, when it says so. */
async function withReplanning(
  test: (
    replanning: Replanning,
    search: () => Promise<CallContext<MovePoint> & { end(complete: boolean): void }>,
    changed: () => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  let asked = Promise.withResolvers<CallContext<MovePoint> & { end(complete: boolean): void }>();
  serveCalls<Pick<PlaceWorkerMethods, "frontier" | "steps">>(port2, {
    async frontier(_request, context) {
      const reply = Promise.withResolvers<boolean>();
      asked.resolve({ ...context, end: reply.resolve });
      return { complete: await reply.promise };
    },
    steps: ({ current, next, lost, ...parts }) =>
      orderSteps({ apps: problem.apps, ...parts }, current, next, { lost }),
  });
  let told = Promise.withResolvers<void>();
  const client = new WorkerClient<PlaceWorkerMethods>(port1 as unknown as Worker);
  const replanning = new Replanning(client, () => {
    told.resolve();
    told = Promise.withResolvers<void>();
  });
  const search = async () => {
    asked = Promise.withResolvers();
    return await asked.promise;
  };
  try {
    await test(replanning, search, () => told.promise);
  } finally {
    port1.close();
    port2.close();
  }
}

Deno.test("Replanning shows the newest point until all are known, then the knee, and replays its steps", async () => {
  await withReplanning(async (replanning, search, changed) => {
    replanning.take("spread", problem, RUNS, model);
    assert.deepEqual(replanning.shown(), {
      ...RUNS,
      throughputs: Float64Array.of(1, 0, 0, 0),
      mean: 0.25,
    });
    const asked = search();
    const found = replanning.search();
    const { tell, end } = await asked;
    for (const [at, point] of POINTS.entries()) {
      tell(point);
      await changed();
      assert.deepEqual([replanning.at, replanning.searching], [at, true]);
    }
    end(true);
    await found;
    assert.deepEqual([replanning.at, replanning.searching], [2, false]);
    assert.deepEqual(replanning.gains.map(({ share }) => share), [0, 0.5, 0.95, 1]);
    const { playback } = replanning;
    assert.deepEqual([playback.step, playback.last], [2, 2]);
    const seen = [0, 1, 2].map((step) => {
      playback.seek(step);
      return [...replanning.shown()!.counts].toSorted();
    });
    assert.deepEqual(seen, [[0, 0, 0, 4], [0, 0, 1, 3], [0, 1, 1, 2]]);
  });
});

Deno.test("Replanning keeps what a person chose, with its steps, while the search goes on", async () => {
  await withReplanning(async (replanning, search, changed) => {
    replanning.take("spread", problem, RUNS, model);
    const asked = search();
    const found = replanning.search();
    const { tell, end } = await asked;
    tell(POINTS[0]!);
    await changed();
    tell(POINTS[1]!);
    await changed();
    await Promise.all([replanning.choose(0), replanning.choose(1)]);
    assert.equal(replanning.steps!.steps.length, 1);
    tell(POINTS[2]!);
    await changed();
    assert.deepEqual([replanning.at, replanning.points.length], [1, 3]);
    end(false);
    await found;
    assert.deepEqual([replanning.at, replanning.complete], [1, false]);
  });
});

Deno.test("Replanning drops what it is told of a problem that has changed, and keeps what runs", async () => {
  await withReplanning(async (replanning, search, changed) => {
    replanning.take("spread", problem, RUNS, model);
    const asked = search();
    const found = replanning.search();
    const { tell, end, signal } = await asked;
    tell(POINTS[0]!);
    await changed();
    const aborted = new Promise((resume) => signal.addEventListener("abort", resume));
    replanning.follow({ ...problem, cluster: uniformCluster(5, 4), demand: [5] });
    await aborted;
    tell(POINTS[1]!);
    end(true);
    await found;
    assert.deepEqual([replanning.points, replanning.searching], [[], false]);
    assert.deepEqual(replanning.current!.joined, [4]);
    assert.deepEqual([...replanning.shown()!.counts], [4, 0, 0, 0, 0]);
    replanning.forget();
    assert.deepEqual([replanning.name, replanning.shown()], [null, null]);
  });
});
