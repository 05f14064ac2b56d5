import { isBelow, type Wall } from "./imports.ts";
import { isHelper, isOfTests, type Source, type Tree } from "./tree.ts";

/** Only tests, other helpers and these places import a helper: a file whose name starts with `_`. */
export function helpers(places: readonly string[]): Wall {
  return ({ sources, unpublished }) => {
    const faults = [...sources.values()]
      .filter(({ path }) => !isOfTests(path) && !isBelow(path, places))
      .flatMap(({ path, imports }) =>
        imports.filter(({ target, isLocal }) => isLocal && isHelper(target))
          .map(({ target }) => `${path} imports ${target}, which is for tests only`)
      );
    if (!unpublished.includes("**/_*.ts")) {
      faults.push("deno.json publishes helpers of tests: exclude **/_*.ts");
    }
    return faults;
  };
}

/**
 * What a file exports serves the program: another file that is no test uses it, or the file itself does, or the package
 * exports it.
 * @param known "path name" of what tests alone may use.
 */
export function usedExports(known: readonly string[] = []): Wall {
  return (tree) => {
    const used = usesOf(tree);
    return [...tree.sources.values()].filter(({ path }) => !isOfTests(path))
      .flatMap(({ path, text, declared }) =>
        declared.filter((name) =>
          !used.has(`${path} ${name}`) && !known.includes(`${path} ${name}`) &&
          text.match(new RegExp(`\\b${name}\\b`, "g"))!.length < 2
        ).map((name) => `${path} exports ${name}, which only tests use, or nobody`)
      );
  };
}

/** Every "path name" that another file than a test uses, or the package exports. */
function usesOf({ sources, entries }: Tree): Set<string> {
  const used = new Set<string>();
  const mark = (path: string, name: string): void => {
    if (used.has(`${path} ${name}`)) return;
    used.add(`${path} ${name}`);
    for (const { target, names, exportedAs } of sources.get(path)?.imports ?? []) {
      if (exportedAs?.[0] === "*") mark(target, name);
      else if (exportedAs?.includes(name)) mark(target, names[exportedAs.indexOf(name)]!);
    }
  };
  for (const source of sources.values()) {
    if (isOfTests(source.path)) continue;
    for (const { target, names, exportedAs, namespace } of source.imports) {
      if (exportedAs !== null || !sources.has(target)) continue;
      const found = names[0] === "*"
        ? mentioned(source, namespace, exportsOf(target, sources))
        : names;
      found.forEach((name) => mark(target, name));
    }
  }
  for (const path of entries) exportsOf(path, sources).forEach((name) => mark(path, name));
  return used;
}

/** Those of the names that a file takes out of a module that it holds as a whole. */
function mentioned({ text }: Source, namespace: string | null, names: readonly string[]): string[] {
  const words = new Set(
    text.match(namespace === null ? /\w+/g : new RegExp(`\\b${namespace}\\.\\w+`, "g")),
  );
  return names.filter((name) => words.has(namespace === null ? name : `${namespace}.${name}`));
}

/** All names that a module exports, its own and those of others. */
function exportsOf(path: string, sources: ReadonlyMap<string, Source>): string[] {
  const source = sources.get(path);
  if (source === undefined) return [];
  const again = source.imports.flatMap(({ target, exportedAs }) =>
    exportedAs?.[0] === "*" ? exportsOf(target, sources) : exportedAs ?? []
  );
  return [...source.declared, ...again];
}
