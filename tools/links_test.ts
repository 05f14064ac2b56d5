import assert from "node:assert/strict";
import { brokenLinks } from "./_links.ts";

Deno.test("links to files, folders, headings and other pages are followed, and what leads nowhere is named", () => {
  const pages = new Map([
    [
      "README.md",
      "# Top\n[a](docs/a.md) [b](docs/a.md#two-words-it) [c](#top) [d](mod.ts) [e](https://x.org/y)\n",
    ],
    [
      "docs/a.md",
      "## Two *words*, `it`\n```\n[no link](gone.md)\n```\n## Same\n## Same\n[x](#same-1) [y](../README.md)\n",
    ],
  ]);
  const files = ["mod.ts"];
  assert.deepEqual(brokenLinks(pages, (path) => files.includes(path)), []);
  pages.set("docs/b.md", "[a](c.md) [b](../README.md#bottom) [c](#here) ![d](../e.png)\n");
  assert.deepEqual(brokenLinks(pages, (path) => files.includes(path)), [
    "docs/b.md links to c.md: there is no docs/c.md",
    "docs/b.md links to ../README.md#bottom: README.md has no such heading",
    "docs/b.md links to #here: docs/b.md has no such heading",
    "docs/b.md links to ../e.png: there is no e.png",
  ]);
});
