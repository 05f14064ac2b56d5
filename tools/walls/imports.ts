import { type Import, isOfTests, type Source, type Tree } from "./tree.ts";

/** Finds what breaks a wall: one line a fault. */
export type Wall = (tree: Tree) => string[];

/** Calls `fault` with every import of every file that is no test, nor a helper of one. */
function eachImport(
  tree: Tree,
  fault: (source: Source, found: Import) => string | null,
  skipped: readonly string[] = [],
): string[] {
  return [...tree.sources.values()]
    .filter(({ path }) => !isOfTests(path) && !isBelow(path, skipped))
    .flatMap((source) => source.imports.map((found) => fault(source, found)))
    .filter((line) => line !== null);
}

/** True if a path is one of these files, or lies in one of these folders, which end in a slash. */
export function isBelow(path: string, places: readonly string[]): boolean {
  return places.some((place) => place.endsWith("/") ? path.startsWith(place) : path === place);
}

/** Files of a folder, or a file of the root, import only from the folders and files that the table gives it. */
export function layers(
  table: Readonly<Record<string, readonly string[]>>,
  scripts: readonly string[],
): Wall {
  return (tree) =>
    eachImport(tree, ({ path }, { target, isLocal }) => {
      const [from, to] = [path.split("/")[0]!, target.split("/")[0]!];
      const allowed = table[from];
      if (allowed === undefined || !isLocal || from === to || allowed.includes(to)) return null;
      return `${path} imports ${target}: ${from} may import ${allowed.join(", ") || "nothing"}`;
    }, scripts);
}

/** What files of one place import of another: a list, or nothing. */
export interface Doorway {
  readonly from: string;
  readonly of: string;
  readonly only: readonly string[];
}

/** Files of one place import of another what is listed, and nothing else of it. */
export function doorways(table: readonly Doorway[]): Wall {
  return (tree) =>
    eachImport(tree, ({ path }, { target }) => {
      const broken = table.find(({ from, of, only }) =>
        isBelow(path, [from]) && isBelow(target, [of]) && !only.includes(target)
      );
      if (broken === undefined) return null;
      const { from, of, only } = broken;
      return `${path} imports ${target}: ${from} may import ${
        only.join(", ") || "nothing"
      } of ${of}`;
    });
}

/** A package is imported by the files and folders that the table gives it, and by tests. */
export function packages(table: Readonly<Record<string, readonly string[]>>): Wall {
  const names = Object.keys(table);
  return (tree) =>
    eachImport(tree, ({ path }, { target, isLocal }) => {
      if (isLocal || /^(node|jsr|npm):|^\?$/.test(target)) return null;
      const name = names.find((one) => target === one || target.startsWith(`${one}/`));
      if (name === undefined) return `${path} imports ${target}, which no wall knows`;
      return isBelow(path, table[name]!)
        ? null
        : `${path} imports ${target}: only ${table[name]!.join(", ")} may`;
    });
}

/** Modules are imported when they are needed, by `import()`, in these places only. */
export function lazyImports(places: readonly string[]): Wall {
  return (tree) =>
    eachImport(
      tree,
      ({ path }, { target, isDynamic }) =>
        isDynamic && !isBelow(path, places)
          ? `${path} imports ${target} when it is needed: import it at the top of the file`
          : null,
    );
}

/** No file imports itself by way of others. */
export function circles(): Wall {
  return ({ sources }) =>
    components(sources).map((component) =>
      `${component.sort().join(", ")} import each other in a circle`
    );
}

/** Sets of files of which each imports every other, by way of others (Tarjan 1972). */
function components(sources: ReadonlyMap<string, Source>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const found: string[][] = [];
  const visit = (path: string): void => {
    const at = index.size;
    index.set(path, at);
    low.set(path, at);
    stack.push(path);
    open.add(path);
    let isSelf = false;
    for (const { target, isLocal, isDynamic } of sources.get(path)!.imports) {
      if (!isLocal || isDynamic || !sources.has(target)) continue;
      isSelf ||= target === path;
      if (!index.has(target)) visit(target);
      if (open.has(target)) low.set(path, Math.min(low.get(path)!, low.get(target)!));
    }
    if (low.get(path) !== at) return;
    const component = stack.splice(stack.indexOf(path));
    component.forEach((one) => open.delete(one));
    if (component.length > 1 || isSelf) found.push(component);
  };
  for (const path of sources.keys()) if (!index.has(path)) visit(path);
  return found;
}
