/**
 * Fails if docs/cli.md is not what the commands say of themselves, if a link of a page leads nowhere, or if a text has words
 * that read as translated. That every command on the pages works is for docs_test.ts.
 * @module
 */
import { brokenLinks } from "./_links.ts";
import { translated } from "./_prose.ts";
import { root } from "./_process.ts";
import { cliReference } from "./cli_reference.ts";

const SKIPPED = ["node_modules", "dist", "coverage"];

/** They quote the words that no other file should have. */
const QUOTING = ["tools/_prose.ts", "tools/prose_test.ts"];

/** Pages and sources by path from the root. */
async function textsIn(folder = ""): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(new URL(`./${folder}`, root))) {
    const path = folder + name;
    if (isDirectory) {
      if (SKIPPED.includes(name) || (name.startsWith(".") && name !== ".github")) continue;
      for (const [inner, text] of await textsIn(`${path}/`)) found.set(inner, text);
    } else if (/\.(md|ts|html)$/.test(name) && !QUOTING.includes(path)) {
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

const texts = await textsIn();
const all = new Map([...texts].filter(([path]) => path.endsWith(".md")));
const faults = [...brokenLinks(all, exists), ...translated(texts)];
if (all.get("docs/cli.md") !== await cliReference()) {
  faults.push("docs/cli.md is old: run `deno task docs`");
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) Deno.exit(1);
console.log(`The links of ${all.size} pages lead somewhere, and docs/cli.md is current`);
