import assert from "node:assert/strict";
import { memoryContext } from "../_testing.ts";
import { runCli } from "../run.ts";

const ROWS = [
  "redis,web,rps:redis,rps:web",
  ...["2,0,0.9,", "0,2,,0.8", "1,1,0.9,0.7", "2,1,0.8,0.6", "1,2,0.7,0.5", "2,2,0.6,0.4"],
].join("\n") + "\n";

/** What `metis fit` says while it works, where every look at the clock is two seconds later. */
async function steps(...options: string[]): Promise<string> {
  const world = memoryContext({
    args: ["fit", "--profile", "p.csv", "--fit", "extra-trees", ...options],
    files: { "p.csv": ROWS },
    isTerminal: true,
  });
  let now = 0;
  assert.equal(await runCli({ ...world, seconds: () => now += 2 }), 0, world.talk());
  return world.talk();
}

Deno.test("metis fit says what it scores on, and nothing that it does not", async () => {
  const usual = await steps();
  assert.match(usual, /scoring on held-out rows/);
  assert.match(usual, /cross-validating/);
  assert.doesNotMatch(usual, /test profile/);
  const tested = await steps("--test", "p.csv", "--folds", "0", "--hold-out", "0");
  assert.match(tested, /scoring on the test profile/);
  assert.doesNotMatch(tested, /held-out|cross-validating/);
});
