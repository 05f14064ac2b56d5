/**
 * Compiles sim-wasm/assembly to sim-wasm/build/core.wasm, writes the same bytes as a TypeScript module so
 * that every host (Deno, Node, browser, compiled binary) gets them without reading a file, and a typed table of
 * its exports. `--check` compiles elsewhere and fails where a committed file differs.
 * @module
 */
import asc from "assemblyscript/asc";
import { coreExportsText } from "./core_exports.ts";

const folder = new URL("../sim-wasm/", import.meta.url);
const wasmFile = new URL("build/core.wasm", folder);
const moduleFile = new URL("build/core_wasm.ts", folder);
const exportsFile = new URL("build/core_exports.ts", folder);

/** The compiled core. Throws with the compiler's own messages where the sources are wrong. */
async function compileCore(): Promise<Uint8Array<ArrayBuffer>> {
  let compiled: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main([
    "assembly/index.ts",
    "--config",
    "asconfig.json",
    "--target",
    "release",
    "--outFile",
    "core.wasm",
  ], {
    readFile: (name: string, base: string): string | null => {
      try {
        return Deno.readTextFileSync(
          new URL(name, new URL(base === "." ? "" : base + "/", folder)),
        );
      } catch {
        return null;
      }
    },
    writeFile: (name: string, contents: string | Uint8Array): void => {
      if (name.endsWith("core.wasm") && typeof contents !== "string") {
        compiled = Uint8Array.from(contents);
      }
    },
    listFiles: () => [],
  });
  if (error !== null || compiled === undefined) {
    throw new Error(
      `AssemblyScript failed: ${error?.message ?? "no output"}\n${stderr.toString()}`,
    );
  }
  return compiled;
}

/**
 * The bytes as the text of a module, in lines of 100 characters. Hexadecimal text is longer than base64, but smaller where
 * it is sent compressed: each byte begins where it would in a file.
 */
function moduleText(bytes: Uint8Array): string {
  const lines = bytes.toHex().match(/.{1,100}/g) ?? [];
  return [
    "// Made by `deno task build` from sim-wasm/assembly. Do not edit.",
    "/** The compiled simulator core (sim-wasm/build/core.wasm), as hexadecimal digits in lines. */",
    "export const CORE_WASM_HEX = `",
    ...lines,
    "`;",
    "",
  ].join("\n");
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

const bytes = await compileCore();
const texts: readonly (readonly [URL, string])[] = [
  [moduleFile, moduleText(bytes)],
  [exportsFile, coreExportsText(new URL("assembly/", folder), bytes)],
];
if (Deno.args.includes("--check")) {
  let matches = same(await Deno.readFile(wasmFile), bytes);
  for (const [file, text] of texts) matches &&= await Deno.readTextFile(file) === text;
  if (!matches) {
    console.error("sim-wasm/build does not match its sources: run `deno task build` and commit it");
    Deno.exit(1);
  }
  console.log(`sim-wasm/build matches its sources (core.wasm: ${bytes.length} bytes)`);
} else {
  await Deno.mkdir(new URL("build/", folder), { recursive: true });
  await Deno.writeFile(wasmFile, bytes);
  for (const [file, text] of texts) await Deno.writeTextFile(file, text);
  console.log(`Wrote sim-wasm/build (core.wasm: ${bytes.length} bytes)`);
}
