/** A block of code of a page of docs/. */
export interface Block {
  /** Name of the file that it is, from `<!-- file: NAME -->` above it, or null. */
  readonly file: string | null;
  /** What its commands need beyond a checkout, from `<!-- needs: swarm -->` or `<!-- needs: time -->`, or null. */
  readonly needs: string | null;
  readonly language: string;
  readonly code: string;
}

const BLOCK = /(?:^<!-- (needs|file): (\S+) -->\n)?^```(\w*)\n(.*?)^```$/gms;

/** Every block of code of a page, in its order. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(BLOCK)].map(([, marker, value, language, code]) => ({
    file: marker === "file" ? value! : null,
    needs: marker === "needs" ? value! : null,
    language: language!,
    code: code!,
  }));
}

/** The words of the `metis` commands of a block, without comments, continued lines joined. */
export function commandsOf(code: string): string[][] {
  return code.replaceAll(/\\\n\s*/g, "").split("\n")
    .map((line) => /^(?:metis|deno task (?:metis|cluster)) (.*?)(?:\s+#.*)?$/.exec(line)?.[1])
    .flatMap((words) => words === undefined ? [] : [words.trim().split(/\s+/)]);
}
