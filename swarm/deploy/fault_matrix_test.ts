/**
 * Every call that a deployment makes, each way in which it can go wrong, at its first, middle and last time:
 * each case ends converged, rolled back, or in a named outcome, and the same command again converges.
 */
import assert from "node:assert/strict";
import { MetisError } from "../../domain/errors.ts";
import { carryOut, deployed, target, whatRuns } from "../testing/_deployments.ts";
import type { Fault, Script } from "../testing/_fake_engine.ts";

/** From old to new, services are removed, scaled down and up, updated and created. */
const OLD = [[2, 1, 0], [1, 0, 3], [0, 2, 1]];
const NEW = [[1, 1, 0], [0, 2, 4], [2, 0, 1]];

const CALLS = [
  "POST /configs/create",
  "GET /configs",
  "GET /nodes",
  "GET /services",
  "GET /tasks",
  "GET /images/json",
  "DELETE /services/{id}",
  "POST /services/{id}/update",
  "POST /services/create",
  "DELETE /configs/{id}",
];
const FAULTS: readonly Fault[] = [
  "refused",
  "cut-before",
  "cut-after",
  "no-leader",
  "out-of-sequence",
  "lost-leader-after",
  "garbage",
  "wrong-form",
];

interface Ending {
  readonly code: number;
  readonly message: string;
}

async function run(script: readonly Script[]) {
  const { swarm, clock } = await deployed(OLD);
  const before = whatRuns(swarm);
  swarm.script = script;
  const attempt = async (): Promise<Ending> => {
    try {
      await carryOut(swarm.client(), target(swarm.client(), NEW, "2"), clock);
      return { code: 0, message: "" };
    } catch (error) {
      assert.ok(error instanceof MetisError, `no error of ours: ${error}`);
      return { code: error.exitCode, message: error.message };
    }
  };
  const first = await attempt();
  const { fired } = swarm;
  const calls = [...swarm.calls];
  const left = whatRuns(swarm);
  swarm.script = [];
  const second = await attempt();
  return { swarm, before, first, fired, calls, left, second, after: whatRuns(swarm) };
}

Deno.test("without a fault, a deployment makes the calls of the matrix and converges", async () => {
  const { first, second, calls } = await run([]);
  assert.deepEqual([first.code, second.code], [0, 0]);
  assert.deepEqual([...new Set(calls)].sort(), [...CALLS].sort());
});

for (const call of CALLS) {
  Deno.test(`${call}: any fault at any time ends in the old state, the new one, or a named outcome`, async () => {
    const clean = await run([]);
    const count = clean.calls.filter((made) => made === call).length;
    for (const from of new Set([1, Math.ceil(count / 2), count])) {
      for (const fault of FAULTS) {
        for (const times of [1, 3]) {
          const name = `${fault} at call ${from} of ${count}, ${times} times`;
          const { first, fired, left, before, second, after, swarm } = await run([
            { call, from, times, fault },
          ]);
          assert.ok(fired > 0, `void: the fault never happened (${name})`);
          assert.ok([0, 1, 3, 5].includes(first.code), `${name}: exit code ${first.code}`);
          if (first.code === 0) assert.deepEqual(left, clean.after, name);
          else assert.ok(first.message !== "" && !first.message.includes("\n"), name);
          // Exit codes 1 and 3 promise that the Swarm is as it was.
          if (first.code === 1 || first.code === 3) assert.deepEqual(left, before, name);
          if (first.code === 5) {
            assert.match(first.message, /rollback failed as well.*by hand/, name);
          }
          assert.equal(second.code, 0, `${name}: run again: ${second.message}`);
          assert.deepEqual(after, clean.after, `${name}: run again`);
          assert.equal(swarm.configs.size, 0, `${name}: a lock is left`);
        }
      }
    }
  });
}

Deno.test("an engine that stays away fails the deployment by name, and it is taken up where it stopped", async () => {
  // Nobody needs to know beforehand whether there is an image: that call may fail as often as it likes.
  const optional = ["DELETE /configs/{id}", "GET /images/json"];
  for (const call of CALLS.filter((one) => !optional.includes(one))) {
    const { first, second, fired } = await run([{ call, times: 100_000, fault: "cut-before" }]);
    assert.ok(fired > 1, call);
    assert.ok([1, 3, 4, 5].includes(first.code), `${call}: ${first.code}`);
    assert.equal(second.code, 0, `${call}: ${second.message}`);
  }
});
