/**
 * Holds docs/design/claims.md: the tests that it names exist, and no file prints a strong word that the page does not know.
 * @module
 */
import assert from "node:assert/strict";
import { root } from "./_process.ts";

const page = await Deno.readTextFile(new URL("docs/design/claims.md", root));

/** Words that promise something. */
const STRONG =
  /\b(proven|proves|converged|guaranteed?)\b|90 %|\bR2\b|checksum fits|clear winner|up to date|[Nn]othing (was )?changed|can be better|regret at most/;

/** Folders whose files print. */
const PRINTING = [
  ...[
    "baselines",
    "cli",
    "demo",
    "models",
    "policies",
    "profiling",
    "replanning",
    "scheduling",
    "swarm",
  ],
];

/** What has such a word for programs, and shows it to nobody. */
const UNSEEN = ["scheduling/plans/plan.ts"];

/** The rows of the page's tables: their cells. */
const rows = page.split("\n").filter((line) => /^\| (?!word|---)/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, root))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await sources(path));
    else if (/^[^_].*(?<!_test)\.ts$/.test(name)) found.push(path);
  }
  return found;
}

/** Texts in quotes, without those in comments. */
function literals(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  return code.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
}

Deno.test("every test that docs/design/claims.md names exists in the file that it names", async () => {
  assert.ok(rows.length > 25, `${rows.length}`);
  for (const cells of rows) {
    assert.equal(cells.length, 4, cells.join(" | "));
    const [, file, name] = /^`(\S+_test\.ts)`: "(.+)"$/.exec(cells[3]!) ?? [];
    assert.ok(file !== undefined, cells[3]!);
    const text = await Deno.readTextFile(new URL(file, root));
    assert.ok(text.includes(name!), `${file} has no test "${name}"`);
  }
});

Deno.test("every file that docs/design/claims.md names is there", async () => {
  for (const [, path] of page.matchAll(/`([\w/]+\/\w+\.ts)`/g)) {
    assert.ok((await Deno.stat(new URL(path!, root))).isFile, path);
  }
});

Deno.test("every file that prints a strong word is on docs/design/claims.md", async () => {
  const unknown: string[] = [];
  for (const folder of PRINTING) {
    for (const path of await sources(folder)) {
      if (UNSEEN.includes(path) || page.includes(`\`${path}\``)) continue;
      const texts = literals(await Deno.readTextFile(new URL(path, root)));
      const strong = texts.find((text) => STRONG.test(text));
      if (strong !== undefined) unknown.push(`${path}: ${strong.slice(0, 80)}`);
    }
  }
  assert.deepEqual(unknown, []);
});
