/**
 * Makes the demo: a folder of static files that any web server can serve, from any path.
 * `deno task demo:build [--out DIR]`
 * @module
 */
import { BUNDLED, datasetUrl } from "../datasets/mod.ts";

/** Bundled together, so that they share code: the page and its workers. */
const ENTRIES = ["start.ts", "page.ts", "place_worker.ts", "train_worker.ts"];
/** Bundled alone: HiGHS looks for its .wasm file beside itself. */
const HIGHS_WORKER = "../baselines/milp/highs_worker.ts";
/** In the order of the cascade. */
const STYLES = ["tokens", "layout", "controls", "panels", "charts", "replanning", "story"];

const HERE = new URL("./", import.meta.url);

/**
 * Writes the demo into a folder: index.html, and all else flat in assets/, where modules find their data, workers
 * and .wasm files beside themselves (`import.meta.url`), as they do in the source.
 * @param outDir Made where missing; what it held is replaced.
 * @throws {Error} if a bundle fails, with the bundler's words.
 */
export async function buildDemo(outDir: string): Promise<void> {
  const assets = `${outDir}/assets`;
  await Deno.remove(outDir, { recursive: true }).catch(() => {});
  await Deno.mkdir(assets, { recursive: true });
  // One after the other: the first installs the bundler on a new machine, and two that do so at once break each other.
  await bundle(ENTRIES, assets, ["--code-splitting"]);
  await bundle([HIGHS_WORKER], assets, []);
  await Promise.all([
    copyData(assets),
    Deno.copyFile(new URL("index.html", HERE), `${outDir}/index.html`),
    Deno.copyFile(new URL("icon.svg", HERE), `${assets}/icon.svg`),
    writeStyles(assets),
  ]);
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
  const chart = new URL(import.meta.resolve("uplot/dist/uPlot.min.css"));
  const sheets = [chart, ...STYLES.map((name) => new URL(`styles/${name}.css`, HERE))];
  const texts = await Promise.all(sheets.map((url) => Deno.readTextFile(url)));
  await Deno.writeTextFile(`${assets}/style.css`, texts.join("\n"));
}

if (import.meta.main) {
  const at = Deno.args.indexOf("--out");
  const out = at < 0 ? "dist/demo" : Deno.args[at + 1];
  if (out === undefined) throw new Error("--out needs a folder");
  await buildDemo(out);
  console.error(`Wrote ${out}`);
}
