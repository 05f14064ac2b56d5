import assert from "node:assert/strict";
import { InputError } from "../domain/mod.ts";
import { readTraffic } from "./mod.ts";

const APPS = ["web", "cache", "log"];

Deno.test("traffic is read as pairs of indices, in either order", () => {
  const text = "app,app,traffic\nlog,web,0.5\r\nweb,cache,12\n";
  assert.deepEqual(readTraffic(text, APPS, "t.csv"), [
    { a: 2, b: 0, traffic: 0.5 },
    { a: 0, b: 1, traffic: 12 },
  ]);
  assert.deepEqual(readTraffic("app,app,traffic\n", APPS, "t.csv"), []);
});

Deno.test("what is wrong with traffic is named by file and line", () => {
  const attempts: [string, RegExp][] = [
    ["", /t.csv: is empty/],
    ["a,b,traffic\n", /t.csv: the first line must be app,app,traffic/],
    ["app,app,traffic\nweb,cash,1\n", /line 2: unknown app "cash": did you mean cache\?/],
    ["app,app,traffic\nweb,web,1\n", /line 2: web is paired with itself/],
    ["app,app,traffic\nweb,log,1\nlog,web,2\n", /line 3: repeats the pair of line 2: add them up/],
    ["app,app,traffic\nweb,log,0\n", /line 2: traffic must be a number above 0: got 0/],
    ["app,app,traffic\nweb,log,\n", /got nothing/],
    ["app,app,traffic\nweb,log,inf\n", /got inf/],
    ["app,app,traffic\nweb,log,much\n", /line 2: "much" is not a number/],
  ];
  for (const [text, message] of attempts) {
    assert.throws(
      () => readTraffic(text, APPS, "t.csv"),
      (error) => error instanceof InputError && message.test(error.message),
      text,
    );
  }
});
