/** An import or a re-export of a module. */
export interface Import {
  /** Path of the file from the root, or the specifier of a package. */
  readonly target: string;
  /** True for a module of this repository. */
  readonly isLocal: boolean;
  /** `await import(...)`: loaded when it is needed. */
  readonly isDynamic: boolean;
  /** Names as the module exports them; `*` for all of them. */
  readonly names: readonly string[];
  /** The names that they get as exports of this file, or null if they are imported for it. */
  readonly exportedAs: readonly string[] | null;
  /** The name that `import * as NAME` gives, or null. */
  readonly namespace: string | null;
}

/** A TypeScript file. */
export interface Source {
  /** From the root, such as `domain/mod.ts`. */
  readonly path: string;
  /** Without comments. */
  readonly text: string;
  readonly imports: readonly Import[];
  /** Names that it declares and exports. */
  readonly declared: readonly string[];
}

/** The repository as the walls see it. */
export interface Tree {
  readonly sources: ReadonlyMap<string, Source>;
  /** Paths of the modules that the package exports. */
  readonly entries: readonly string[];
  /** Patterns of files that are not published. */
  readonly unpublished: readonly string[];
}

const SKIPPED = ["assembly", "build", "dist", "node_modules"];

/** Reads all TypeScript files below the root, and deno.json. */
export async function readTree(root: URL): Promise<Tree> {
  const texts: Record<string, string> = {};
  const read = async (folder: string): Promise<void> => {
    const found: Promise<void>[] = [];
    for (const { name, isDirectory } of Deno.readDirSync(new URL(`./${folder}`, root))) {
      if (isDirectory) {
        if (!SKIPPED.includes(name) && !name.startsWith(".")) found.push(read(`${folder}${name}/`));
      } else if (name.endsWith(".ts")) {
        const path = folder + name;
        found.push(
          Deno.readTextFile(new URL(`./${path}`, root)).then((text) => void (texts[path] = text)),
        );
      }
    }
    await Promise.all(found);
  };
  await read("");
  return treeOf(texts, JSON.parse(await Deno.readTextFile(new URL("deno.json", root))));
}

/** What a tree takes of deno.json. */
export interface TreeConfig {
  readonly exports?: Readonly<Record<string, string>>;
  readonly publish?: { readonly exclude: readonly string[] };
}

/** A tree of files by path. */
export function treeOf(texts: Readonly<Record<string, string>>, config: TreeConfig): Tree {
  const paths = Object.keys(texts).sort();
  return {
    sources: new Map(paths.map((path) => [path, sourceOf(path, texts[path]!)])),
    entries: Object.values(config.exports ?? {}).map((path) => path.replace(/^\.\//, "")),
    unpublished: config.publish?.exclude ?? [],
  };
}

/** True for a test, and for what only tests use: files whose name starts with `_`. */
export function isOfTests(path: string): boolean {
  return path.endsWith("_test.ts") || isHelper(path);
}

/** True for a file whose name starts with `_`. */
export function isHelper(path: string): boolean {
  return path.slice(path.lastIndexOf("/") + 1).startsWith("_");
}

// What `deno fmt` makes of imports and exports is regular enough to read without a parser.
const STATEMENT = /^(import|export)\s([^"';=()]*?)\bfrom\s+"([^"]+)"/gm;
const SIDE_EFFECT = /^import\s+"([^"]+)"/gm;
const DYNAMIC = /\bimport\(\s*(?:"([^"]+)")?/g;
const DECLARED =
  /^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:function\*?|class|const|let|interface|type|enum)\s+(\w+)/gm;
const LISTED = /^export\s+(?:type\s+)?\{([^}]*)\}\s*;/gm;

function sourceOf(path: string, raw: string): Source {
  // Examples in comments may use what their reader may.
  const text = raw.replaceAll(/^\s*(?:\*|\/\/|\/\*).*$/gm, "");
  const imported = (specifier: string, more: Partial<Import>): Import => ({
    target: specifier.startsWith(".") ? resolved(path, specifier) : specifier,
    isLocal: specifier.startsWith("."),
    isDynamic: false,
    names: [],
    exportedAs: null,
    namespace: null,
    ...more,
  });
  const imports = [...text.matchAll(STATEMENT)].map(([, kind, clause, specifier]) =>
    imported(specifier!, clauseOf(kind === "export", clause!))
  );
  for (const [, specifier] of text.matchAll(SIDE_EFFECT)) imports.push(imported(specifier!, {}));
  for (const [, specifier] of text.matchAll(DYNAMIC)) {
    imports.push(imported(specifier ?? "?", { isDynamic: true, names: ["*"] }));
  }
  const listed = [...text.matchAll(LISTED)].flatMap(([, names]) => pairsOf(names!));
  return {
    path,
    text,
    imports,
    declared: [
      ...[...text.matchAll(DECLARED)].map(([, name]) => name!),
      ...listed.map(([, as]) => as),
    ],
  };
}

function clauseOf(isExport: boolean, clause: string): Partial<Import> {
  const namespace = /\*\s+as\s+(\w+)/.exec(clause)?.[1] ?? null;
  if (namespace !== null || clause.includes("*")) {
    const exportedAs = isExport ? [namespace ?? "*"] : null;
    return { names: ["*"], exportedAs, namespace };
  }
  const [, whole, list = ""] = /^\s*(?:type\s)?\s*(\w+)?,?\s*(?:\{([^}]*)\})?/.exec(clause)!;
  const pairs = pairsOf(list);
  const names = [...whole === undefined ? [] : ["default"], ...pairs.map(([name]) => name)];
  return { names, exportedAs: isExport ? pairs.map(([, as]) => as) : null };
}

/** `a, type B as C` as [name, name here]. */
function pairsOf(list: string): [string, string][] {
  return list.split(",").map((one) => one.trim().replace(/^type\s+/, "")).filter((one) =>
    one !== ""
  )
    .map((one) => {
      const [name, as = name] = one.split(/\s+as\s+/);
      return [name!, as!];
    });
}

function resolved(from: string, specifier: string): string {
  return decodeURIComponent(new URL(specifier, new URL(from, "file:///")).pathname.slice(1));
}
