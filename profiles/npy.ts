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

/** An array of pickled Python objects: only its shape is known. */
export interface NpyObjectArray {
  readonly kind: "object";
  readonly shape: readonly number[];
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
 * @throws {InputError} for a broken header, another element type, or a length that does not fit the shape.
 */
export function readNpy(bytes: Uint8Array, place: string): NpyArray | NpyObjectArray {
  const { text, dataStart } = headerText(bytes, place);
  const { descr, fortranOrder, shape } = parseNpyHeader(text, place);
  if (descr === "|O" || descr === "O") return { kind: "object", shape };
  const decoder = DECODERS.get(descr);
  if (decoder === undefined) throw new InputError(`${place}: ${whyNotRead(descr)}`);
  const elements = shape.reduce((product, length) => product * length, 1);
  const wanted = elements * decoder.bytes;
  const found = bytes.length - dataStart;
  if (wanted !== found) {
    throw new InputError(
      `${place}: shape (${
        shape.join(", ")
      }) of ${descr} needs ${wanted} bytes, but ${found} are there`,
    );
  }
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

function headerText(bytes: Uint8Array, place: string): { text: string; dataStart: number } {
  const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
  if (bytes.length < 10 || magic.some((byte, at) => bytes[at] !== byte)) {
    throw new InputError(`${place}: is not a numpy array (npy)`);
  }
  const [major, minor] = [bytes[6]!, bytes[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw new InputError(
      `${place}: has npy version ${major}.${minor}: only 1.0, 2.0 and 3.0 are read`,
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
  return `elements are of type ${quoted(descr)}: only ${known} are read`;
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
