/**
 * Makes the single binary `dist/metis`: by `deno compile`, or with `--portable` as one self-extracting file around
 * the Deno that is installed. Either is run before it counts as made.
 * @module
 */
import { basename, dirname } from "node:path";
import { parseArgs } from "node:util";
import { denoJson, root, run } from "./_process.ts";
import { buildPortable, PERMISSIONS } from "./portable/build.ts";
import { buildDemoFiles, DATA, ENTRY, WORKERS } from "./portable/stage.ts";

/** By `deno compile`, which takes Deno's runtime for the target from the network or its cache. */
async function buildNative(file: string, target: string | undefined): Promise<void> {
  await buildDemoFiles();
  try {
    await run(Deno.execPath(), [
      ...[
        "compile",
        "--quiet",
        "--no-check",
        "--no-prompt",
        "--exclude-unused-npm",
        ...PERMISSIONS,
      ],
      ...[...WORKERS, ...DATA].flatMap((path) => ["--include", path]),
      ...(target === undefined ? [] : ["--target", target]),
      ...["--output", file, ENTRY],
    ]);
  } catch (error) {
    if (!/denort|sending request|dns error/i.test(String(error))) throw error;
    throw new Error(
      "Cannot get Deno's runtime for `deno compile`: use `deno task compile --portable`, or name the file by DENORT_BIN",
      { cause: error },
    );
  }
}

/** A binary whose runtime is wrong is built without complaint: only running it shows. */
async function proveThatItRuns(file: string): Promise<void> {
  const { version } = await denoJson();
  const said = await run(file, ["--version"]).catch((error: Error) => error.message);
  if (said.trim() === version) return;
  throw new Error(
    `${file} does not run: --version said ${said.trim().split("\n")[0]}, not ${version}`,
  );
}

/**
 * Makes a file in a folder beside where it belongs, and moves it there once it is made: `deno compile` replaces no file that
 * it has not made, such as a portable binary, and an earlier one is kept where the new one fails.
 * @param make Makes it at the path that it is given; what else it makes beside it, such as `metis.exe`, is moved as well.
 */
export async function putInPlace(
  file: string,
  make: (file: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(file);
  await Deno.mkdir(folder, { recursive: true });
  const made = await Deno.makeTempDir({ dir: folder, prefix: ".compile-" });
  try {
    await make(`${made}/${basename(file)}`);
    for await (const { name } of Deno.readDir(made)) {
      await Deno.rename(`${made}/${name}`, `${folder}/${name}`);
    }
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      portable: { type: "boolean", default: false },
      target: { type: "string" },
      out: { type: "string" },
    },
  });
  const { portable, target, out = new URL("dist/metis", root).pathname } = values;
  try {
    if (portable && target !== undefined) {
      throw new Error("--target goes without --portable, which is for systems like this one");
    }
    const { os, arch } = Deno.build;
    await putInPlace(out, async (file) => {
      if (portable) await buildPortable(file);
      else await buildNative(file, target);
      if (target === undefined || (target.includes(os) && target.includes(arch))) {
        await proveThatItRuns(await Deno.realPath(file));
      }
    });
    console.log(`${out} (${((await Deno.stat(out)).size / 2 ** 20).toFixed(1)} MiB)`);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
