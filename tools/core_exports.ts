/**
 * The typed table of what the compiled core exports (sim-wasm/build/core_exports.ts), made from the sources of its
 * functions and from the compiled module itself, which must agree.
 * @module
 */
import ts from "typescript";

/** Functions of more parameters than this take them by name. */
const MOST_POSITIONAL = 6;

/** An exported function as its source declares it. */
interface CoreFunctionSource {
  readonly doc: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly returns: string;
}

/** What the host sees of the types of the core: numbers, but for yes and no. */
const HOST_TYPES: Readonly<Record<string, string>> = {
  usize: "Address",
  bool: "boolean",
  u32: "number",
  i32: "number",
  f32: "number",
  f64: "number",
  void: "void",
};

/** Results that WebAssembly hands out as signed numbers although they are not. */
const UNSIGNED: readonly string[] = ["usize", "u32"];

/**
 * The text of the table.
 * @param folder Folder of the sources; its index.ts exports by name.
 * @param wasm The compiled module.
 * @throws {Error} if sources and module disagree.
 */
export function coreExportsText(folder: URL, wasm: Uint8Array<ArrayBuffer>): string {
  const sources = readSources(folder);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: { evaluate: () => 0 },
  });
  const constants: [string, number][] = [];
  const functions: [string, CoreFunctionSource][] = [];
  for (const [name, exported] of Object.entries(instance.exports)) {
    if (exported instanceof WebAssembly.Global) constants.push([name, Number(exported.value)]);
    if (typeof exported !== "function") continue;
    const source = sources.get(name);
    if (source === undefined) throw new Error(`assembly/index.ts exports no function ${name}`);
    if (source.parameters.length !== exported.length) {
      throw new Error(`${name} has ${exported.length} parameters, its source says otherwise`);
    }
    functions.push([name, source]);
  }
  return [
    "// Made by `deno task build` from sim-wasm/assembly. Do not edit.",
    "",
    "/** Where a block of the core's memory begins, in bytes. */",
    "export type Address = number;",
    "",
    "/** The constants of the core, by name. */",
    "export const CORE_CONSTANTS = {",
    ...constants.toSorted(byName).map(([name, value]) => `  ${name}: ${value},`),
    "} as const;",
    "",
    "/** The functions of the core as the compiled module has them. */",
    "export interface RawCoreFunctions {",
    ...functions.toSorted(byName).map(([name, { parameters, returns }]) =>
      `  ${name}(${parameters.map(declared).join(", ")}): ${hostType(returns)};`
    ),
    "}",
    "",
    `/** The functions of the core: those of more than ${MOST_POSITIONAL} parameters take them by name. */`,
    "export interface CoreFunctions {",
    ...functions.toSorted(byName).flatMap(([name, source]) => [
      ...(source.doc === "" ? [] : [`  /**${source.doc}*/`]),
      `  ${name}(${hostParameters(source)}): ${hostType(source.returns)};`,
    ]),
    "}",
    "",
    "/** The functions of one instance; whole numbers come back unsigned where they are. */",
    "export function bindCore(raw: RawCoreFunctions): CoreFunctions {",
    "  return {",
    ...functions.toSorted(byName).map(([name, source]) => `    ${name}: ${binding(name, source)},`),
    "  };",
    "}",
    "",
  ].join("\n");
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function declared({ name, type }: { readonly name: string; readonly type: string }): string {
  return `${name}: ${hostType(type)}`;
}

function hostType(type: string): string {
  const known = HOST_TYPES[type];
  if (known === undefined) throw new Error(`The host knows no type ${type}`);
  return type === "bool" ? "boolean" : known;
}

function hostParameters({ parameters }: CoreFunctionSource): string {
  const list = parameters.map(declared);
  return parameters.length > MOST_POSITIONAL
    ? `named: {\n    ${list.join(";\n    ")};\n  }`
    : list.join(", ");
}

function binding(name: string, { parameters, returns }: CoreFunctionSource): string {
  const names = parameters.map((parameter) => parameter.name);
  const byName = names.length > MOST_POSITIONAL;
  const call = `raw.${name}(${names.map((each) => byName ? `named.${each}` : each).join(", ")})`;
  if (UNSIGNED.includes(returns)) {
    return `(${byName ? "named" : names.join(", ")}) => ${call} >>> 0`;
  }
  if (returns === "bool") return `(${byName ? "named" : names.join(", ")}) => Boolean(${call})`;
  return byName ? `(named) => ${call}` : `raw.${name}`;
}

/** The functions that index.ts exports by name, from the files that declare them. */
function readSources(folder: URL): Map<string, CoreFunctionSource> {
  const index = parse(new URL("index.ts", folder));
  const found = new Map<string, CoreFunctionSource>();
  for (const statement of index.statements) {
    if (!ts.isExportDeclaration(statement)) continue;
    const { exportClause, moduleSpecifier } = statement;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) {
      throw new Error(`assembly/index.ts must export by name: ${statement.getText(index)}`);
    }
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) continue;
    const wanted = new Set(exportClause.elements.map(({ name }) => name.text));
    const file = parse(new URL(`${moduleSpecifier.text}.ts`, folder));
    for (const declaration of file.statements) {
      if (!ts.isFunctionDeclaration(declaration) || declaration.name === undefined) continue;
      if (!wanted.has(declaration.name.text)) continue;
      found.set(declaration.name.text, {
        doc: docOf(declaration, file),
        parameters: declaration.parameters.map(({ name, type }) => ({
          name: name.getText(file),
          type: type?.getText(file) ?? "",
        })),
        returns: declaration.type?.getText(file) ?? "",
      });
    }
  }
  return found;
}

/** The inside of the comment before a declaration, as it stands. */
function docOf(declaration: ts.FunctionDeclaration, file: ts.SourceFile): string {
  const comments = ts.getLeadingCommentRanges(file.text, declaration.pos) ?? [];
  const docs = comments.map(({ pos, end }) => file.text.slice(pos, end))
    .filter((text) => text.startsWith("/**"));
  return (docs.at(-1)?.slice(3, -2) ?? "").replaceAll("\n *", "\n   *").replace(/\n\s*$/, "\n   ");
}

function parse(url: URL): ts.SourceFile {
  const text = Deno.readTextFileSync(url);
  return ts.createSourceFile(url.pathname, text, ts.ScriptTarget.Latest, true);
}
