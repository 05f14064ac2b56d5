import assert from "node:assert/strict";
import { runCli } from "../run.ts";
import { memoryContext } from "../_testing.ts";

/** All configurations of two apps on two slots. Together, isr is 1.5 and redis 0.9 times as fast. */
const TABLE = `redis,isr,rps:redis,rps:isr
1,0,1,
0,1,,1
2,0,0.8,
0,2,,0.5
1,1,0.9,1.5
`;
const FILES = { "table.csv": TABLE, "demands.csv": "isr,redis\n1,1\n0,1\n" };
const SMALL = "env --table table.csv --nodes 2 --capacity 2";
const main = new URL("../main.ts", import.meta.url).pathname;

/** Runs the command on lines of input; the answers as values. */
async function talkTo(line: string, requests: readonly (object | string)[] = []) {
  const lines = requests.map((request) =>
    typeof request === "string" ? request : JSON.stringify(request)
  );
  const context = memoryContext({ args: line.split(" "), files: FILES, lines });
  const code = await runCli(context);
  const output = context.output();
  return { code, output, talk: context.talk() };
}

async function answersOf(line: string, requests: readonly (object | string)[]) {
  const { code, output, talk } = await talkTo(line, requests);
  assert.equal(code, 0, talk);
  return output.trimEnd().split("\n").map((text) => JSON.parse(text));
}

Deno.test("metis env opens with its spaces, and answers each request by one line", async () => {
  const [opening, start, first, last, plan, ...more] = await answersOf(`${SMALL} --demand 1,1`, [
    { reset: { seed: 3 } },
    { step: [1] },
    { step: [1] },
    { plan: 0 },
  ]);
  assert.deepEqual(more, []);
  assert.deepEqual([opening.protocol, opening.version], ["metis-env", 1]);
  assert.deepEqual(opening.actionSpace, { type: "discrete", n: 2 });
  assert.deepEqual(opening.observationSpace.shape, [8]);
  assert.deepEqual(opening.arrays.observations, { dtype: "uint8", shape: [1, 8] });
  // Both nodes with the arriving redis, redis arrives, one isr is to come.
  assert.deepEqual(start.observations, [[1, 0, 1, 0, 1, 0, 0, 1]]);
  assert.deepEqual(start.masks, [[1, 1]]);
  assert.deepEqual(first.observations, [[0, 1, 1, 1, 0, 1, 0, 0]]);
  assert.deepEqual([first.rewards, first.terminated, first.throughput], [[0.5], [0], [null]]);
  // redis and isr on node 1: (0.9 + 1.5) / 2.
  assert.ok(Math.abs(last.throughput[0] - 1.2) < 1e-12);
  assert.ok(Math.abs(last.rewards[0] - 0.7) < 1e-12);
  assert.deepEqual(last.terminated, [1]);
  assert.deepEqual(plan.plan.placement, [[0, 0], [1, 1]]);
  assert.ok(Math.abs(plan.plan.mean - 1.2) < 1e-12);
});

Deno.test("metis env writes the same numbers as lists and as bytes", async () => {
  const requests = [{ reset: { seed: 3 } }, { step: [0, 1] }, { step: [1, 1] }];
  const line = `${SMALL} --demands demands.csv --number 2 --autoreset same-step`;
  const [opening, ...lists] = await answersOf(line, requests);
  const [, ...bytes] = await answersOf(`${line} --encoding base64`, requests);
  const types = {
    float32: Float32Array,
    float64: Float64Array,
    uint8: Uint8Array,
    uint16: Uint16Array,
    uint32: Uint32Array,
  };
  for (const [name, form] of Object.entries(opening.arrays)) {
    const { dtype, shape } = form as { dtype: keyof typeof types; shape: number[] };
    lists.forEach((list, at) => {
      const { buffer } = Uint8Array.fromBase64(bytes[at][name]);
      const values = Array.from(new types[dtype](buffer));
      const expected = list[name].flat().map((value: number | null) => value ?? NaN);
      assert.deepEqual(values, expected, name);
      assert.equal(values.length, shape.reduce((a, b) => a * b));
    });
  }
  assert.ok(lists.some(({ terminated }) => terminated.includes(1)));
});

Deno.test("metis env answers what it cannot do by an error, changes nothing, and goes on", async () => {
  const [, early, , ...rest] = await answersOf(`${SMALL} --demand 2,1`, [
    { step: [0] },
    { reset: {} },
    { step: [2] },
    { step: [0, 0] },
    "nonsense",
    "",
    { reset: { sed: 1 } },
    { reset: {}, step: [0] },
    { reset: { demand: [9, 9] } },
    { plan: 0 },
    { plan: 7 },
    { step: [0] },
    { close: true },
    { step: [0] },
  ]);
  const errors = rest.slice(0, -1).map(({ error }) => error);
  const [name, message] = [early.error.name, early.error.message];
  assert.deepEqual([name, message], ["ResetNeededError", "Call reset before the first step"]);
  const expected = [
    ["MaskedActionError", /^Action 2 of environment 0 is masked/],
    ["ShapeError", /^Wrong length of actions: expected 1 elements, found 2$/],
    ["InputError", /^request: not JSON/],
    ["InputError", /^request: not JSON/],
    ["InputError", /^request: reset\.sed: this key is not known/],
    ["InputError", /^A request is one of reset, step, plan and close$/],
    ["InfeasibleError", /^Demand of 18 containers does not fit 4 slots/],
    ["InputError", /^Environment 0 has not finished an episode$/],
    ["InputError", /^Environment 7 does not exist$/],
  ] as const;
  assert.equal(errors.length, expected.length);
  expected.forEach(([kind, text], at) => {
    assert.equal(errors[at].name, kind);
    assert.match(errors[at].message, text);
  });
  // redis alone is worth 1, of 3 containers.
  assert.deepEqual(rest.at(-1).rewards, [1 / 3]);
});

Deno.test("metis env draws rows of demands, or containers, by the seed", async () => {
  const demandOf = ({ observations }: { observations: number[][] }) =>
    // To come besides the arriving app.
    observations.map((row) => row.slice(-2).map((count, app) => count + row.at(app - 4)!));
  const reset = (seed: number) => ({ reset: { seed } });
  const [, one, other, again] = await answersOf(
    `${SMALL} --containers 4 --number 8`,
    [reset(1), reset(2), reset(1)],
  );
  assert.deepEqual(again, one);
  assert.notDeepEqual(other, one);
  for (const [redis, isr] of demandOf(one)) assert.equal(redis! + isr!, 4);
  const [, rows] = await answersOf(`${SMALL} --demands demands.csv --number 16`, [reset(1)]);
  const drawn = new Set(demandOf(rows).map(String));
  // By name: the file has isr first.
  assert.deepEqual([...drawn].sort(), ["1,0", "1,1"]);
});

Deno.test("metis env ends an episode in a dead end, and makes no plan of it", async () => {
  const answers = await answersOf(`${SMALL} --demand 2,1 --apart redis,isr`, [
    { reset: {} },
    { step: [0] },
    { step: [1] },
    { plan: 0 },
  ]);
  assert.deepEqual([answers[3].terminated, answers[3].unplaced], [[1], [1]]);
  assert.match(answers[4].error.message, /left 1 container unplaced/);
});

Deno.test("metis env --check finds the environment sound in every mode, by levels too", async () => {
  for (const more of ["", " --branching 2,1", " --reward final --number 3 --max-per-node isr=1"]) {
    for (const mode of ["next-step", "same-step", "disabled"]) {
      const line = `${SMALL} --demand 1,2${more} --autoreset ${mode} --check`;
      const { code, output, talk } = await talkTo(line);
      assert.equal(code, 0, output + talk);
      assert.match(output, /^(ok {5}.*\n){10}$/);
    }
  }
});

Deno.test("metis env refuses options that do not go together", async () => {
  const cases = [
    [`${SMALL}`, 2, /Say what to place/],
    [`${SMALL} --demand 1,1 --containers 2`, 2, /Give either --containers/],
    [`${SMALL} --containers 2 --max-per-node isr=1`, 2, /give --demands/],
    [`${SMALL} --containers 5`, 1, /--containers 5 do not fit 4 slots/],
    [`${SMALL} --demand 9,9`, 1, /does not fit 4 slots/],
    [`${SMALL} --demand 1,1 --branching 1,1`, 2, /reaches 1 leaves/],
    [`${SMALL} --demand 1,1 --branching 0`, 2, /at least 1: 9,9/],
    [`${SMALL} --demand 1,1 --number 0`, 2, /from 1 to 4096/],
  ] as const;
  for (const [line, exit, message] of cases) {
    const { code, output, talk } = await talkTo(line);
    assert.equal(code, exit, talk);
    assert.equal(output, "");
    assert.match(talk, message);
  }
});

Deno.test("metis env ends by 0 where its input ends, and by 130 at Ctrl-C", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/table.csv`, TABLE);
    for (const interrupts of [false, true]) {
      await using child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-check", "--quiet", "--allow-read", "--allow-env", main]
          .concat(`${SMALL} --demand 1,1`.split(" ")),
        cwd: folder,
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const opening = await reader.read();
      assert.match(opening.value!, /^\{"protocol":"metis-env"/);
      const writer = child.stdin.getWriter();
      // A request in two pieces, and one without an end of line.
      await writer.write(new TextEncoder().encode('{"reset":'));
      await writer.write(new TextEncoder().encode('{}}\n{"step":[0]}'));
      assert.match((await reader.read()).value!, /^\{"observations":\[\[1,0,1,0,1,0,0,1\]\]/);
      if (interrupts) child.kill("SIGINT");
      else await writer.close();
      let rest = "";
      for (let part; !(part = await reader.read()).done;) rest += part.value;
      assert.match(rest, interrupts ? /^$/ : /^\{"observations":.*\}\n$/);
      assert.equal((await child.status).code, interrupts ? 130 : 0);
      if (interrupts) await writer.close().catch(() => {});
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
