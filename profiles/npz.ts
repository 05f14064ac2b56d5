/**
 * Reads numpy `.npz` files: any arrays of numbers, and the profiles of the 2020 release.
 * @module
 */
import { countOf, InputError } from "../domain/mod.ts";
import { type CheckedProfile, type CheckOptions, checkProfile } from "./check.ts";
import type { Cell } from "./raw_profile.ts";
import { type NpyArray, readNpy, toNumbers } from "./npy.ts";
import { quoted } from "./quoted.ts";
import { MAX_ZIP_BYTES, readZip } from "./zip.ts";

/** The apps of the 2020 profiles, which name none, in their order. */
export const PAPER_APPS: readonly string[] = Object.freeze([
  "redis",
  "mms",
  "checksum",
  "ycsb-a",
  "ycsb-b",
  "scene-detect",
  "isr",
]);

/** What an `.npz` file holds. */
export interface NpzFile {
  /** Arrays of numbers by name (without `.npy`), in file order. */
  readonly arrays: Map<string, NpyArray>;
  /** Arrays of text by name, in file order: the elements, row-major. */
  readonly texts: Map<string, readonly string[]>;
  /** Why arrays that are neither were left out, by name. */
  readonly unread: Map<string, string>;
  /** What was left out and why, a line each. */
  readonly notices: string[];
}

/** How to read a profile. */
export interface ReadProfileOptions extends CheckOptions {
  /** Names of the apps, in column order. Default: the header's; for an `.npz` see {@link readNpzProfile}. */
  readonly apps?: readonly string[];
  /** Most bytes of the file, and of what it holds decompressed. Default 256 MiB. */
  readonly maxBytes?: number;
}

/**
 * Reads all arrays of numbers and of text. Others are left out with a notice; pickled objects are never unpickled.
 * @param bytes The whole file; read only.
 * @param file Its name, for messages.
 * @param maxBytes Most bytes that it may hold decompressed.
 * @throws {InputError} for anything that is not a sound archive of npy files, naming file and entry.
 */
export async function readNpz(
  bytes: Uint8Array,
  file: string,
  maxBytes: number = MAX_ZIP_BYTES,
): Promise<NpzFile> {
  const read: NpzFile = {
    arrays: new Map(),
    texts: new Map(),
    unread: new Map(),
    notices: [],
  };
  for (const entry of await readZip(bytes, file, maxBytes)) {
    const place = `${file}: ${quoted(entry.name)}`;
    if (!entry.name.endsWith(".npy")) {
      read.notices.push(`${place} is ignored: it is not a numpy array (.npy)`);
      continue;
    }
    const name = entry.name.slice(0, -4);
    const array = readNpy(entry.bytes, place);
    if (array.kind === "numbers") read.arrays.set(name, array);
    else if (array.kind === "text") read.texts.set(name, array.data);
    else {
      read.unread.set(name, array.why);
      read.notices.push(`${place} is ignored: ${array.why}`);
    }
  }
  return read;
}

/**
 * The arrays of numbers of an `.npz` file by name, in file order; see {@link readNpz} for what is left out.
 * @throws {InputError} as {@link readNpz}.
 */
export async function readNpzArrays(
  bytes: Uint8Array,
  file: string = "npz file",
  maxBytes: number = MAX_ZIP_BYTES,
): Promise<Map<string, NpyArray>> {
  return (await readNpz(bytes, file, maxBytes)).arrays;
}

/**
 * Reads a profile of the 2020 format: `alloc` (rows x columns, counts) and `rps` of the same shape, and
 * `rt_50` and `rt_99` where they hold numbers. Columns at the end that no row uses are dropped. The apps are named
 * by `options.apps`, else by an array of text `apps`, else as the paper's seven where the file is laid out as those of
 * 2020 are, else app-1, app-2, ...
 * @throws {InputError} naming file, array, row and column.
 */
export async function readNpzProfile(
  bytes: Uint8Array,
  file: string,
  options: ReadProfileOptions = {},
): Promise<CheckedProfile> {
  const read = await readNpz(bytes, file, options.maxBytes);
  const { arrays, notices } = read;
  for (const name of ["alloc", "rps"]) {
    const why = read.unread.get(name) ?? (read.texts.has(name) ? "it holds text" : undefined);
    if (why !== undefined) throw new InputError(`${file}: "${name}.npy": ${why}`);
  }
  const [rows, columns] = shapeOfAlloc(arrays, file);
  const counts = matrix(arrays, "alloc", rows, columns, file)!;
  const used = usedColumns(counts, rows, columns);
  const names = options.apps ?? read.texts.get("apps");
  const width = names?.length ?? used;
  if (width > columns) {
    throw new InputError(
      `${file}: "alloc.npy": has ${columns} columns, too few for the ${width} app names given`,
    );
  }
  const apps = names ??
    (isOf2020(read, columns, used)
      ? PAPER_APPS
      : Array.from({ length: width }, (_, app) => `app-${app + 1}`));
  if (names === undefined && apps !== PAPER_APPS) {
    notices.push(
      `${file}: names no apps: they are called ${apps.join(", ")} (--apps gives them names)`,
    );
  }
  const arrayOf = { count: "alloc", rps: "rps", p50: "rt_50", p99: "rt_99" } as const;
  const take = (name: string) => {
    const values = matrix(arrays, name, rows, columns, file);
    if (values === null) return null;
    checkDropped(values, name, rows, columns, width, file);
    return leftColumns(values, rows, columns, width);
  };
  const rps = take("rps");
  if (rps === null) {
    throw new InputError(`${file}: has no array rps: a profile needs alloc and rps`);
  }
  const [p50, p99] = [take("rt_50"), take("rt_99")];
  for (const name of [...arrays.keys(), ...read.texts.keys()]) {
    if (name !== "apps" && !Object.values<string>(arrayOf).includes(name)) {
      notices.push(`${file}: ${quoted(`${name}.npy`)} is ignored: a profile has no such array`);
    }
  }
  const checked = checkProfile({
    file,
    apps,
    rows,
    counts: take("alloc")!,
    rps,
    ...(p50 ? { p50 } : {}),
    ...(p99 ? { p99 } : {}),
    place: (row, cell?: Cell) =>
      cell === undefined
        ? `"alloc.npy" row ${row}`
        : `"${arrayOf[cell.kind as keyof typeof arrayOf]}.npy" row ${row}, column ${cell.app} (${
          apps[cell.app]
        })`,
  }, options);
  return { profile: checked.profile, notices: [...notices, ...checked.notices] };
}

/** True if a file is laid out as the profiles of 2020: seven of nine columns used, and latencies beside them. */
function isOf2020({ arrays, unread }: NpzFile, columns: number, used: number): boolean {
  const has = (name: string) => arrays.has(name) || unread.has(name);
  return columns === 9 && used === PAPER_APPS.length && has("rt_50") && has("rt_99");
}

function shapeOfAlloc(arrays: Map<string, NpyArray>, file: string): [number, number] {
  const alloc = arrays.get("alloc");
  if (alloc === undefined) {
    const found = [...arrays.keys()].slice(0, 5).map(quoted).join(", ");
    throw new InputError(
      `${file}: has no array alloc: a profile needs alloc and rps, found ${found || "no numbers"}`,
    );
  }
  const [rows, columns] = alloc.shape;
  if (rows === 0) throw new InputError(`${file}: has no rows: nothing was measured`);
  if (alloc.shape.length !== 2 || rows === undefined || columns === undefined || columns === 0) {
    throw new InputError(
      `${file}: "alloc.npy": has shape (${alloc.shape.join(", ")}): it must be rows x apps`,
    );
  }
  return [rows, columns];
}

/** The numbers of an array that must have this shape, or null if the file does not have it. */
function matrix(
  arrays: Map<string, NpyArray>,
  name: string,
  rows: number,
  columns: number,
  file: string,
): Float64Array | null {
  const array = arrays.get(name);
  if (array === undefined) return null;
  if (array.shape.length !== 2 || array.shape[0] !== rows || array.shape[1] !== columns) {
    throw new InputError(
      `${file}: "${name}.npy": has shape (${
        array.shape.join(", ")
      }), but alloc has (${rows}, ${columns})`,
    );
  }
  if (array.type === "|b1") {
    throw new InputError(`${file}: "${name}.npy": holds booleans instead of numbers`);
  }
  return toNumbers(array, `${file}: "${name}.npy"`);
}

function usedColumns(counts: Float64Array, rows: number, columns: number): number {
  for (let column = columns - 1; column >= 0; column--) {
    for (let row = 0; row < rows; row++) {
      if (counts[row * columns + column] !== 0) return column + 1;
    }
  }
  return 0;
}

/** A value in a column that is dropped would be lost in silence. */
function checkDropped(
  values: Float64Array,
  name: string,
  rows: number,
  columns: number,
  width: number,
  file: string,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = width; column < columns; column++) {
      const value = values[row * columns + column]!;
      // Without a value a count says nothing either: it is none of 0.
      if (value !== 0 && (name === "alloc" || !Number.isNaN(value))) {
        throw new InputError(
          `${file}: "${name}.npy" row ${row}, column ${column}: is ${value}, but there ${
            width === 1 ? "is" : "are"
          } only ${countOf(width, "app")}`,
        );
      }
    }
  }
}

function leftColumns(
  values: Float64Array,
  rows: number,
  columns: number,
  width: number,
): Float64Array {
  const left = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    left.set(values.subarray(row * columns, row * columns + width), row * width);
  }
  return left;
}
