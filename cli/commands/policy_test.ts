import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { needsReference } from "../../reference/_needs.ts";
import { readReference } from "../../reference/folder.ts";
import { memoryContext } from "../_testing.ts";
import { buildProgram, runCli } from "../run.ts";
import { memoryFiles } from "../training/_testing.ts";
import { command as policyCommand } from "./policy.ts";

async function policy(
  args: string[],
  world: Parameters<typeof memoryContext>[0] = {},
  disk = memoryFiles(),
) {
  const context = memoryContext({ ...world, args: ["policy", ...args] });
  const command = policyCommand(context, disk);
  await command.exitOverride().parseAsync(args, { from: "user" });
  return { context, disk };
}

Deno.test(needsReference({
  name:
    "metis policy import reads the published weights into a directory that metis policy show reads",
  async fn() {
    const files = { "w.npz": readReference("metis-subschedulers-2020.npz") };
    const { disk, context } = await policy(["import", "w.npz", "--out", "dir/"], { files });
    assert.match(context.talk(), /Wrote 60 networks to dir/);
    assert.ok(disk.files.has("dir/policy.json"));
    assert.ok(disk.files.has("dir/networks/class190-level3/weights.bin"));
    const shown = await policy(["show", "dir", "--json"], {}, disk);
    const facts = JSON.parse(shown.context.output());
    assert.equal(facts.kind, "sub");
    assert.equal(facts.capacity, 8);
    assert.equal(facts.surface, null);
    assert.equal(facts.networks.length, 60);
    assert.deepEqual(facts.networks[0], {
      name: "class0/level1",
      layers: "29 -> 128 tanh -> 3 linear",
    });
    const text = (await policy(["show", "dir"], {}, disk)).context.output();
    assert.match(text, /dir: sub \(paper\), every checksum fits\./);
    // 60 networks of 29 x 128 + 128 + 128 x 3 + 3 weights.
    assert.match(text, /60 .*class0\/level1 \.\.\. class190\/level3 .*253620/);
  },
}));

Deno.test("metis policy show says what is wrong with a damaged or missing policy", async () => {
  const run = async (args: string[], files: Record<string, string>) => {
    const disk = memoryFiles(
      Object.fromEntries(Object.entries(files).map(([k, t]) => [k, new TextEncoder().encode(t)])),
    );
    await policy(["show", ...args], {}, disk);
  };
  await assert.rejects(run(["none"], {}), /^InputError: none: not a policy/);
  await assert.rejects(run(["dir"], { "dir/policy.json": "{}" }), /dir\/policy\.json: damaged/);
});

Deno.test("metis policy import refuses what holds no weights of sub-schedulers", async () => {
  const context = memoryContext({
    args: ["policy", "import", "p.csv", "--out", "dir"],
    files: { "p.csv": "a,b\n1,2\n" },
  });
  assert.equal(await runCli(context), 1);
  assert.match(context.talk(), /^metis: p\.csv/);
});

/** Every module that importing this one loads at once; modules imported on demand are left out. */
function loadedBy(entry: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(entry.href)) return seen;
  seen.add(entry.href);
  const text = readFileSync(entry, "utf8");
  for (const [, names, from] of text.matchAll(/^(?:import|export) ([^;]*?)from "([^"]+)"/gms)) {
    if (names!.startsWith("type ")) continue;
    if (!from!.startsWith(".")) seen.add(from!);
    else if (from!.endsWith(".ts")) loadedBy(new URL(from!, entry), seen);
  }
  return seen;
}

Deno.test("metis --help lists train and policy; no command loads TensorFlow.js or HiGHS before it needs them", async () => {
  const context = memoryContext({ args: ["--help"] });
  const program = await buildProgram(context, undefined);
  const names = program.commands.map((command) => command.name());
  assert.ok(names.includes("train") && names.includes("policy"));
  const commands = [...Deno.readDirSync(new URL(".", import.meta.url))]
    .map((entry) => entry.name).filter((name) => !/^_|_test\.ts$/.test(name));
  assert.ok(commands.length >= 20, `${commands}`);
  for (const file of ["../main.ts", "../verbs.ts", ...commands]) {
    const loaded = [...loadedBy(new URL(file, import.meta.url))];
    assert.ok(file === "../verbs.ts" || loaded.length > 3, file);
    assert.deepEqual(loaded.filter((name) => /^(@tensorflow|highs$)/.test(name)), [], file);
  }
  // Training on its way, by which this test can tell that it sees what is loaded.
  const training = [...loadedBy(new URL("../training/run.ts", import.meta.url))];
  assert.ok(training.some((name) => name.endsWith("/policies/learning/tensorflow.ts")));
  const early = [...loadedBy(new URL("../main.ts", import.meta.url))];
  assert.deepEqual(
    early.filter((name) => /policies|sim-wasm|baselines|models|commands/.test(name)),
    [],
  );
});
