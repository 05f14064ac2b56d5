/**
 * Fails where an import goes against the architecture: each folder may import only from those to its left.
 * Tests, benchmarks and `_private` helpers of tests are free to look further down, never to be looked at.
 * @module
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  "sim-wasm": ["domain"],
  profiles: ["domain"],
  models: ["domain", "sim-wasm"],
  datasets: ["domain", "profiles"],
  scheduling: ["domain", "sim-wasm"],
  baselines: ["domain", "sim-wasm", "scheduling", "models", "profiles"],
  policies: ["domain", "sim-wasm", "scheduling", "models", "profiles", "baselines"],
  profiling: ["domain", "sim-wasm", "models", "profiles", "scheduling", "baselines"],
  swarm: ["domain", "sim-wasm", "models", "profiles", "scheduling", "profiling"],
  demo: ["mod.ts"],
};

/** Scripts that make files: no part of what runs in a browser. */
const SCRIPTS = ["datasets/generate.ts", "demo/build.ts"];

/** Folders whose files run in browsers too: no `Deno.` outside of tests and scripts. */
const PURE = [
  "domain",
  "sim-wasm",
  "profiles",
  "models",
  "scheduling",
  "baselines",
  "policies",
  "profiling",
  "demo",
];

/**
 * Walls inside of the layers: what files below `from` may import of `of`, and nothing else of it.
 */
const WALLS: readonly { readonly from: string; readonly of: string; readonly only: string[] }[] = [
  // The engine of column generation is shared; the schedulers that use it do not know each other.
  { from: "baselines/columns/", of: "baselines/optimal/", only: [] },
  { from: "baselines/columns/", of: "baselines/medea/", only: [] },
  { from: "baselines/medea/", of: "baselines/optimal/", only: [] },
  { from: "baselines/medea/", of: "baselines/columns/", only: ["baselines/columns/mod.ts"] },
  { from: "baselines/optimal/", of: "baselines/columns/", only: ["baselines/columns/mod.ts"] },
  { from: "profiling/", of: "baselines/columns/", only: ["baselines/columns/mod.ts"] },
  { from: "profiling/", of: "baselines/optimal/", only: ["baselines/optimal/mod.ts"] },
];

const root = new URL("../", import.meta.url);
const problems: string[] = [];

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder + "/", root))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) {
      if (!["assembly", "build"].includes(entry.name)) yield* sources(path);
    } else if (path.endsWith(".ts")) yield path;
  }
}

for (const [folder, allowed] of Object.entries(LAYERS)) {
  for await (const path of sources(folder)) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const isScript = SCRIPTS.includes(path);
    if (name.endsWith("_test.ts") || name.startsWith("_") || isScript) continue;
    // Examples in comments may use what their reader may.
    const text = (await Deno.readTextFile(new URL(path, root))).replace(/^\s*(\*|\/\/).*$/gm, "");
    for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const resolved = new URL(target!, new URL(path, root)).pathname.slice(root.pathname.length);
      const layer = resolved.split("/")[0]!;
      for (const { from, of, only } of WALLS) {
        if (path.startsWith(from) && resolved.startsWith(of) && !only.includes(resolved)) {
          problems.push(
            `${path} imports ${resolved}: ${from} may import ${
              only.join(", ") || "nothing"
            } of ${of}`,
          );
        }
      }
      if (layer !== folder && !allowed.includes(layer)) {
        problems.push(
          `${path} imports ${resolved}: ${folder} may only import ${
            allowed.join(", ") || "nothing"
          }`,
        );
      }
    }
    if (
      PURE.includes(folder) && /\bDeno\.(?!test)/.test(text)
    ) {
      problems.push(`${path} uses Deno.*: ${folder} also runs in browsers`);
    }
  }
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) Deno.exit(1);
console.log("Imports go one way");
