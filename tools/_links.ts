/** Links from page to page, and the headings that they lead to, as GitHub shows them. */

/**
 * Says of every relative link that leads nowhere where it stands.
 * @param pages Markdown by path from the root.
 * @param exists Tells whether there is a file or folder at a path from the root.
 */
export function brokenLinks(
  pages: ReadonlyMap<string, string>,
  exists: (path: string) => boolean,
): string[] {
  const faults: string[] = [];
  for (const [page, text] of pages) {
    for (const link of linksOf(text)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [file = "", anchor] = link.split("#");
      const url = new URL(file === "" ? page : file, new URL(page, "file:///"));
      const target = file === "" ? page : decodeURIComponent(url.pathname.slice(1));
      const other = pages.get(target);
      if (other === undefined && !exists(target)) {
        faults.push(`${page} links to ${link}: there is no ${target}`);
      } else if (anchor !== undefined && other !== undefined && !anchorsOf(other).has(anchor)) {
        faults.push(`${page} links to ${link}: ${target} has no such heading`);
      }
    }
  }
  return faults;
}

function linksOf(text: string): string[] {
  const plain = text.replaceAll(/^```.*?^```/gms, "");
  const inline = [...plain.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, link]) => link!);
  const html = [...plain.matchAll(/(?:src|href|srcset)="([^"]+)"/g)].map(([, link]) => link!);
  return [...inline, ...html];
}

/** GitHub's name of each heading: lower case, no punctuation, hyphens for spaces, numbered where it comes again. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const headings = text.replaceAll(/^```.*?^```/gms, "").matchAll(/^#{1,6} +(.+?) *#*$/gm);
  for (const [, heading] of headings) {
    const slug = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  for (const [, name] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(name!);
  return anchors;
}
