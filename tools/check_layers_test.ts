import assert from "node:assert/strict";
import { check, WALLS } from "./check_layers.ts";
import { type TreeConfig, treeOf } from "./walls/tree.ts";

const CONFIG: TreeConfig = { exports: { ".": "./mod.ts" }, publish: { exclude: ["**/_*.ts"] } };
/** A small tree that breaks no wall. */
const SOUND = {
  "mod.ts":
    `/** All. */\nexport * from "./domain/mod.ts";\nexport { run } from "./scheduling/run.ts";\n`,
  "domain/mod.ts": `export { type Word, word } from "./word.ts";\n`,
  "domain/word.ts": `export interface Word {}\nexport const word: Word = {};\n`,
  "domain/word_test.ts":
    `import fc from "fast-check";\nimport { one } from "./_one.ts";\nfc(one);\n`,
  "domain/_one.ts":
    `import { run } from "../scheduling/run.ts";\nexport const one = Deno.cwd() + run();\n`,
  "scheduling/run.ts":
    `import { word } from "../domain/mod.ts";\n/** Not \`Deno.cwd()\`. */\nexport function run() {\n  return word;\n}\n`,
};

/** By wall: a change of the tree that breaks it, and what must be said. */
const BROKEN: readonly [number, Record<string, string>, RegExp, TreeConfig?][] = [
  [
    0,
    { "domain/a.ts": `import { run } from "../scheduling/run.ts";\nrun();\n` },
    /domain may import nothing/,
  ],
  [
    0,
    { "demo/a.ts": `import { word } from "../domain/mod.ts";\nword;\n` },
    /demo may import mod\.ts/,
  ],
  [
    0,
    { "domain/a.ts": `const { run } = await import("../scheduling/run.ts");\nrun();\n` },
    /may import nothing/,
  ],
  [
    0,
    { "cli/a.ts": `export { one } from "../demo/one.ts";\n` },
    /cli\/a\.ts imports demo\/one\.ts/,
  ],
  [
    1,
    { "baselines/medea/a.ts": `import { b } from "../columns/b.ts";\nb();\n` },
    /may import baselines\/columns\/mod\.ts of baselines\/columns\//,
  ],
  [
    2,
    {
      "domain/a.ts": `import type { B } from "./b.ts";\nexport type A = B;\n`,
      "domain/b.ts": `import type { C } from "./c.ts";\nexport type B = C;\n`,
      "domain/c.ts": `export type { A as C } from "./a.ts";\n`,
    },
    /^domain\/a\.ts, domain\/b\.ts, domain\/c\.ts import each other/,
  ],
  [
    3,
    { "models/a.ts": `import highs from "highs";\nhighs();\n` },
    /only baselines\/milp\/highs_worker\.ts may/,
  ],
  [3, { "models/a.ts": `import "left-pad";\n` }, /imports left-pad, which no wall knows/],
  [4, { "models/a.ts": `await import("../domain/mod.ts");\n` }, /import it at the top of the file/],
  [4, { "models/a.ts": "const name = `x`;\nawait import(name);\n" }, /models\/a\.ts imports \?/],
  [
    5,
    { "mod.ts": `${SOUND["mod.ts"]}export const three = 3;\n` },
    /more than re-exports: export const three/,
  ],
  [6, { "domain/a.ts": `Deno.readFileSync("x");\n` }, /domain\/a\.ts uses Deno\.readFileSync/],
  [
    6,
    { "domain/a.ts": `import { readFileSync } from "node:fs";\nreadFileSync("x");\n` },
    /uses from "node:fs/,
  ],
  [7, { "scheduling/a.ts": `const draw = Math.random();\n` }, /uses Math\.random/],
  [7, { "scheduling/a.ts": `const now = new Date();\n` }, /uses new Date\(\)/],
  [
    8,
    { "sim-wasm/space/a.ts": `new WebAssembly.Memory({ initial: 1 });\n` },
    /uses WebAssembly\.Memory/,
  ],
  [
    9,
    { "cli/commands/a.ts": `Deno.exit(1);\n` },
    /cli\/commands\/a\.ts uses Deno\.exit: ask the context/,
  ],
  [10, { "domain/a.ts": `import { one } from "./_one.ts";\none;\n` }, /which is for tests only/],
  [10, {}, /exclude \*\*\/_\*\.ts/, { ...CONFIG, publish: { exclude: [] } }],
  [
    11,
    {
      "domain/a.ts": `export function forTests() {}\n`,
      "domain/a_test.ts": `import { forTests } from "./a.ts";\nforTests();\n`,
    },
    /^domain\/a\.ts exports forTests, which only tests use/,
  ],
  [
    11,
    {
      "swarm/mod.ts": `export * from "./a.ts";\n`,
      "swarm/a.ts": `export const used = 1;\nexport const unused = 2;\n`,
      "cli/b.ts": `import * as swarm from "../swarm/mod.ts";\nexport default swarm.used;\n`,
    },
    /^swarm\/a\.ts exports unused/,
  ],
  [
    12,
    { "models/a.ts": `import { Core } from "../sim-wasm/core/core.ts";\nnew Core();\n` },
    /models\/ may import nothing of sim-wasm\/core\//,
  ],
  [
    13,
    { "policies/a.ts": `export default class {\n  dispose(): void {\n  }\n}\n` },
    /extend Owner/,
  ],
];

Deno.test("a sound tree breaks no wall", () => {
  assert.deepEqual(check(treeOf(SOUND, CONFIG)), []);
});

for (const [wall, files, message, config = CONFIG] of BROKEN) {
  const { sentence, faults } = WALLS[wall]!;
  const where = Object.keys(files)[0] ?? "deno.json";
  Deno.test(`"${sentence}" does not hold for ${where}: ${message.source}`, () => {
    const found = faults(treeOf({ ...SOUND, ...files }, config));
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0]!, message);
  });
}

Deno.test("every wall is seen to break", () => {
  const seen = new Set(BROKEN.map(([wall]) => wall));
  assert.deepEqual(WALLS.filter((_, wall) => !seen.has(wall)), []);
});
