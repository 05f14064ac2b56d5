/**
 * Fails where docs/cli.md is not what the commands say of themselves, or where a link of a page leads nowhere. That every
 * command on the pages works is for docs_test.ts.
 * @module
 */
import { brokenLinks } from "./_links.ts";
import { root } from "./_process.ts";
import { cliReference } from "./cli_reference.ts";

const SKIPPED = ["node_modules", "dist", "coverage"];

/** Markdown pages by path from the root. */
async function pages(folder = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(new URL(`./${folder}`, root))) {
    const path = folder + name;
    if (isDirectory) {
      if (SKIPPED.includes(name) || (name.startsWith(".") && name !== ".github")) continue;
      for (const [inner, text] of await pages(`${path}/`)) found.set(inner, text);
    } else if (name.endsWith(".md")) {
      found.set(path, await Deno.readTextFile(new URL(`./${path}`, root)));
    }
  }
  return found;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(`./${path}`, root));
    return true;
  } catch {
    return false;
  }
}

const all = await pages();
const faults = brokenLinks(all, exists);
if (all.get("docs/cli.md") !== await cliReference()) {
  faults.push("docs/cli.md is old: run `deno task docs`");
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) Deno.exit(1);
console.log(`The links of ${all.size} pages lead somewhere, and docs/cli.md is current`);
