/**
 * A strict reader of zip archives (PKWARE APPNOTE 6.3). Common readers skip CRC-32 and believe
 * declared sizes; this one accepts an archive only where the directory, the local headers, both sizes and
 * the CRC-32 agree and every byte of the file belongs to exactly one entry or the directory.
 * @module
 */
import { hasUnprintable, InputError } from "../domain/mod.ts";
import { crc32 } from "./crc32.ts";
import { inflate } from "./inflate.ts";
import { quoted } from "./quoted.ts";

/** Default cap on what an archive may hold in all, decompressed. */
export const MAX_ZIP_BYTES = 256 * 1024 * 1024;
const MAX_ENTRIES = 10_000;

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DATA_DESCRIPTOR = 0x08074b50;
const LOCAL_BYTES = 30;
const DIRECTORY_BYTES = 46;
const END_BYTES = 22;
const STORED = 0;
const DEFLATED = 8;
const FLAG_DESCRIPTOR = 1 << 3;
const FLAG_UTF8 = 1 << 11;
/** Data descriptor, UTF-8 names and the two bits that tell how hard deflate tried. */
const KNOWN_FLAGS = FLAG_DESCRIPTOR | FLAG_UTF8 | 0b110;
const IN_ZIP64 = 0xffffffff;
const ZIP64_EXTRA = 1;

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** The decompressed bytes; CRC-32 and size are verified. Owned by the caller. */
  readonly bytes: Uint8Array;
}

interface DirectoryEntry {
  readonly name: string;
  readonly rawName: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * Reads every entry of an archive, in directory order.
 * @param bytes The whole archive; read only.
 * @param file Its name, for messages.
 * @param maxBytes Most bytes that all entries may hold together, decompressed.
 * @throws {InputError} for anything that is not a sound, plain archive, naming file and entry.
 */
export async function readZip(
  bytes: Uint8Array,
  file: string,
  maxBytes: number = MAX_ZIP_BYTES,
): Promise<ZipEntry[]> {
  const { entries, directoryOffset } = readDirectory(bytes, file);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (total > maxBytes) {
    throw new InputError(
      `${file}: holds ${total} bytes decompressed, above the limit of ${maxBytes}`,
    );
  }
  const ranges = entries.map((entry) => locate(bytes, entry, directoryOffset, file));
  checkTiling(entries, ranges, directoryOffset, file);
  const read: ZipEntry[] = [];
  for (const [at, entry] of entries.entries()) {
    const place = `${file}: ${quoted(entry.name)}`;
    const start = ranges[at]!.dataStart;
    const data = bytes.subarray(start, start + entry.compressedSize);
    const content = entry.method === STORED ? data.slice() : await inflate(data, entry.size, place);
    if (crc32(content) !== entry.crc) {
      throw new InputError(
        `${place}: CRC-32 does not match: the file is damaged, copy or download it again`,
      );
    }
    read.push({ name: entry.name, bytes: content });
  }
  return read;
}

function readDirectory(
  bytes: Uint8Array,
  file: string,
): { entries: DirectoryEntry[]; directoryOffset: number } {
  const view = viewOf(bytes);
  const endAt = bytes.length - END_BYTES;
  if (endAt < 0 || view.getUint32(endAt, true) !== DIRECTORY_END) {
    throw new InputError(
      `${file}: does not end as a zip archive does: it is truncated, or has a comment or other bytes behind it`,
    );
  }
  const count = view.getUint16(endAt + 10, true);
  const length = view.getUint32(endAt + 12, true);
  const directoryOffset = view.getUint32(endAt + 16, true);
  // Disk numbers and the count on this disk: archives in several volumes do not exist in practice.
  const onePiece = view.getUint16(endAt + 4, true) === 0 && view.getUint16(endAt + 6, true) === 0 &&
    view.getUint16(endAt + 8, true) === count && view.getUint16(endAt + 20, true) === 0;
  if (!onePiece || directoryOffset + length !== endAt) {
    throw new InputError(
      `${file}: the end of the zip directory does not fit the file: it is truncated, damaged, zip64 or in several volumes`,
    );
  }
  if (count > MAX_ENTRIES) {
    throw new InputError(`${file}: has ${count} entries, above the limit of ${MAX_ENTRIES}`);
  }
  const entries: DirectoryEntry[] = [];
  const names = new Set<string>();
  let at = directoryOffset;
  for (let index = 0; index < count; index++) {
    const { entry, next } = readDirectoryEntry(bytes, view, at, endAt, `${file}: entry ${index}`);
    if (names.has(entry.name)) {
      throw new InputError(`${file}: ${quoted(entry.name)} is in the archive twice`);
    }
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  if (at !== endAt) {
    throw new InputError(`${file}: the zip directory lists fewer entries than it holds`);
  }
  return { entries, directoryOffset };
}

function readDirectoryEntry(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  place: string,
): { entry: DirectoryEntry; next: number } {
  if (at + DIRECTORY_BYTES > end || view.getUint32(at, true) !== DIRECTORY_HEADER) {
    throw new InputError(`${place}: the zip directory is broken: copy or download the file again`);
  }
  const nameEnd = at + DIRECTORY_BYTES + view.getUint16(at + 28, true);
  const next = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > end) {
    throw new InputError(`${place}: reaches beyond the zip directory: the file is damaged`);
  }
  const flags = view.getUint16(at + 8, true);
  const rawName = bytes.subarray(at + DIRECTORY_BYTES, nameEnd);
  const name = decodeName(rawName, (flags & FLAG_UTF8) !== 0, place);
  const method = view.getUint16(at + 10, true);
  const compressedSize = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const offset = view.getUint32(at + 42, true);
  const named = `${place} ${quoted(name)}`;
  if ((flags & 1) !== 0) throw new InputError(`${named}: is encrypted: save it without a password`);
  if ((flags & ~KNOWN_FLAGS) !== 0) {
    throw new InputError(`${named}: uses unknown zip flags 0x${flags.toString(16)}`);
  }
  if (method !== STORED && method !== DEFLATED) {
    throw new InputError(
      `${named}: uses compression method ${method}: only stored (0) and deflate (8) are read`,
    );
  }
  if ([compressedSize, size, offset].includes(IN_ZIP64)) {
    throw new InputError(`${named}: is 4 GiB or more (zip64), which is not read`);
  }
  if (method === STORED && compressedSize !== size) {
    throw new InputError(`${named}: is stored, but its two sizes differ: the file is damaged`);
  }
  const crc = view.getUint32(at + 16, true);
  return { entry: { name, rawName, flags, method, crc, compressedSize, size, offset }, next };
}

function decodeName(raw: Uint8Array, utf8: boolean, place: string): string {
  let name: string;
  try {
    name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch (error) {
    throw new InputError(`${place}: its name is not UTF-8`, { cause: error });
  }
  if (!utf8 && raw.some((byte) => byte > 126)) {
    throw new InputError(`${place}: its name is neither ASCII nor marked as UTF-8`);
  }
  const unsafe = name === "" || hasUnprintable(name) || /\\|:/.test(name) ||
    name.split("/").some((part) => part === "" || part === "." || part === "..");
  if (unsafe) {
    throw new InputError(
      `${place}: name ${
        quoted(name)
      } is not a plain relative path: absolute paths, folders and .. are refused`,
    );
  }
  return name;
}

/** Where an entry begins, where its data begins, and the first byte behind it. */
interface EntryRange {
  readonly start: number;
  readonly dataStart: number;
  readonly end: number;
}

/** Finds the data of an entry and checks that its local header says what the directory says. */
function locate(
  bytes: Uint8Array,
  entry: DirectoryEntry,
  limit: number,
  file: string,
): EntryRange {
  const view = viewOf(bytes);
  const place = `${file}: ${quoted(entry.name)}`;
  const { offset: at } = entry;
  if (at + LOCAL_BYTES > limit || view.getUint32(at, true) !== LOCAL_HEADER) {
    throw new InputError(`${place}: has no local header: the file is truncated or damaged`);
  }
  const nameEnd = at + LOCAL_BYTES + view.getUint16(at + 26, true);
  const dataStart = nameEnd + view.getUint16(at + 28, true);
  const dataEnd = dataStart + entry.compressedSize;
  if (dataEnd > limit) {
    throw new InputError(`${place}: reaches into the zip directory: the file is damaged`);
  }
  const differs = (what: string): never => {
    throw new InputError(
      `${place}: local header and zip directory disagree about its ${what}: the file is damaged`,
    );
  };
  const rawName = bytes.subarray(at + LOCAL_BYTES, nameEnd);
  if (!sameBytes(rawName, entry.rawName)) differs("name");
  if (view.getUint16(at + 6, true) !== entry.flags) differs("flags");
  if (view.getUint16(at + 8, true) !== entry.method) differs("compression method");
  const sizes = localSizes(view, at, nameEnd, dataStart);
  if (sizes === null) return differs("zip64 sizes");
  const deferred = (entry.flags & FLAG_DESCRIPTOR) !== 0;
  // A writer that streams (numpy into a pipe) knows size and CRC-32 only afterwards and leaves zeros.
  const matches = (found: number, wanted: number) => found === wanted || (deferred && found === 0);
  if (!matches(view.getUint32(at + 14, true), entry.crc)) differs("CRC-32");
  if (!matches(sizes.compressedSize, entry.compressedSize)) differs("compressed size");
  if (!matches(sizes.size, entry.size)) differs("size");
  if (!deferred) return { start: at, dataStart, end: dataEnd };
  const end = dataEnd + (sizes.zip64 ? 24 : 16);
  if (end > limit || !descriptorAgrees(view, dataEnd, sizes.zip64, entry)) {
    differs("data descriptor");
  }
  return { start: at, dataStart, end };
}

/** Sizes in a local header. numpy always writes them in the zip64 field, however small they are. */
function localSizes(
  view: DataView,
  at: number,
  extraStart: number,
  extraEnd: number,
): { compressedSize: number; size: number; zip64: boolean } | null {
  const compressedSize = view.getUint32(at + 18, true);
  const size = view.getUint32(at + 22, true);
  if (compressedSize !== IN_ZIP64 && size !== IN_ZIP64) {
    return { compressedSize, size, zip64: false };
  }
  if (compressedSize !== size || extraEnd - extraStart !== 20) return null;
  if (view.getUint16(extraStart, true) !== ZIP64_EXTRA) return null;
  if (view.getUint16(extraStart + 2, true) !== 16) return null;
  return {
    size: Number(view.getBigUint64(extraStart + 4, true)),
    compressedSize: Number(view.getBigUint64(extraStart + 12, true)),
    zip64: true,
  };
}

function descriptorAgrees(
  view: DataView,
  at: number,
  zip64: boolean,
  entry: DirectoryEntry,
): boolean {
  const sizeAt = (offset: number) =>
    zip64 ? Number(view.getBigUint64(offset, true)) : view.getUint32(offset, true);
  return view.getUint32(at, true) === DATA_DESCRIPTOR &&
    view.getUint32(at + 4, true) === entry.crc &&
    sizeAt(at + 8) === entry.compressedSize &&
    sizeAt(at + (zip64 ? 16 : 12)) === entry.size;
}

/** Overlapping entries are how small archives become huge; gaps are where other data hides. */
function checkTiling(
  entries: readonly DirectoryEntry[],
  ranges: readonly EntryRange[],
  directoryOffset: number,
  file: string,
): void {
  const order = ranges.map((_, index) => index)
    .sort((a, b) => ranges[a]!.start - ranges[b]!.start);
  let covered = 0;
  for (const index of order) {
    const { start, end } = ranges[index]!;
    if (start !== covered) {
      const what = start < covered ? "overlaps another entry" : "has unknown bytes before it";
      throw new InputError(`${file}: ${quoted(entries[index]!.name)} ${what}`);
    }
    covered = end;
  }
  if (covered !== directoryOffset) {
    throw new InputError(`${file}: has unknown bytes before the zip directory`);
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
