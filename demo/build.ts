/**
 * Makes the demo: a folder of static files that any web server can serve, from any path.
 * `deno task demo:build [--out DIR] [--site URL] [--repository URL]`
 * @module
 */
import { parseArgs } from "node:util";
import { BUNDLED, datasetUrl } from "../datasets/mod.ts";
import { concatenate, sha256, utf8 } from "../policies/checkpoint/bytes.ts";

/** Bundled together, so that they share code: the page and its workers. */
const ENTRIES = ["start.ts", "page.ts", "place_worker.ts", "train_worker.ts"];
/** Bundled alone: HiGHS looks for its .wasm file beside itself. */
const HIGHS_WORKER = "../baselines/milp/highs_worker.ts";
/** In the order of the cascade. */
const STYLES = ["tokens", "layout", "controls", "panels", "charts", "replanning", "story"];

const HERE = new URL("./", import.meta.url);

/** Where a demo will be. */
interface Addresses {
  /** Address that it will be served at: previews of links need the whole address of their picture. */
  readonly site?: string | undefined;
  /** Address of the repository, which the page links to, and to its docs. */
  readonly repository?: string | undefined;
}

/**
 * Writes the demo into a folder: index.html with its preview, and all else flat in assets-HASH/, where modules find
 * their data, workers and .wasm files beside themselves (`import.meta.url`), as they do in the source. The hash is that of
 * what is in there: a browser need not ask again, not even for HiGHS when the network is gone.
 * @param outDir Made where missing; what it held is replaced.
 * @throws {Error} if a bundle fails, with the bundler's words.
 */
export async function buildDemo(outDir: string, addresses: Addresses = {}): Promise<void> {
  const assets = `${outDir}/assets`;
  await Deno.remove(outDir, { recursive: true }).catch(() => {});
  await Deno.mkdir(assets, { recursive: true });
  // One after the other: the first installs the bundler on a new machine, and two that do so at once break each other.
  await bundle(ENTRIES, assets, ["--code-splitting"]);
  await bundle([HIGHS_WORKER], assets, []);
  await Promise.all([
    copyData(assets),
    Deno.copyFile(new URL("../docs/demo.png", HERE), `${outDir}/preview.png`),
    Deno.copyFile(new URL("icon.svg", HERE), `${assets}/icon.svg`),
    writeStyles(assets),
  ]);
  const named = `assets-${await hashOf(assets)}`;
  await Deno.rename(assets, `${outDir}/${named}`);
  await writePage(outDir, named, addresses);
}

/** A name for what a folder holds, as 8 hexadecimal digits. */
async function hashOf(folder: string): Promise<string> {
  const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  const files = await Promise.all(names.map((name) => Deno.readFile(`${folder}/${name}`)));
  const parts = files.flatMap((bytes, at) => [utf8(`${names[at]} ${bytes.length}\n`), bytes]);
  return (await sha256(concatenate(parts))).slice(0, 8);
}

async function writePage(
  outDir: string,
  assets: string,
  { site, repository }: Addresses,
): Promise<void> {
  let page = await Deno.readTextFile(new URL("index.html", HERE));
  page = page.replaceAll('"assets/', `"${assets}/`);
  if (site !== undefined) {
    const image = new URL("preview.png", site).href;
    page = page.replace('content="preview.png"', `content="${image}"`);
  }
  if (repository !== undefined) {
    const { href } = new URL(repository);
    const links = `<p id="links">\n        <a href="${href}">Source and docs</a>.`;
    page = page.replace('<p id="links">', links);
  }
  await Deno.writeTextFile(`${outDir}/index.html`, page);
}

async function bundle(
  entries: readonly string[],
  outDir: string,
  options: readonly string[],
): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "--quiet", "--platform", "browser", "--minify", "--outdir", outDir],
      ...options,
      ...entries.map((entry) => decodeURIComponent(new URL(entry, HERE).pathname)),
    ],
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  });
  const { success, stderr } = await command.output();
  if (!success) {
    throw new Error(`deno bundle ${entries.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  }
}

/** Profiles and demands, where the modules that were bundled look for them. */
async function copyData(assets: string): Promise<void> {
  for (const { name, file } of BUNDLED) await Deno.copyFile(datasetUrl(name), `${assets}/${file}`);
  for (const file of ["highs/runtime", `${TENSORFLOW}/tfjs-backend-wasm-simd.wasm`]) {
    const url = new URL(import.meta.resolve(file));
    await Deno.copyFile(url, `${assets}/${url.pathname.split("/").at(-1)}`);
  }
}

const TENSORFLOW = "@tensorflow/tfjs-backend-wasm/dist";

async function writeStyles(assets: string): Promise<void> {
  const sheets = STYLES.map((name) => new URL(`styles/${name}.css`, HERE));
  const texts = await Promise.all(sheets.map((url) => Deno.readTextFile(url)));
  await Deno.writeTextFile(`${assets}/style.css`, texts.join("\n"));
}

if (import.meta.main) {
  const text = { type: "string" } as const;
  const { out = "dist/demo", ...addresses } =
    parseArgs({ options: { out: text, site: text, repository: text } }).values;
  await buildDemo(out, addresses);
  console.error(`Wrote ${out}`);
}
