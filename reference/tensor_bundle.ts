import { InputError } from "../domain/mod.ts";
import type { FloatArray } from "./numpy.ts";

/** Bytes of the footer of a table of LevelDB. */
const FOOTER = 48;

/**
 * Reads a checkpoint of TensorFlow 1 (`model.ckpt.index` and `model.ckpt.data-00000-of-00001`): a table of LevelDB
 * whose values are BundleEntryProto messages, and the elements that they point to.
 * @param file Name of the checkpoint, for messages.
 * @returns The 32-bit floating-point arrays by name.
 * @throws {InputError} for an index or data that cannot be such.
 */
export function readTensorBundle(
  index: Uint8Array,
  data: Uint8Array,
  file: string,
): Map<string, FloatArray> {
  try {
    const footer = new Reader(index.subarray(index.length - FOOTER));
    footer.whole();
    footer.whole();
    const arrays = new Map<string, FloatArray>();
    for (const block of entries(index, footer.whole(), footer.whole())) {
      const handle = new Reader(block.value);
      for (const { key, value } of entries(index, handle.whole(), handle.whole())) {
        // The nameless entry describes the checkpoint itself.
        if (key !== "") arrays.set(key, tensor(value, data, key));
      }
    }
    return arrays;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`${file}: is not a checkpoint of TensorFlow 1: ${error.message}`, {
      cause: error,
    });
  }
}

/** The entries of an uncompressed block: keys share a beginning with the key before them. */
function* entries(
  table: Uint8Array,
  offset: number,
  size: number,
): Generator<{ key: string; value: Uint8Array }> {
  if (table[offset + size] !== 0) throw new RangeError("a block is compressed or missing");
  const block = table.subarray(offset, offset + size);
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const restarts = view.getUint32(block.length - 4, true);
  const reader = new Reader(block.subarray(0, block.length - 4 - 4 * restarts));
  let key = "";
  while (!reader.ended) {
    const [shared, fresh, length] = [reader.whole(), reader.whole(), reader.whole()];
    key = key.slice(0, shared) + new TextDecoder("latin1").decode(reader.bytes(fresh));
    yield { key, value: reader.bytes(length) };
  }
}

/** The array of a BundleEntryProto: 1 type, 2 shape, 4 offset, 5 size in bytes. */
function tensor(entry: Uint8Array, data: Uint8Array, name: string): FloatArray {
  const fields = messageFields(entry);
  if (fields.number(1) !== 1) {
    throw new RangeError(`${name} does not hold 32-bit floating-point numbers`);
  }
  const [shape] = fields.messages(2);
  const dimensions = shape === undefined ? [] : messageFields(shape).messages(2);
  const bytes = data.slice(fields.number(4), fields.number(4) + fields.number(5));
  const lengths = dimensions.map((each) => messageFields(each).number(1));
  if (bytes.length !== 4 * lengths.reduce((product, length) => product * length, 1)) {
    throw new RangeError(`${name} reaches beyond the data`);
  }
  return { shape: lengths, data: new Float32Array(bytes.buffer) };
}

/** Fields of a protocol buffer by number: whole numbers, and bytes. */
class Fields {
  readonly #values = new Map<number, (number | Uint8Array)[]>();

  add(field: number, value: number | Uint8Array): void {
    const values = this.#values.get(field);
    if (values === undefined) this.#values.set(field, [value]);
    else values.push(value);
  }

  /** The first value of a field; 0 if there is none. */
  number(field: number): number {
    const value = this.#values.get(field)?.[0] ?? 0;
    if (typeof value !== "number") throw new RangeError(`field ${field} is no number`);
    return value;
  }

  /** All values of a field, each a message of its own. */
  messages(field: number): Uint8Array[] {
    return (this.#values.get(field) ?? []).map((value) => {
      if (typeof value === "number") throw new RangeError(`field ${field} is no message`);
      return value;
    });
  }
}

function messageFields(message: Uint8Array): Fields {
  const fields = new Fields();
  const reader = new Reader(message);
  while (!reader.ended) {
    const tag = reader.whole();
    const kind = tag & 7;
    if (kind !== 0 && kind !== 2 && kind !== 5) throw new RangeError(`a field has kind ${kind}`);
    const value = kind === 0 ? reader.whole() : reader.bytes(kind === 2 ? reader.whole() : 4);
    fields.add(tag >> 3, value);
  }
  return fields;
}

/** Reads bytes from front to back. */
class Reader {
  #at = 0;
  constructor(readonly source: Uint8Array) {}

  get ended(): boolean {
    return this.#at >= this.source.length;
  }

  /** A whole number of seven bits a byte. */
  whole(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const [byte] = this.bytes(1);
      value += (byte! & 127) * factor;
      if (byte! < 128) return value;
    }
    throw new RangeError("a number is too large");
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.source.length) throw new RangeError("it ends too early");
    return this.source.subarray(this.#at, this.#at += length);
  }
}
