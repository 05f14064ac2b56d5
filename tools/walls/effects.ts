import { isBelow, type Wall } from "./imports.ts";
import { isOfTests } from "./tree.ts";

/** A word of the language, or of its host, and where it may stand. */
export interface Effect {
  /** What is looked for, such as `Deno.`. */
  readonly words: RegExp;
  /** Files and folders, which end in a slash, that the wall is about. */
  readonly within: readonly string[];
  /** Those of them that may use it. */
  readonly but: readonly string[];
  /** Why not. */
  readonly because: string;
}

/** Effects are only where they may be. Tests may have any. */
export function effects(table: readonly Effect[]): Wall {
  return ({ sources }) =>
    [...sources.values()].filter(({ path }) => !isOfTests(path)).flatMap(({ path, text }) =>
      table.flatMap(({ words, within, but, because }) => {
        if (!isBelow(path, within) || isBelow(path, but)) return [];
        const found = words.exec(text)?.[0];
        return found === undefined ? [] : [`${path} uses ${found}: ${because}`];
      })
    );
}

/** These files hold re-exports and nothing else. */
export function onlyReexports(paths: readonly string[]): Wall {
  return ({ sources }) =>
    paths.flatMap((path) => {
      const rest = sources.get(path)?.text.replaceAll(/^export [^"]*?from "[^"]+";$/gm, "").trim();
      if (rest === undefined) return [`${path} is missing`];
      return rest === "" ? [] : [`${path} holds more than re-exports: ${rest.split("\n")[0]}`];
    });
}
