/**
 * Reads and writes profiles and demands. Pure: bytes in, values out; runs in Deno, Node and browsers.
 * @module
 */
import { decodeText, InputError } from "../domain/mod.ts";
import type { CheckedProfile } from "./check.ts";
import { readNpzProfile, type ReadProfileOptions } from "./npz.ts";
import { readCsvProfile } from "./profile_csv.ts";
import { MAX_ZIP_BYTES } from "./zip.ts";

export type { CheckedProfile, CheckOptions } from "./check.ts";
export { MAX_RPS, type UnitOptions } from "./units.ts";
export {
  type DemandOfRow,
  type DemandTable,
  readDemands,
  selectDemands,
  writeDemandsCsv,
} from "./demands.ts";
export type { NpyArray, NpyData, NpyType } from "./npy.ts";
export {
  type NpzFile,
  PAPER_APPS,
  readNpz,
  readNpzArrays,
  type ReadProfileOptions,
} from "./npz.ts";
export { writeProfileCsv } from "./profile_csv.ts";
export { readTraffic } from "./traffic.ts";

const NOT_CSV = "is neither an .npz file nor UTF-8 text: save it as CSV in UTF-8";

/**
 * Reads a profile from an `.npz` file of the 2020 format or from CSV: the content says which.
 * @param file The whole file; read only.
 * @param name Its name, for messages.
 * @returns The profile, and what its user should be told about it, a line each.
 * @throws {InputError} for a file that cannot be used: one line naming file, row and column.
 * @throws {UsageError} if `options.capacity` is not a whole number from 1 to 255.
 */
export async function readProfile(
  file: Uint8Array,
  name: string,
  options: ReadProfileOptions = {},
): Promise<CheckedProfile> {
  const { maxBytes = MAX_ZIP_BYTES } = options;
  if (file.length === 0) throw new InputError(`${name}: is empty`);
  if (file.length > maxBytes) {
    throw new InputError(`${name}: has ${file.length} bytes, above the limit of ${maxBytes}`);
  }
  // Slices of the Buffers that Node reads are no copies.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  if (beginsWith(bytes, "PK\x03\x04") || beginsWith(bytes, "PK\x05\x06")) {
    return await readNpzProfile(bytes, name, options);
  }
  if (beginsWith(bytes, "\x93NUMPY")) {
    throw new InputError(
      `${name}: is a single numpy array: save alloc and rps together with numpy.savez`,
    );
  }
  return readCsvProfile(decodeText(bytes, name, NOT_CSV), name, options);
}

function beginsWith(bytes: Uint8Array, magic: string): boolean {
  return [...magic].every((character, at) => bytes[at] === character.charCodeAt(0));
}
