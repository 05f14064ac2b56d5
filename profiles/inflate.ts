import { InputError } from "../domain/mod.ts";

/** A deflate stream cannot grow by more than this (258 bytes from 2 bits, block headers aside). */
const MAX_RATIO = 1032;
/** Bytes given to the decompressor at a time: bounds what it can emit before we look again. */
const SLICE_BYTES = 512;

/**
 * Decompresses a raw deflate stream whose size is known beforehand.
 * @param size Bytes that must come out; memory is bounded by it, whatever the stream holds.
 * @param place Names file and entry, for messages.
 * @returns A new array of exactly `size` bytes.
 * @throws {InputError} if more or fewer bytes come out, or the stream is broken.
 */
export async function inflate(
  compressed: Uint8Array,
  size: number,
  place: string,
): Promise<Uint8Array> {
  if (size > (compressed.length + 1) * MAX_RATIO) {
    throw new InputError(
      `${place}: ${compressed.length} compressed bytes cannot hold the declared ${size}: the file is damaged or a zip bomb`,
    );
  }
  const result = new Uint8Array(size);
  let written = 0;
  const reader = slices(compressed)
    .pipeThrough(new DecompressionStream("deflate-raw"))
    .getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      if (written + value.length > size) {
        throw new InputError(
          `${place}: holds more than the declared ${size} bytes: the file is damaged or a zip bomb`,
        );
      }
      result.set(value, written);
      written += value.length;
    }
  } catch (error) {
    if (error instanceof InputError) {
      await reader.cancel().catch(() => {});
      throw error;
    }
    throw new InputError(
      `${place}: the compressed data is broken: copy or download the file again`,
      { cause: error },
    );
  }
  if (written !== size) {
    throw new InputError(
      `${place}: holds ${written} bytes, not the declared ${size}: copy or download the file again`,
    );
  }
  return result;
}

function slices(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + SLICE_BYTES));
      at += SLICE_BYTES;
    },
  }, { highWaterMark: 0 });
}
