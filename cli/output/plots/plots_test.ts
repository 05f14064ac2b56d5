import assert from "node:assert/strict";
import { NO_RULES, placementFromRows, type Problem, uniformCluster } from "../../../domain/mod.ts";
import { runCli } from "../../run.ts";
import { memoryContext } from "../../_testing.ts";
import { type ComparedRun, comparisonPlot } from "./comparison.ts";
import { drawnGroups, nodeRanges, placementSvg } from "./placement.ts";
import { predictedPlot } from "./predicted.ts";
import { regretLine, regretPlot } from "./regret.ts";
import { sparkline } from "./sparkline.ts";
import { inkOn } from "./svg.ts";

/** Nodes 0 and 2 hold the same; node 3 is fenced. */
const ROWS = [[2, 0], [1, 1], [2, 0], [0, 0]];
const PROBLEM: Problem = {
  apps: ["web", "a<b"],
  cluster: uniformCluster(4, 3),
  demand: [5, 1],
  rules: { ...NO_RULES, maxPerNode: [null, null], fencedNodes: [3] },
};

/** How often a text occurs in another. */
function times(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** Every tag that is opened is closed, in order: what a browser asks of an image. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, closing, name, self] of svg.matchAll(/<(\/?)(\w+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing) assert.equal(open.pop(), name);
    else if (!self) open.push(name!);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
}

Deno.test("placementSvg draws every container and every free slot, a card for each node", () => {
  const svg = placementSvg(PROBLEM, placementFromRows(ROWS), { title: "t" });
  assertWellFormed(svg);
  assert.equal(times(svg, 'class="card"'), 4);
  // 4 nodes of 3 slots hold 6 containers.
  assert.equal(times(svg, 'class="empty"'), 6);
  // 5 of the app and its entry in the legend.
  assert.equal(times(svg, ">A</text>"), 6);
  assert.ok(svg.includes("a&lt;b (1)"));
  assert.ok(svg.includes(">fenced</text>"));
});

Deno.test("placementSvg draws equal nodes once where there are many", () => {
  const svg = placementSvg(PROBLEM, placementFromRows(ROWS), { title: "t", individually: 3 });
  assert.equal(times(svg, 'class="card"'), 3);
  assert.ok(svg.includes(">× 2</text>"));
  assert.ok(svg.includes("<title>nodes 0, 2: 2 web</title>"));
});

Deno.test("drawnGroups puts the most frequent first and fenced nodes last", () => {
  const groups = drawnGroups(PROBLEM, placementFromRows(ROWS));
  assert.deepEqual(groups.map(({ nodes, fenced }) => [nodes, fenced]), [
    [[0, 2], false],
    [[1], false],
    [[3], true],
  ]);
});

Deno.test("nodeRanges joins neighbours", () => {
  assert.equal(nodeRanges([0, 1, 2, 5, 7, 8]), "0-2, 5, 7-8");
});

Deno.test("metis plan show draws a plan for a terminal, as an image and as JSON", async () => {
  const plan = JSON.stringify({ apps: PROBLEM.apps, placement: ROWS, capacity: 3 });
  const show = async (...args: string[]) => {
    const context = memoryContext({ args: ["plan", "show", ...args], files: { "p.json": plan } });
    assert.equal(await runCli(context), 0, context.talk());
    return context;
  };
  const text = (await show("p.json")).output();
  assert.match(text, /^A=web \(5\) {2}B=a<b \(1\)$/m);
  assert.match(text, /^AA\. +2 +0, 2$/m);
  assert.match(text, /^AB\. +1 +1$/m);
  const drawn = await show("p.json", "--svg", "p.svg");
  assertWellFormed(String(drawn.files.get("p.svg")));
  const { groups } = JSON.parse((await show("p.json", "--json")).output());
  assert.deepEqual(groups[0].nodes, [0, 2]);
});

Deno.test("metis plan show colours slots on a terminal without moving a column", async () => {
  const plan = JSON.stringify({ apps: PROBLEM.apps, placement: ROWS, capacity: 3 });
  const draw = async (isTerminal: boolean): Promise<string> => {
    const files = { "p.json": plan };
    const context = memoryContext({ args: ["plan", "show", "p.json"], files, isTerminal });
    assert.equal(await runCli(context), 0);
    return context.output();
  };
  const coloured = await draw(true);
  assert.ok(coloured.includes("\x1b[48;2;0;114;178;97mAA\x1b[0m."));
  const plain = coloured.split("\x1b[").map((part, at) =>
    at === 0 ? part : part.replace(/^[\d;]*m/, "")
  );
  assert.equal(plain.join(""), await draw(false));
});

Deno.test("comparisonPlot puts the better scheduler further right, and shows means", () => {
  const run = (scheduler: string, mean: number): ComparedRun => (
    { scheduler, mean, gap: null, worst: null, seconds: 0 }
  );
  const svg = comparisonPlot("t", [run("low", 0.5), run("high", 1), run("high", 2)]);
  assertWellFormed(svg);
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)"[^>]*class="dot"/g)].map(([, x]) =>
    Number(x)
  );
  // Two schedulers in the panels of throughput and seconds; the others have no figures.
  assert.equal(dots.length, 4);
  assert.ok(dots[0]! < dots[1]!);
  assert.ok(svg.includes(">1.5000</text>"));
});

Deno.test("metis compare --plot draws what it prints", async () => {
  const files = { "p.csv": "a,b,rps:a,rps:b\n1,0,1,\n0,1,,1\n1,1,0.9,1.2\n" };
  const args = "compare --profile p.csv --nodes 2 --capacity 2 --demand 2,2 --plot c.svg " +
    "--schedulers greedy,spread";
  const context = memoryContext({ args: args.split(" "), files });
  assert.equal(await runCli(context), 0, context.talk());
  const svg = String(context.files.get("c.svg"));
  assertWellFormed(svg);
  const [, mean] = /^greedy +([\d.]+)/m.exec(context.output())!;
  assert.ok(svg.includes(`>${mean}</text>`), svg);
});

Deno.test("metis compare --frontier tells and draws the best mean above each floor", async () => {
  // Together a is fast and b slow: 1.9 + 0.6 on each of two nodes; apart 0.8 or 0.7 each, or 1 alone.
  const files = {
    "t.csv": "a,b,rps:a,rps:b\n1,0,1,\n0,1,,1\n2,0,0.8,\n0,2,,0.7\n1,1,1.9,0.6\n",
  };
  const line = "compare --table t.csv --nodes 3 --capacity 2 --demand 2,2 --schedulers greedy";
  const run = async (more: string) => {
    const context = memoryContext({ args: [...line.split(" "), ...more.split(" ")], files });
    return { code: await runCli(context), context };
  };
  const { frontier } = JSON.parse((await run("--frontier 3 --json")).context.output());
  // The fairest shares a node among the two of a: (0.8 + 0.8 + 1 + 1) / 4. Floors step from 0.6 to 0.8.
  const fairest = [0.9, 0.8, true];
  assert.deepEqual(
    frontier.map(({ floor, mean, worst, proven }: Record<string, number>) => [
      ...[floor, mean].map((value) => Number(value!.toFixed(9))),
      ...[worst, proven],
    ]),
    [[0, 1.25, 0.6, true], [0.7, ...fairest], [0.8, ...fairest]],
  );
  const { code, context } = await run("--frontier --plot f.svg");
  assert.equal(code, 0, context.talk());
  assert.match(context.output(), /^ +none +1\.2500 +0 \(proven\) +0\.0 % +0\.6000 b +0\.6000$/m);
  const svg = String(context.files.get("f.svg"));
  assertWellFormed(svg);
  // The eight rungs of a frontier without a number, in both panels, and greedy in each.
  assert.equal(times(svg, 'r="3.5"'), 16);
  assert.equal(times(svg, ">greedy</text>"), 2);
});

Deno.test("regretPlot and regretLine show how the bound falls", () => {
  const points = [[10, 0.2], [20, 0.1], [30, 0.05]].map(([measurements, regretBound]) => (
    { measurements: measurements!, regretBound: regretBound! }
  ));
  const svg = regretPlot("t", points, 0.04);
  assertWellFormed(svg);
  const heights = [...svg.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  assert.equal(heights.length, 3);
  assert.ok(heights[0]! < heights[1]! && heights[1]! < heights[2]!);
  assert.ok(svg.includes("target 4 %"));
  assert.equal(regretLine(points), "regret bound 20 % █▅▃ 5 % after 30 measurements");
  assert.equal(regretLine([]), "");
  assertWellFormed(regretPlot("t", []));
});

Deno.test("predictedPlot draws a dot for each present value, on the diagonal where the model is right", () => {
  const profile = {
    apps: ["web", "a<b"],
    rows: 3,
    counts: Uint8Array.from([1, 0, 2, 1, 0, 0]),
    rps: Float64Array.from([1, 0, 0.5, 0.8, 0, 0]),
  };
  const predicted = Float64Array.from([1, 9, 0.7, 0.8, 9, 9]);
  const svg = predictedPlot("t", profile.apps, [{ profile, predicted }]);
  assertWellFormed(svg);
  const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)]
    .map(([, x, y]) => [Number(x), Number(y)] as const);
  assert.equal(dots.length, 3);
  // The diagonal of the first panel: x - left of the panel = bottom - y.
  const [, x1, y1, x2] = /<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)"[^>]*dasharray/.exec(svg)!
    .map(Number);
  const above = dots.slice(0, 2).map(([x, y]) => (y1! - y) - (x - x1!));
  // Right, and 0.2 too hopeful, where 200 pixels are from 0 to 1.
  assert.deepEqual(above.map(Math.round), [0, 40]);
  assert.equal(x2! - x1!, 200);
  assert.ok(svg.includes("error 0.1000") && svg.includes("a&lt;b"));
  assertWellFormed(predictedPlot("t", ["a"], []));
});

Deno.test("sparkline averages neighbours where there is no room, and keeps to a given range", () => {
  assert.equal(sparkline([0, 7]), "▁█");
  assert.equal(sparkline([0, 0, 8, 8], 2), "▁█");
  assert.equal(sparkline([1, 1]), "▅▅");
  assert.equal(sparkline([5], 10, [0, 10]), "▅");
  assert.equal(sparkline([NaN]), "");
});

Deno.test("inkOn keeps text readable on light and dark colours", () => {
  assert.deepEqual(["#ffffff", "#e69f00", "#0072b2", "#000000"].map(inkOn), [
    "#000",
    "#000",
    "#fff",
    "#fff",
  ]);
});
