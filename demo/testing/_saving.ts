/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { decodeCheckpoint } from "../../mod.ts";
import { textOf } from "./_page.ts";
import { REPOSITORY, SITE } from "./_site.ts";
import type { Step } from "./_stage.ts";

/** What the page gives away: pictures, and how others show a link to it. */
export const SAVING: readonly Step[] = [
  {
    name: "what is shown is saved as a picture, in vectors and in pixels",
    async run(stage) {
      const page = await stage.home();
      const svg = new TextDecoder().decode(await saved(page, "#save-svg"));
      const { lines, apps } = await page.evaluate((svg) => {
        const picture = new DOMParser().parseFromString(svg, "image/svg+xml");
        const style = getComputedStyle(document.documentElement);
        const colors = Array.from(
          { length: 7 },
          (_, app) => style.getPropertyValue(`--app-${app}`).trim(),
        );
        return {
          lines: [...picture.querySelectorAll("text")].map(({ textContent }) => textContent),
          apps: [...picture.querySelectorAll("rect")]
            .filter((box) => colors.includes(box.getAttribute("fill")!)).length,
        };
      }, svg);
      // 200 containers on either side, and 7 apps in the legend.
      assert.equal(apps, 407);
      const said = lines.join(" ");
      assert.ok(said.includes(await textOf(page, "#verdict .headline")), said);
      for (const text of ["spread: 65 % of the speed alone", "scene-detect"]) {
        assert.ok(said.includes(text), said);
      }
      const png = await saved(page, "#save-png");
      // Signature, and the width in the header.
      assert.deepEqual([...png.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
      assert.equal(new DataView(png.buffer, png.byteOffset).getUint32(16), 2400);
    },
  },
  {
    name: "a link to the page has a preview, and the page links to where it comes from",
    async run(stage) {
      const page = await stage.home();
      assert.equal(
        await page.getAttribute("meta[property='og:image']", "content"),
        `${SITE}preview.png`,
      );
      const links = await page.locator("#links a").evaluateAll((links) =>
        links.map((link) => (link as HTMLAnchorElement).href)
      );
      assert.deepEqual(links, [REPOSITORY, "https://doi.org/10.1109/SC41405.2020.00072"]);
    },
  },
];

/** Saves the policy that was trained, and reads it as the command line does. @returns The apps that it is for. */
export async function savedPolicy(page: Page): Promise<readonly string[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/policy.tar`, await saved(page, "#save-policy"));
    const args = ["xf", "policy.tar"];
    assert.ok((await new Deno.Command("tar", { args, cwd: folder }).output()).success);
    const { info } = await decodeCheckpoint(
      (path) => Deno.readFile(`${folder}/policy/${path}`),
      "policy",
    );
    return info.apps;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function saved(page: Page, button: string): Promise<Uint8Array> {
  const download = page.waitForEvent("download");
  await page.click(button);
  return await Deno.readFile((await (await download).path())!);
}
