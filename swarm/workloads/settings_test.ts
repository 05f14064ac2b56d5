import assert from "node:assert/strict";
import { UsageError } from "../../domain/errors.ts";
import { number, readSettings, text } from "./settings.ts";

const SETTINGS = {
  COUNT: number(3, "how many"),
  SHARE: number(0.5, "how much", { min: 0, fraction: true }),
  NAME: text("nobody", "who"),
} as const;

Deno.test("settings come from the environment, else are the defaults", () => {
  const env: Record<string, string> = { COUNT: "7", SHARE: "0.25", NAME: "" };
  assert.deepEqual(readSettings(SETTINGS, (name) => env[name]), {
    COUNT: 7,
    SHARE: 0.25,
    NAME: "nobody",
  });
});

Deno.test("a value that cannot be is refused by the name of its variable", () => {
  for (const bad of ["0", "1.5", "many", "-3", "1e999"]) {
    assert.throws(
      () => readSettings(SETTINGS, (name) => name === "COUNT" ? bad : undefined),
      (error) => error instanceof UsageError && /^COUNT must be a whole number/.test(error.message),
    );
  }
});
