import assert from "node:assert/strict";
import { fitNames } from "../../models/mod.ts";
import { defaultRegistry } from "../../registry.ts";
import { FIT_NAMES, SCHEDULER_NAMES } from "./names.ts";

Deno.test("SCHEDULER_NAMES are those of the default registry", () => {
  assert.deepEqual(SCHEDULER_NAMES, defaultRegistry().names());
});

Deno.test("FIT_NAMES are those of the models", () => {
  assert.deepEqual(FIT_NAMES, fitNames());
});
