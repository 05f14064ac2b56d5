/** How arrays are written: as nested lists of numbers, or their bytes, little-endian, in base64. */
export type ArrayEncoding = "json" | "base64";

/** An array of the protocol, and the numbers that each environment has in it. */
export interface NamedArray {
  readonly values: Float32Array | Float64Array | Uint8Array | Uint16Array | Uint32Array;
  /** 1 and no width of its own, or a row for each environment. */
  readonly width?: number;
}

const DTYPES = new Map<unknown, string>([
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Uint8Array, "uint8"],
  [Uint16Array, "uint16"],
  [Uint32Array, "uint32"],
]);

/** What numpy must know of an array to read it. */
export function arrayForm({ values, width }: NamedArray): { dtype: string; shape: number[] } {
  const dtype = DTYPES.get(values.constructor)!;
  return { dtype, shape: width === undefined ? [values.length] : [values.length / width, width] };
}

/** An array as a value of JSON. NaN becomes null in lists. */
export function encodeArray({ values, width }: NamedArray, encoding: ArrayEncoding): unknown {
  if (encoding === "base64") {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).toBase64();
  }
  if (width === undefined) return Array.from(values);
  return Array.from(
    { length: values.length / width },
    (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)),
  );
}
