// Writes checkpoints of TensorFlow 1, for the tests of their reader: one block, every key spelled out.
import type { FloatArray } from "./numpy.ts";

function whole(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...whole(Math.floor(value / 128))];
}

const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const field = (number: number, bytes: readonly number[]) => [
  ...whole(number * 8 + 2),
  ...whole(bytes.length),
  ...bytes,
];

/** A block of a table: entries, one restart at 0, and the byte and checksum behind it. */
function blockOf(entries: readonly (readonly [string, readonly number[]])[]): number[] {
  const written = entries.flatMap(([key, value]) => [
    0,
    ...whole(key.length),
    ...whole(value.length),
    ...text(key),
    ...value,
  ]);
  return [...written, 0, 0, 0, 0, 1, 0, 0, 0];
}

/** The index and the data of a checkpoint. */
export function bundleOf(
  arrays: ReadonlyMap<string, FloatArray>,
): { index: Uint8Array; data: Uint8Array } {
  const data: number[] = [];
  const entries: [string, number[]][] = [["", [8, 1, 26, 2, 8, 1]]];
  for (const [name, array] of arrays) {
    const shape = array.shape.flatMap((length) => field(2, [8, ...whole(length)]));
    const bytes = [...new Uint8Array(array.data.slice().buffer)];
    const at = data.length === 0 ? [] : [32, ...whole(data.length)];
    const checksum = [53, 0, 0, 0, 0];
    entries.push([name, [
      8,
      1,
      ...field(2, shape),
      ...at,
      40,
      ...whole(bytes.length),
      ...checksum,
    ]]);
    data.push(...bytes);
  }
  const trailer = [0, 0, 0, 0, 0];
  const block = blockOf(entries);
  const directory = blockOf([["zz", [0, ...whole(block.length)]]]);
  const from = block.length + trailer.length;
  const handles = [0, 0, ...whole(from), ...whole(directory.length)];
  const footer = [...handles, ...new Array<number>(48 - handles.length).fill(0)];
  const index = [...block, ...trailer, ...directory, ...trailer, ...footer];
  return { index: Uint8Array.from(index), data: Uint8Array.from(data) };
}
