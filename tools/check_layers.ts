/**
 * Fails where the code breaks a wall of the architecture. Each wall is a sentence, and what proves it; `--list` prints the
 * sentences. Tests, and their helpers whose names start with `_`, may import whatever they need.
 * @module
 */
import { effects, onlyReexports } from "./walls/effects.ts";
import { helpers, usedExports } from "./walls/exports.ts";
import { circles, doorways, layers, lazyImports, packages, type Wall } from "./walls/imports.ts";
import { readTree, type Tree } from "./walls/tree.ts";

/** What each folder, or file of the root, may import of the others. Folders that are not named may import anything. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  "sim-wasm": ["domain"],
  profiles: ["domain"],
  models: ["domain", "sim-wasm"],
  datasets: ["domain", "profiles"],
  scheduling: ["domain", "sim-wasm", "models"],
  baselines: ["domain", "sim-wasm", "scheduling", "models", "profiles"],
  policies: ["domain", "sim-wasm", "scheduling", "models", "profiles", "datasets", "baselines"],
  profiling: ["domain", "sim-wasm", "models", "profiles", "scheduling", "baselines"],
  replanning: ["domain", "sim-wasm", "models", "profiles", "scheduling", "baselines"],
  observing: ["domain"],
  swarm: [
    ...["domain", "sim-wasm", "models", "profiles", "scheduling", "profiling", "replanning"],
    "observing",
  ],
  reference: ["domain", "sim-wasm", "profiles", "models", "policies"],
  demo: ["mod.ts"],
  "registry.ts": ["scheduling", "baselines", "policies"],
  "mod.ts": [
    ...["domain", "sim-wasm", "profiles", "models", "scheduling", "datasets", "policies"],
    ...["profiling", "replanning", "registry.ts", "baselines"],
  ],
  cli: [
    ...["deno.json", "registry.ts", "domain", "sim-wasm", "profiles", "models", "datasets"],
    ...["scheduling", "baselines", "policies", "profiling", "replanning"],
    ...["swarm", "reference", "observing"],
  ],
};

/** Scripts that make files: no part of what runs in a browser. */
const SCRIPTS = ["datasets/generate.ts", "demo/build.ts"];

/** Folders whose files run in browsers and Node too. */
const PURE = [
  ...["domain/", "sim-wasm/", "profiles/", "models/", "datasets/", "scheduling/", "baselines/"],
  ...["policies/", "profiling/", "replanning/", "observing/", "demo/", "registry.ts", "mod.ts"],
];

/** Which packages are known where. A package that is not named may be imported nowhere. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  highs: ["baselines/milp/highs_worker.ts"],
  "@tensorflow/tfjs": ["policies/", "swarm/workloads/network/"],
  "@tensorflow/tfjs-backend-wasm": [
    "policies/learning/tensorflow.ts",
    "swarm/workloads/network/tensorflow.ts",
  ],
  "@commander-js/extra-typings": ["cli/", "tools/cli_reference.ts"],
  valibot: [
    ...["models/", "policies/checkpoint/", "scheduling/plans/", "scheduling/problem_file/"],
    ...["swarm/", "cli/", "bench/"],
  ],
  yaml: ["domain/yaml.ts"],
  "hdr-histogram-js": ["swarm/load/recorder.ts"],
  "jpeg-js": ["swarm/workloads/image/photo.ts"],
  assemblyscript: ["tools/build_core.ts"],
  typescript: ["tools/core_exports.ts", "tools/pack.ts"],
  "fast-check": ["tools/seed_property_tests.ts"],
};

/** Modules that are loaded when they are needed: a verb of the command line, what is large, and another checkout to bench. */
const LAZY = [
  "bench/against.ts",
  "cli/main.ts",
  "cli/verbs.ts",
  "policies/learning/tensorflow.ts",
  "policies/paper/",
  "policies/universal/shipped.ts",
  "swarm/workloads/network/tensorflow.ts",
  "swarm/workloads/run.ts",
  "tools/",
];

/** What the tests of the lab do to its engines, by the lab's own means. */
const FOR_LAB_TESTS = [
  "swarm/lab/engines.ts stopEngine",
  "swarm/lab/engines.ts crashNode",
  "swarm/lab/images.ts importEverywhere",
];

/** The walls: what each of them proves, and how. */
export const WALLS: readonly { readonly sentence: string; readonly faults: Wall }[] = [
  { sentence: "Imports go one way, from folder to folder", faults: layers(LAYERS, SCRIPTS) },
  {
    sentence: "Within baselines/, schedulers share an engine and do not know each other",
    faults: doorways([
      { from: "baselines/columns/", of: "baselines/optimal/", only: [] },
      { from: "baselines/columns/", of: "baselines/medea/", only: [] },
      { from: "baselines/medea/", of: "baselines/optimal/", only: [] },
      { from: "baselines/medea/", of: "baselines/columns/", only: ["baselines/columns/mod.ts"] },
      { from: "baselines/optimal/", of: "baselines/columns/", only: ["baselines/columns/mod.ts"] },
      { from: "profiling/", of: "baselines/columns/", only: ["baselines/columns/mod.ts"] },
      { from: "profiling/", of: "baselines/optimal/", only: ["baselines/optimal/mod.ts"] },
      { from: "replanning/", of: "baselines/columns/", only: ["baselines/columns/mod.ts"] },
      { from: "replanning/", of: "baselines/optimal/", only: ["baselines/optimal/mod.ts"] },
    ]),
  },
  { sentence: "No file imports itself by way of others", faults: circles() },
  {
    sentence: "Each package is known in one place: HiGHS in baselines/milp/ alone",
    faults: packages(PACKAGES),
  },
  {
    sentence:
      "A module is loaded when it is needed in few places: for a verb, TF.js, HiGHS, weights, the paper, a bench",
    faults: lazyImports(LAZY),
  },
  { sentence: "mod.ts re-exports and holds nothing else", faults: onlyReexports(["mod.ts"]) },
  {
    sentence: "The pure folders have no files, processes or network: they run in browsers and Node",
    faults: effects([{
      words: /\bDeno\.\w+|\bfrom "node:\w+"/,
      within: PURE,
      but: SCRIPTS,
      because: "it also runs in browsers",
    }]),
  },
  {
    sentence:
      "The pure folders have no wall clock and no chance of their own: a seed is an argument",
    faults: effects([{
      words:
        /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bcrypto\.(getRandomValues|randomUUID)\b/,
      within: PURE,
      but: SCRIPTS,
      because: "results depend on nothing but their arguments",
    }]),
  },
  {
    sentence: "sim-wasm/core/ alone knows the memory of the core",
    faults: effects([{
      words: /\bWebAssembly\.\w+/,
      within: ["domain/", "sim-wasm/", "models/", "scheduling/", "baselines/", "policies/"],
      but: ["sim-wasm/core/"],
      because: "sim-wasm/core/ alone knows the memory of the core",
    }]),
  },
  {
    sentence: "The command line uses the operating system by its context, or by these few files",
    faults: effects([{
      words: /\bDeno\.\w+/,
      within: ["cli/"],
      but: [
        "cli/context_deno.ts",
        "cli/bundled.ts",
        "cli/demo/server.ts",
        "cli/measure/live.ts",
        "cli/training/deno_files.ts",
      ],
      because: "ask the context",
    }]),
  },
  {
    sentence:
      "Helpers of tests, whose names start with _, are used by tests, tools and studies, and not published",
    faults: helpers(["tools/", "bench/", "studies/"]),
  },
  {
    sentence: "What is exported is used by more than tests",
    faults: usedExports(FOR_LAB_TESTS),
  },
  {
    sentence: "Cores and addresses do not leave sim-wasm/",
    faults: doorways(
      [
        ...["models/", "scheduling/", "baselines/", "policies/", "profiling/", "replanning/"],
        ...["swarm/", "cli/"],
      ]
        .flatMap((from) =>
          ["sim-wasm/core/", "sim-wasm/build/"].map((of) => ({ from, of, only: [] }))
        ),
    ),
  },
  {
    sentence: "What is disposed of is an Owner: only domain/owner.ts says how",
    faults: effects([{
      words: /^ {2}(override )?dispose\(\): void \{/m,
      within: PURE,
      but: ["domain/owner.ts"],
      because: "extend Owner, and give back in release()",
    }]),
  },
];

/** What breaks the walls, one line a fault. */
export function check(tree: Tree): string[] {
  return WALLS.flatMap(({ faults }) => faults(tree));
}

if (import.meta.main) {
  const faults = check(await readTree(new URL("../", import.meta.url)));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
  if (Deno.args.includes("--list")) WALLS.forEach(({ sentence }) => console.log(sentence));
  else console.log(`${WALLS.length} walls hold`);
}
