import assert from "node:assert/strict";
import { UsageError } from "../../domain/mod.ts";
import { checkConfig, flag, learnerOptions, real, whole, withDefaults } from "./options.ts";

const OPTIONS = learnerOptions<{ units: number; rate: number; levels: boolean }>({
  units: whole(32, "units of a layer", { least: 4, most: 64, multipleOf: 4 }),
  rate: real(0.5, "step size", { above: 0, most: 1 }),
  levels: flag(false, "choose by levels"),
}, ({ units, levels }) => levels === true && units !== 32 ? ["levels need 32 units"] : []);

Deno.test("an option is said once: its default, its meaning and its range come from there", () => {
  assert.deepEqual(OPTIONS.defaults, { units: 32, rate: 0.5, levels: false });
  assert.deepEqual(OPTIONS.describe, {
    units: "units of a layer",
    rate: "step size",
    levels: "choose by levels",
  });
  assert.deepEqual(OPTIONS.validate({ ...OPTIONS.defaults }), []);
});

Deno.test("every problem of a config names its option and what it must be", () => {
  assert.deepEqual(OPTIONS.validate({ units: 70, rate: 0, levels: 1, colour: 2 }), [
    "Unknown option colour: known are units, rate, levels",
    "Option units must be a whole number, at least 4, at most 64: got 70",
    "Option units must be a multiple of 4: got 70",
    "Option rate must be a number, above 0, at most 1: got 0",
    "Option levels must be true or false: got 1",
  ]);
  assert.deepEqual(OPTIONS.validate({ units: 4.5, rate: NaN, levels: false }).length, 3);
  assert.deepEqual(OPTIONS.validate({ units: 64, rate: 1, levels: true }), [
    "levels need 32 units",
  ]);
  assert.throws(() => checkConfig(OPTIONS, { ...OPTIONS.defaults, units: 2 }), UsageError);
});

Deno.test("the same options with other defaults leave the first ones alone", () => {
  const changed = withDefaults(OPTIONS, { rate: 0.1 });
  assert.deepEqual(changed.defaults, { units: 32, rate: 0.1, levels: false });
  assert.equal(OPTIONS.defaults.rate, 0.5);
});
