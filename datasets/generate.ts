/**
 * Writes the bundled files again, the same bytes every time:
 * `deno run --allow-read --allow-write datasets/generate.ts`
 * @module
 */
import { bundleFiles } from "./bundle.ts";

if (import.meta.main) {
  for (const [file, text] of bundleFiles()) {
    await Deno.writeTextFile(new URL(`./${file}`, import.meta.url), text);
    console.error(`Wrote datasets/${file} (${text.length} bytes)`);
  }
}
