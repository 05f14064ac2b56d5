/**
 * Makes the npm package: `deno task pack` writes dist/npm/package/ and a tarball beside it, for Node 20.16 or later.
 * `deno pack` compiles; this keeps what users need, lowers what Node 20 lacks, points the solver at its compiled worker, and
 * pins versions.
 * @module
 */
import { parseArgs } from "node:util";
import ts from "typescript";
import { denoJson, root, run } from "./_process.ts";

/** Files of the package that are not compiled. */
const DATA = [/^LICENSE$/, /^datasets\/.*\.csv$/, /^policies\/trained\/[^/]+\/.*\.(json|bin)$/];
/** Only training needs them, and they are large: who trains installs them. */
const OPTIONAL = ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm"];
const NODE = ">=20.16";
const DESCRIPTION =
  "Places long-running containers by measured interference, with the gap to the proven optimum";

interface PackedManifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Makes the package in a folder. @returns Path of the tarball. */
export async function packForNpm(folder: string): Promise<string> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const raw = await Deno.realPath(folder) + "/compiled.tgz";
  await run(Deno.execPath(), ["pack", "--quiet", "--allow-dirty", "--no-source-maps", "-o", raw]);
  await run("tar", ["-xzf", raw, "-C", folder]);
  await Deno.remove(raw);
  const place = `${folder}/package`;
  for (const path of await filesOf(place)) {
    const compiled = path.endsWith(".js") || path.endsWith(".d.ts");
    if (compiled) await adapt(`${place}/${path}`);
    else if (path !== "package.json" && !DATA.some((pattern) => pattern.test(path))) {
      await Deno.remove(`${place}/${path}`);
    }
  }
  await Deno.copyFile(new URL("docs/library.md", root), `${place}/README.md`);
  const compiled: PackedManifest = JSON.parse(await Deno.readTextFile(`${place}/package.json`));
  const manifest = JSON.stringify(await completed(compiled), null, 2) + "\n";
  await Deno.writeTextFile(`${place}/package.json`, manifest);
  const name = await run("npm", ["pack", "--silent", "./package"], { cwd: folder });
  return `${folder}/${name.trim()}`;
}

async function adapt(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  // Workers are started by address, which no compiler follows.
  let changed = text.replaceAll(
    /new URL\("(\.[^"]+)\.ts", import\.meta\.url\)/g,
    (_, start) => `new URL("${start}.js", import.meta.url)`,
  );
  if (path.endsWith(".js") && /^\s*using /m.test(changed)) {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    changed = ts.transpileModule(changed, { compilerOptions }).outputText;
  }
  if (changed !== text) await Deno.writeTextFile(path, changed);
}

async function completed(manifest: PackedManifest): Promise<Record<string, unknown>> {
  const { imports } = await denoJson();
  const versions = Object.keys(manifest.dependencies).map((name) => {
    const version = /@(\d[^@]*)$/.exec(imports[name] ?? "")?.[1];
    if (version === undefined) throw new Error(`deno.json pins no version of ${name}`);
    return [name, version] as const;
  });
  const only = (optional: boolean) =>
    Object.fromEntries(versions.filter(([name]) => OPTIONAL.includes(name) === optional));
  return {
    ...manifest,
    description: DESCRIPTION,
    engines: { node: NODE },
    sideEffects: false,
    dependencies: only(false),
    peerDependencies: only(true),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((name) => [name, { optional: true }])),
  };
}

async function filesOf(folder: string, under = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${under}`)) {
    if (isDirectory) found.push(...await filesOf(folder, `${under}${name}/`));
    else found.push(under + name);
  }
  return found;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: "string", default: "dist/npm" } } });
  console.log(await packForNpm(values.out));
}
