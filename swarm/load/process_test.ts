import assert from "node:assert/strict";
import { generatorCommand } from "./process.ts";
import { WORKER_WORD } from "./worker_word.ts";

Deno.test("the generator is started where it is asked to be, from its module or as the binary itself", () => {
  const placed = generatorCommand({ cpus: "1", realtime: true });
  assert.deepEqual(placed.slice(0, 6), ["chrt", "--rr", "1", "taskset", "-c", "1"]);
  assert.deepEqual(placed.slice(6, 8), [Deno.execPath(), "run"]);
  assert.match(placed.at(-1)!, /\/swarm\/load\/worker\.ts$/);
  assert.deepEqual(generatorCommand({}, true), [Deno.execPath(), WORKER_WORD]);
});
