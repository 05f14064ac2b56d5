/**
 * Reads numpy `.npz` files: any arrays of numbers, and the profiles of the 2020 release.
 * @module
 */
import { InputError } from "../domain/mod.ts";
import { type Cell, type CheckedProfile, checkProfile } from "./check.ts";
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
  /** What was left out and why, a line each. */
  readonly notices: string[];
}

/** How to read a profile. */
export interface ReadProfileOptions {
  /** Names of the apps, in column order. Default: the header's; an `.npz` has none, see {@link readNpzProfile}. */
  readonly apps?: readonly string[];
  /** Slots of a node, 1 to 255: rows that hold more are refused. Default 255. */
  readonly capacity?: number;
  /** Most bytes of the file, and of what it holds decompressed. Default 256 MiB. */
  readonly maxBytes?: number;
}

/**
 * Reads all arrays of numbers. Arrays of Python objects are left out with a notice, never unpickled.
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
  const arrays = new Map<string, NpyArray>();
  const notices: string[] = [];
  for (const entry of await readZip(bytes, file, maxBytes)) {
    if (!entry.name.endsWith(".npy")) {
      notices.push(`${file}: ${quoted(entry.name)} is left out: it is not a numpy array (.npy)`);
      continue;
    }
    const array = readNpy(entry.bytes, `${file}: ${quoted(entry.name)}`);
    if (array.kind === "object") {
      notices.push(
        `${file}: ${
          quoted(entry.name)
        } is left out: it holds pickled objects, which are never executed`,
      );
    } else arrays.set(entry.name.slice(0, -4), array);
  }
  return { arrays, notices };
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
 * by `options.apps`, else as the paper's seven where seven columns are left, else app-1, app-2, ...
 * @throws {InputError} naming file, array, row and column.
 */
export async function readNpzProfile(
  bytes: Uint8Array,
  file: string,
  options: ReadProfileOptions = {},
): Promise<CheckedProfile> {
  const { arrays, notices } = await readNpz(bytes, file, options.maxBytes);
  const [rows, columns] = shapeOfAlloc(arrays, file);
  const counts = matrix(arrays, "alloc", rows, columns, file)!;
  const width = options.apps?.length ?? usedColumns(counts, rows, columns);
  if (width > columns) {
    throw new InputError(
      `${file}: "alloc.npy": has ${columns} columns, too few for the ${width} app names given`,
    );
  }
  const apps = options.apps ??
    (width === PAPER_APPS.length
      ? PAPER_APPS
      : Array.from({ length: width }, (_, app) => `app-${app + 1}`));
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
  for (const name of arrays.keys()) {
    if (!Object.values<string>(arrayOf).includes(name)) {
      notices.push(`${file}: ${quoted(`${name}.npy`)} is left out: a profile has no such array`);
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
  }, options.capacity);
  return { profile: checked.profile, notices: [...notices, ...checked.notices] };
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
      `${file}: "alloc.npy": has shape (${alloc.shape.join(", ")}): rows x apps is needed`,
    );
  }
  return [rows, columns];
}

/** The numbers of an array that must have this shape, or null where the file does not have it. */
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
    throw new InputError(`${file}: "${name}.npy": holds booleans: numbers are needed`);
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
      if (value !== 0 && !Number.isNaN(value)) {
        throw new InputError(
          `${file}: "${name}.npy" row ${row}, column ${column}: is ${value}, but there are only ${width} apps`,
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
