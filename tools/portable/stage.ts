import { copyTree, denoJson, root, run } from "../_process.ts";

/** Modules that are started by address: nothing imports them. */
export const WORKERS = [
  "swarm/load/worker.ts",
  "baselines/milp/highs_worker.ts",
  "cli/experiment/worker.ts",
  "cli/training/worker.ts",
];

/** Entry point of the command line. */
export const ENTRY = "cli/main.ts";

/** Files and folders that the program reads from beside its modules. */
export const DATA = ["datasets", "deno.json", "dist/demo"];

/** Names of WebAssembly files that npm packages load from beside themselves. */
const WASM: Readonly<Record<string, readonly string[]>> = {
  "highs": ["highs/runtime"],
  "@tensorflow/tfjs-backend-wasm": ["", "-simd", "-threaded-simd"].map((kind) =>
    `@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm${kind}.wasm`
  ),
};

/** Parts of packages that were CommonJS still look for its names. */
const COMMON_JS = "const __dirname = import.meta.dirname, __filename = import.meta.filename;\n";

interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly specifier: string; readonly code?: unknown }[];
  }[];
}

/** Builds what DATA names and git does not hold. */
export async function buildDemoFiles(): Promise<void> {
  const { buildDemo } = await import("../../demo/build.ts");
  await buildDemo(decodeURIComponent(new URL("dist/demo", root).pathname));
}

/** Lays out all that the program needs but Deno itself: its modules as they are, npm packages as one file each. */
export async function stageProgram(folder: string): Promise<void> {
  await buildDemoFiles();
  const graphs = await Promise.all([ENTRY, ...WORKERS].map(moduleGraph));
  const modules = graphs.flatMap((graph) => graph.modules)
    .filter(({ specifier }) => specifier.startsWith(root.href));
  const paths = new Set(modules.map(({ specifier }) => specifier.slice(root.href.length)));
  const packages = new Set(
    modules.flatMap(({ dependencies = [] }) => dependencies)
      .filter(({ specifier, code }) => code !== undefined && /^(@|[a-z])[^:]*$/.test(specifier))
      .map(({ specifier }) => specifier),
  );
  for (const path of [...paths, ...DATA]) {
    await copyTree(new URL(path, root), `${folder}/${path}`);
  }
  const names = await importedNames(paths);
  const imports = await bundlePackages([...packages].sort(), names, `${folder}/npm`);
  // Processes that the program starts take this configuration as well.
  const config = JSON.stringify({ ...await denoJson(), imports }, null, 2);
  await Deno.writeTextFile(`${folder}/deno.json`, config);
}

async function moduleGraph(path: string): Promise<ModuleGraph> {
  return JSON.parse(await run(Deno.execPath(), ["info", "--json", path]));
}

/** The values that modules import from each package, by name. What CommonJS packages export is known by no other way. */
async function importedNames(paths: Iterable<string>): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const path of paths) {
    const text = await Deno.readTextFile(new URL(path, root));
    const imports = text.matchAll(
      /^import (?!type\b)(\w+)?(?:, )?(?:\{([^}]*)\})? from "([^"]+)"/gm,
    );
    for (const [, whole, named = "", name] of imports) {
      const names = named.split(",").map((one) => one.trim().split(" as ")[0]!)
        .filter((one) => one !== "" && !one.startsWith("type "));
      const all = found.get(name!) ?? new Set();
      [...whole === undefined ? [] : ["default"], ...names].forEach((one) => all.add(one));
      found.set(name!, all);
    }
  }
  return found;
}

/** @returns Where each package is now. */
async function bundlePackages(
  packages: readonly string[],
  imported: ReadonlyMap<string, ReadonlySet<string>>,
  folder: string,
): Promise<Record<string, string>> {
  const known = (await denoJson()).imports;
  const entries = `${folder}/entries`;
  await Deno.mkdir(entries, { recursive: true });
  const imports: Record<string, string> = {};
  const files: string[] = [];
  for (const name of packages) {
    if (known[name] === undefined) throw new Error(`deno.json does not name the package ${name}`);
    // The version stays readable: `metis train` writes it down.
    const file = known[name]!.replace("npm:", "").replaceAll(/[^\w@.-]+/g, "_");
    const names = [...imported.get(name) ?? []].join(", ");
    const text = `export * from "${name}";\nexport { ${names} } from "${name}";\n`;
    await Deno.writeTextFile(`${entries}/${file}.js`, text);
    files.push(`${entries}/${file}.js`);
    imports[name] = `./npm/${file}.js`;
    for (const wasm of WASM[name] ?? []) {
      const source = new URL(import.meta.resolve(wasm));
      const copy = source.pathname.split("/").at(-1)!;
      await Deno.copyFile(source, `${folder}/${copy}`);
      imports[wasm] = `./npm/${copy}`;
    }
  }
  await run(Deno.execPath(), [
    ...["bundle", "--quiet", "--config", new URL("deno.json", root).pathname],
    ...["--platform", "deno", "--code-splitting", "--outdir", folder, ...files],
  ]);
  await Deno.remove(entries, { recursive: true });
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".js")) await prepend(`${folder}/${name}`, COMMON_JS);
  }
  return imports;
}

async function prepend(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(file, text + await Deno.readTextFile(file));
}
