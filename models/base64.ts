/** Element types that saved models hold. */
const ELEMENTS = { u8: Uint8Array, u32: Uint32Array, f64: Float64Array } as const;

/** Name of an element type. */
export type Element = keyof typeof ELEMENTS;

/** Typed array of an element type. */
export type ElementArray<T extends Element> = InstanceType<(typeof ELEMENTS)[T]>;

/** Characters that are made at a time: a call takes only so many arguments. */
const CHUNK = 8192;

/** The elements as base64 text, little-endian on every machine. */
export function encodeArray(type: Element, elements: ArrayLike<number>): string {
  const bytes = new Uint8Array(ELEMENTS[type].from(elements).buffer);
  toLittleEndian(bytes, ELEMENTS[type].BYTES_PER_ELEMENT);
  const letters: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    letters.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  }
  return btoa(letters.join(""));
}

/**
 * The elements in base64 text, or null if it is no base64 as {@link encodeArray} writes it (without spaces, and without
 * bits that say nothing) or ends within an element.
 */
export function decodeArray<T extends Element>(type: T, text: string): ElementArray<T> | null {
  let letters: string;
  try {
    letters = atob(text);
  } catch {
    return null;
  }
  const size = ELEMENTS[type].BYTES_PER_ELEMENT;
  if (letters.length % size !== 0 || btoa(letters) !== text) return null;
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = letters.charCodeAt(at);
  toLittleEndian(bytes, size);
  return new ELEMENTS[type](bytes.buffer) as ElementArray<T>;
}

/** Turns elements around on big-endian machines (and back: it is its own inverse). */
function toLittleEndian(bytes: Uint8Array, size: number): void {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return;
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}
