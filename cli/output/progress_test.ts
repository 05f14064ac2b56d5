import assert from "node:assert/strict";
import { Talk } from "./progress.ts";
import { memoryContext } from "../_testing.ts";

Deno.test("Talk.step() draws a bar only after a second, and clear() takes it away", () => {
  const context = memoryContext({ isTerminal: true });
  const talk = new Talk(context, false);
  talk.step({ fraction: 0.1, text: "early" });
  assert.equal(context.talk(), "");
  context.wait(1.5);
  talk.step({ fraction: 0.5, text: "annealing" });
  assert.equal(context.talk(), "\r\x1b[K[##########..........]  50 % annealing");
  talk.clear();
  talk.clear();
  assert.ok(context.talk().endsWith("annealing\r\x1b[K"));
  assert.equal(context.output(), "");
});

Deno.test("Talk.step() draws at most ten times a second", () => {
  const context = memoryContext({ isTerminal: true });
  const talk = new Talk(context, false);
  context.wait(2);
  for (let step = 0; step < 100; step++) talk.step({ fraction: null, text: "x" });
  assert.equal(context.talk(), "\r\x1b[Kx");
});

Deno.test("Talk.step() keeps its line shorter than the terminal", () => {
  const context = memoryContext({ isTerminal: true, columns: 40 });
  const talk = new Talk(context, false);
  context.wait(2);
  talk.step({ fraction: 1, text: "t".repeat(100) });
  assert.equal(context.talk().length, "\r\x1b[K".length + 39);
});

Deno.test("Talk.step() writes a line every ten seconds where nobody watches", () => {
  const context = memoryContext({ isTerminal: false });
  const talk = new Talk(context, false);
  context.wait(5);
  talk.step({ fraction: 0.5, text: "annealing" });
  assert.equal(context.talk(), "");
  context.wait(5);
  talk.step({ fraction: 0.625, text: "annealing" });
  talk.step({ fraction: 0.7, text: "annealing" });
  assert.equal(context.talk(), "annealing (62 %)\n");
  // A notice is a sign of life, too.
  context.wait(9);
  talk.notice("half");
  context.wait(9);
  talk.step({ fraction: null, text: "proving" });
  assert.equal(context.talk(), "annealing (62 %)\nhalf\n");
  context.wait(1);
  talk.step({ fraction: null, text: "proving" });
  assert.ok(context.talk().endsWith("half\nproving\n"));
});

Deno.test("Talk with quiet says nothing at all", () => {
  const context = memoryContext({ isTerminal: true });
  const talk = new Talk(context, true);
  context.wait(5);
  talk.step({ fraction: 0.5, text: "annealing" });
  talk.notice("skipped rt_50");
  assert.equal(context.talk(), "");
});

Deno.test("Talk.notice() takes the bar away before its line", () => {
  const context = memoryContext({ isTerminal: true });
  const talk = new Talk(context, false);
  context.wait(2);
  talk.step({ fraction: null, text: "fitting" });
  talk.notice("skipped\nrt_50");
  assert.ok(context.talk().endsWith("fitting\r\x1b[Kskipped\\x0art_50\n"));
});
