import type { Random } from "../../domain/mod.ts";
import { editText, EXTREMES, HOSTILE_NAMES, oneOf } from "./edit_text.ts";

/** JSON whose objects may have a key twice, and whose other values are any text. */
type Tree = string | Tree[] | { readonly entries: [key: string, value: Tree][] };

/** Values that a schema may take for another, as JSON. */
const VALUES: readonly string[] = [
  ...["null", "true", "false", "[]", "{}", '""', "[[]]", '{"a":1}', '"\\ud800"', '"\\u0000"'],
  ...['"0x10"', '" 1"', '"1_0"', '"1"', '"\\u202e"', '"__proto__"', '"constructor"', "[null]"],
  ...EXTREMES,
];

/** Changes the tree of a JSON text; text that is none is changed as text. */
export function editJson(text: string, random: Random): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return editText(text, random);
  }
  return textOf(editTree(treeOf(value), random));
}

/** Changes one line of JSON lines as JSON. */
export function editJsonLine(text: string, random: Random): string {
  const lines = text.split("\n");
  const at = random.below(Math.max(1, lines.length - 1));
  lines[at] = editJson(lines[at]!, random);
  return lines.join("\n");
}

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return value.map(treeOf);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return { entries: Object.entries(value).map(([key, inner]) => [key, treeOf(inner)]) };
}

function textOf(tree: Tree): string {
  if (typeof tree === "string") return tree;
  if (Array.isArray(tree)) return `[${tree.map(textOf).join(",")}]`;
  const fields = tree.entries.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`);
  return `{${fields.join(",")}}`;
}

/** Lists and objects below the tree, itself included. */
function branches(tree: Tree): Exclude<Tree, string>[] {
  if (typeof tree === "string") return [];
  const inner = Array.isArray(tree) ? tree : tree.entries.map(([, value]) => value);
  return [tree, ...inner.flatMap(branches)];
}

function editTree(tree: Tree, random: Random): Tree {
  const all = branches(tree);
  if (all.length === 0) return oneOf(VALUES, random);
  const branch = oneOf(all, random);
  if (Array.isArray(branch)) editList(branch, all, random);
  else editEntries(branch.entries, all, random);
  return tree;
}

function editList(list: Tree[], all: readonly Tree[], random: Random): void {
  const at = random.below(list.length + 1);
  const other = random.below(Math.max(1, list.length));
  switch (random.below(6)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(at, 0, list[other] ?? oneOf(VALUES, random));
      break;
    case 2:
      list.splice(at, 1, oneOf(VALUES, random));
      break;
    case 3:
      list.splice(at, 0, oneOf(VALUES, random));
      break;
    case 4:
      list.splice(at, 1, copyOf(oneOf(all, random)));
      break;
    default:
      if (at < list.length) [list[at], list[other]] = [list[other]!, list[at]!];
  }
}

function editEntries(entries: [string, Tree][], all: readonly Tree[], random: Random): void {
  const at = random.below(entries.length + 1);
  const entry = entries[at];
  if (entry === undefined || random.below(5) === 0) { // a key that nobody knows
    entries.splice(at, 0, [oneOf(HOSTILE_NAMES, random), oneOf(VALUES, random)]);
    return;
  }
  const [key, value] = entry;
  switch (random.below(8)) {
    case 0: { // another name
      const names = [...HOSTILE_NAMES, `${key} `, key.toUpperCase(), key.slice(1), `${key}s`];
      entry[0] = oneOf([...names, oneOf(entries, random)[0]], random);
      break;
    }
    case 1: // the key twice
      entries.splice(random.below(entries.length + 1), 0, [key, oneOf(VALUES, random)]);
      break;
    case 2:
      entries.splice(at, 1);
      break;
    case 3:
    case 4:
      entry[1] = oneOf(VALUES, random);
      break;
    case 5: // what another has
      entry[1] = copyOf(oneOf(entries, random)[1]);
      break;
    case 6:
      entry[1] = copyOf(oneOf(all, random));
      break;
    default: // nested more deeply
      for (let levels = oneOf([1, 2, 50, 150], random); levels > 0; levels--) {
        entry[1] = random.below(2) === 0 ? [entry[1]] : { entries: [["a", entry[1]]] };
      }
      if (typeof value === "string") entries.push(["a", value]);
  }
}

/** A copy that shares nothing: a tree must not hold itself. */
function copyOf(tree: Tree): Tree {
  return structuredClone(tree);
}
