import assert from "node:assert/strict";
import { InputError, NO_RULES, uniformCluster } from "../../domain/mod.ts";
import { readTrace, writeTrace } from "./csv.ts";
import { drawTrace, MOST_EVENTS, type TraceRates } from "./draw.ts";
import { momentsOf, type Trace } from "./trace.ts";

const APPS = ["web", "=store"];
const NAMES = { apps: APPS, nodes: 3 };
const RATES: TraceRates = {
  hours: 200,
  start: [4, 2],
  arrivals: [1, 0.5],
  stay: [8, 4],
  untilFailure: 20,
  untilReturn: 5,
};

Deno.test("a seed draws the same trace again, another seed another one", () => {
  assert.deepEqual(drawTrace(RATES, 3, 7), drawTrace(RATES, 3, 7));
  assert.notDeepEqual(drawTrace(RATES, 3, 7), drawTrace(RATES, 3, 8));
});

Deno.test("events come as often as their rates say", () => {
  const { events } = drawTrace({ ...RATES, hours: 5000 }, 3, 1);
  const count = (kind: string, app?: number) =>
    events.filter((event) =>
      event.kind === kind && event.hours > 0 &&
      (app === undefined || "app" in event && event.app === app)
    ).length;
  // Poisson: 5 deviations around the mean are missed once in a million seeds.
  const near = (found: number, mean: number) =>
    assert.ok(Math.abs(found - mean) < 5 * Math.sqrt(mean), `${found} for ${mean}`);
  near(count("arrive", 0), 5000);
  near(count("arrive", 1), 2500);
  // Whoever comes goes: those at the end are a few.
  near(count("depart", 0), 5000);
  // Each node is up for 20 hours and down for 5.
  near(count("fail"), 3 * 5000 / 25);
});

Deno.test("a drawn trace can happen, and is the same again from its file", () => {
  for (let seed = 0; seed < 20; seed++) {
    const trace = drawTrace(RATES, 3, seed);
    const text = writeTrace(trace, APPS);
    assert.deepEqual(readTrace(text, NAMES, "t.csv"), trace);
    assert.equal(momentsOf(trace, setting(1)).at(0)!.hours, 0);
  }
});

Deno.test("rates that are none are refused, and those that would not end", () => {
  for (
    const wrong of [
      { hours: 0 },
      { hours: Infinity },
      { start: [1, -1] },
      { arrivals: [NaN, 1] },
      { stay: [0, 1] },
      { untilFailure: 0 },
      { arrivals: [MOST_EVENTS, 1] },
    ]
  ) {
    assert.throws(() => drawTrace({ ...RATES, ...wrong }, 3, 1), InputError, JSON.stringify(wrong));
  }
});

function setting(capacity: number) {
  return { apps: APPS, cluster: uniformCluster(3, capacity), rules: NO_RULES };
}

Deno.test("those that came last wait where slots are too few, and run once there is room", () => {
  const trace: Trace = {
    hours: 10,
    events: [
      { hours: 1, kind: "arrive", app: 0, count: 4 },
      { hours: 2, kind: "arrive", app: 1, count: 2 },
      { hours: 3, kind: "fail", node: 2 },
      { hours: 4, kind: "depart", app: 0, count: 1 },
      { hours: 5, kind: "return", node: 2 },
      { hours: 5, kind: "arrive", app: 1, count: 1 },
    ],
  };
  assert.deepEqual(momentsOf(trace, setting(2)), [
    { hours: 0, demand: [0, 0], waiting: [0, 0], down: [] },
    { hours: 1, demand: [4, 0], waiting: [0, 0], down: [] },
    { hours: 2, demand: [4, 2], waiting: [0, 0], down: [] },
    { hours: 3, demand: [4, 0], waiting: [0, 2], down: [2] },
    { hours: 4, demand: [3, 1], waiting: [0, 1], down: [2] },
    { hours: 5, demand: [3, 3], waiting: [0, 0], down: [] },
  ]);
  // A fenced node gives no slots, up or down.
  const fenced = { ...setting(2), rules: { ...NO_RULES, fencedNodes: [2] } };
  assert.deepEqual(momentsOf(trace, fenced).map(({ waiting }) => waiting[1]), [0, 0, 2, 2, 1, 2]);
});

Deno.test("events that cannot happen are refused with their hours", () => {
  const at = (...events: Trace["events"]) => () => momentsOf({ hours: 9, events }, setting(2));
  const depart = { hours: 2, kind: "depart", app: 0, count: 1 } as const;
  const fail = { hours: 3, kind: "fail", node: 1 } as const;
  assert.throws(at(depart), /At 2 hours: 1 of web depart, but there are 0/);
  assert.throws(at(fail, fail), /At 3 hours: n1 fails, but is down already/);
  assert.throws(at({ ...fail, kind: "return" }), /n1 returns, but is not down/);
  assert.throws(at({ ...fail, node: 3 }), /Node 3 does not exist/);
  assert.throws(at(fail, { ...depart, kind: "arrive" }), /at 2 hours: it must be at 3 to 9/);
  assert.throws(at({ ...fail, hours: 10 }), /it must be at 0 to 9/);
  assert.throws(at({ ...depart, kind: "arrive", count: 0.5 }), /whole number, at least 1/);
});

const HEADER = "hours,event,app,count,node\n";
const BAD: readonly [string, string, RegExp][] = [
  ["another header", "hours,event\n1,end\n", /t\.csv: its header must be hours,event,app,count,/],
  ["no events", HEADER, /t\.csv: has no events/],
  ["no hours", `${HEADER},end,,,\n`, /line 2, column hours: must be a number, at least 0: got ""/],
  ["hours that fall", `${HEADER}2,arrive,web,1,\n1,end,,,\n`, /line 3.* 2 as on the line before/],
  ["an unknown event", `${HEADER}1,arive,web,1,\n`, /line 2: .*"arive": did you mean arrive\?/],
  ["an unknown app", `${HEADER}1,arrive,wob,1,\n`, /line 2: .*"wob": did you mean web\?/],
  ["no count", `${HEADER}1,arrive,web,,\n`, /line 2: A count must be a whole number/],
  ["half a container", `${HEADER}1,arrive,web,0.5,\n`, /line 2: A count .* got 0\.5/],
  ["a node that is not there", `${HEADER}1,fail,,,n3\n`, /line 2: .*"n3": nodes are n0 to n2/],
  ["a node for an app", `${HEADER}1,arrive,web,1,n0\n`, /column node: must be empty for arrive/],
  ["an app that fails", `${HEADER}1,fail,web,,n0\n`, /column app: must be empty for fail/],
  ["more that go than there are", `${HEADER}1,depart,web,1,\n`, /line 2: 1 of web depart/],
  ["events after the end", `${HEADER}1,end,,,\n2,end,,,\n`, /line 3: comes after the end/],
  ["no time", `${HEADER}0,arrive,web,1,\n`, /ends at 0 hours: add a line such as 24,end/],
];
for (const [what, text, message] of BAD) {
  Deno.test(`a trace file with ${what} is refused by its line`, () => {
    assert.throws(
      () => readTrace(text, NAMES, "t.csv"),
      (error) => error instanceof InputError && message.test(error.message),
    );
  });
}

Deno.test("a trace without a last line ends with its last event", () => {
  const text = `${HEADER}1.5,arrive,'=store,2,\n3,fail,,,n2\n`;
  assert.deepEqual(readTrace(text, NAMES, "t.csv"), {
    hours: 3,
    events: [
      { hours: 1.5, kind: "arrive", app: 1, count: 2 },
      { hours: 3, kind: "fail", node: 2 },
    ],
  });
});
