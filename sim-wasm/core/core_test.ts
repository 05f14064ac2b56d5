import assert from "node:assert/strict";
import { CORE_CONSTANTS } from "../build/core_exports.ts";
import { groupInputs } from "../metis/levels.ts";
import { plannerInputs } from "../metis/planner.ts";
import { FORBIDDEN_VALUE } from "../space/pricing.ts";
import { ruggedModel } from "../_naive.ts";
import { Simulator } from "../space/simulator.ts";
import { Core, statelessCore } from "./core.ts";
import { addressOf, coreOf } from "./core_object.ts";

Deno.test("a call of the core with an argument too few, too many or of another name does not compile", () => {
  const { functions } = new Core("core");
  const calls = [
    // @ts-expect-error: rankOf needs the address of counts.
    () => functions.rankOf(),
    // @ts-expect-error: place needs an app.
    () => functions.place(0, 1),
    // @ts-expect-error: free takes one address.
    () => functions.free(0, 1),
    // @ts-expect-error: the app of a configuration is a number.
    () => functions.placeGain(0, 0, "web"),
    // @ts-expect-error: there is no such function.
    () => functions.rankOff(0),
    () => {
      const named = { values: 0, apps: 1, capacity: 1, prices: 0, scratch: 0, buckets: 1, best: 0 };
      // @ts-expect-error: pricing takes its eight parameters by name, `ranks` is missing.
      functions.priceBest(named);
    },
    // @ts-expect-error: there is no such constant.
    () => CORE_CONSTANTS.FORBIDEN,
  ];
  assert.equal(calls.length, 7);
});

Deno.test("every function of the table is there", () => {
  const missing = Object.entries(statelessCore()).filter(([, each]) => typeof each !== "function");
  assert.deepEqual(missing, []);
});

Deno.test("whole numbers come back unsigned: the last random bit pattern is above 2^31 half of the time", () => {
  const { functions } = new Core("core");
  functions.seedRandom(1);
  const drawn = Array.from({ length: 100 }, () => functions.randomBits());
  assert.ok(drawn.every((bits) => bits >= 0));
  assert.ok(drawn.some((bits) => bits >= 2 ** 31));
});

Deno.test("the forbidden value of the table is what the core writes behind its values", () => {
  using simulator = Simulator.create({ model: ruggedModel(2, 1), capacity: 3 });
  const values = coreOf(simulator).read("f64", addressOf(simulator), simulator.configurations + 1);
  assert.equal(values.at(-1), FORBIDDEN_VALUE);
});

Deno.test("the widths of the inputs are those of the policies that come with Metis", () => {
  // 2 temperatures: 15 of a configuration, 10 of a choice, 14 of the context.
  assert.equal(plannerInputs(2), 15 + 10 + 14);
  assert.equal(groupInputs(39), 42);
});
