/**
 * A strict reader of single numpy arrays (NEP 1; format versions 1.0, 2.0 and 3.0). Numbers only: arrays of
 * Python objects are recognised and left alone, since reading them would mean running their pickle.
 * @module
 */
import { InputError } from "../domain/mod.ts";
import { parseNpyHeader } from "./npy_header.ts";
import { quoted } from "./quoted.ts";

/** Largest header read; numpy's own are 128 bytes. */
export const MAX_NPY_HEADER_BYTES = 64 * 1024;

/** Types of element that are read, by numpy's name for them. */
export type NpyType =
  | "<f8"
  | "<f4"
  | "<i8"
  | "<i4"
  | "<i2"
  | "|i1"
  | "<u8"
  | "<u4"
  | "<u2"
  | "|u1"
  | "|b1";

/** Elements of an array, exact: 64-bit whole numbers stay BigInt. */
export type NpyData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** An array of numbers. */
export interface NpyArray {
  /** Tells it from an array of objects. */
  readonly kind: "numbers";
  /** Type of an element. */
  readonly type: NpyType;
  /** Length of each dimension; empty for a single number. */
  readonly shape: readonly number[];
  /** Row-major (last dimension fastest), whatever the file's order; length = product of `shape`. */
  readonly data: NpyData;
}

/** An array of text. */
export interface NpyTextArray {
  readonly kind: "text";
  readonly shape: readonly number[];
  /** Row-major; trailing NULs, which numpy fills elements with, are gone. */
  readonly data: readonly string[];
}

/** An array that is not read: only its shape is known. */
export interface NpyUnreadArray {
  readonly kind: "unread";
  readonly shape: readonly number[];
  /** The reason, such as "it holds pickled objects, which are never executed". */
  readonly why: string;
}

type Decoder = (buffer: ArrayBuffer) => NpyData;

const DECODERS: ReadonlyMap<string, { readonly bytes: number; readonly decode: Decoder }> = new Map<
  NpyType,
  { bytes: number; decode: Decoder }
>([
  ["<f8", { bytes: 8, decode: (buffer) => new Float64Array(buffer) }],
  ["<f4", { bytes: 4, decode: (buffer) => new Float32Array(buffer) }],
  ["<i8", { bytes: 8, decode: (buffer) => new BigInt64Array(buffer) }],
  ["<i4", { bytes: 4, decode: (buffer) => new Int32Array(buffer) }],
  ["<i2", { bytes: 2, decode: (buffer) => new Int16Array(buffer) }],
  ["|i1", { bytes: 1, decode: (buffer) => new Int8Array(buffer) }],
  ["<u8", { bytes: 8, decode: (buffer) => new BigUint64Array(buffer) }],
  ["<u4", { bytes: 4, decode: (buffer) => new Uint32Array(buffer) }],
  ["<u2", { bytes: 2, decode: (buffer) => new Uint16Array(buffer) }],
  ["|u1", { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
  ["|b1", { bytes: 1, decode: (buffer) => new Uint8Array(buffer) }],
]);

/**
 * Reads one array.
 * @param bytes The whole npy file; read only.
 * @param place Names file and entry, for messages.
 * @throws {InputError} for a broken header, or a length that does not fit the shape.
 */
export function readNpy(
  bytes: Uint8Array,
  place: string,
): NpyArray | NpyTextArray | NpyUnreadArray {
  const { text, dataStart } = headerText(bytes, place);
  const { descr, fortranOrder, shape } = parseNpyHeader(text, place);
  if (descr === "|O" || descr === "O") {
    return { kind: "unread", shape, why: "it holds pickled objects, which are never executed" };
  }
  const elements = shape.reduce((product, length) => product * length, 1);
  const found = bytes.length - dataStart;
  const needBytes = (each: number): void => {
    if (elements * each === found) return;
    throw new InputError(
      `${place}: shape (${shape.join(", ")}) of ${descr} needs ${
        elements * each
      } bytes, but ${found} are there`,
    );
  };
  const letters = /^<U(\d{1,4})$/.exec(descr);
  if (letters !== null && !fortranOrder) {
    const width = Number(letters[1]);
    needBytes(4 * width);
    return { kind: "text", shape, data: textElements(bytes, dataStart, elements, width, place) };
  }
  const decoder = DECODERS.get(descr);
  if (decoder === undefined) return { kind: "unread", shape, why: whyNotRead(descr) };
  needBytes(decoder.bytes);
  if (descr === "|b1" && bytes.subarray(dataStart).some((byte) => byte > 1)) {
    throw new InputError(`${place}: an array of booleans holds something other than 0 and 1`);
  }
  // A copy also aligns, which typed arrays need (slice() of a Node Buffer would not copy), and all
  // platforms with WebAssembly are little-endian.
  const data = decoder.decode(new Uint8Array(bytes.subarray(dataStart)).buffer);
  return {
    kind: "numbers",
    type: descr as NpyType,
    shape,
    data: fortranOrder && shape.length > 1 ? toRowMajor(data, shape) : data,
  };
}

/**
 * The elements as ordinary numbers.
 * @returns A new array, laid out as `array.data`.
 * @throws {InputError} for a whole number beyond 2^53, which a number cannot hold exactly.
 */
export function toNumbers(array: NpyArray, place: string): Float64Array {
  const { data } = array;
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) {
    return Float64Array.from(data);
  }
  return Float64Array.from(data, (value, at) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw new InputError(`${place}: element ${at} is ${value}, too large to be read exactly`);
    }
    return number;
  });
}

/** Elements of `width` UTF-32 code points each. @throws {InputError} for what is no code point. */
function textElements(
  bytes: Uint8Array,
  start: number,
  elements: number,
  width: number,
  place: string,
): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  return Array.from({ length: width === 0 ? 0 : elements }, (_, element) => {
    const points = Array.from(
      { length: width },
      (_, at) => view.getUint32((element * width + at) * 4, true),
    );
    if (points.some((point) => point > 0x10ffff)) {
      throw new InputError(`${place}: element ${element} is not a character`);
    }
    return String.fromCodePoint(...points).replace(/\0+$/, "");
  });
}

function headerText(bytes: Uint8Array, place: string): { text: string; dataStart: number } {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 10 || magic.some((byte, at) => bytes[at] !== byte)) {
    throw new InputError(`${place}: is not a numpy array (npy)`);
  }
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw new InputError(
      `${place}: has npy version ${major}.${minor}: only 1.0, 2.0 and 3.0 are supported`,
    );
  }
  const headerStart = major === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerStart) throw new InputError(`${place}: ends within its header`);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_NPY_HEADER_BYTES) {
    throw new InputError(
      `${place}: declares a header of ${length} bytes, above the limit of ${MAX_NPY_HEADER_BYTES}`,
    );
  }
  const dataStart = headerStart + length;
  if (dataStart > bytes.length) {
    throw new InputError(
      `${place}: declares a header of ${length} bytes, but ends after ${
        bytes.length - headerStart
      }`,
    );
  }
  let text = "";
  for (const byte of bytes.subarray(headerStart, dataStart)) text += String.fromCharCode(byte);
  return { text, dataStart };
}

function whyNotRead(descr: string): string {
  const known = [...DECODERS.keys()].join(" ");
  if (descr.startsWith(">")) {
    return `elements are big-endian (${quoted(descr)}): save it as little-endian, one of ${known}`;
  }
  return `elements are of type ${quoted(descr)}: only ${known} are supported`;
}

/** From first-dimension-fastest (Fortran) to last-dimension-fastest order. */
function toRowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const strides: number[] = [];
  let stride = 1;
  for (const length of shape) {
    strides.push(stride);
    stride *= length;
  }
  const source = data as { readonly [at: number]: number | bigint };
  const target = data.slice();
  const writable = target as unknown as { [at: number]: number | bigint };
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < target.length; to++) {
    writable[to] = source[from]!;
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      from += strides[dimension]!;
      if (++index[dimension]! < shape[dimension]!) break;
      from -= strides[dimension]! * shape[dimension]!;
      index[dimension] = 0;
    }
  }
  return target;
}
