/**
 * Writers of zip, npy and npz files, sound and unsound ones, for tests only.
 * @module
 */
import { strict as assert } from "node:assert";
import { InputError, type Profile, type Random } from "../domain/mod.ts";
import { crc32 } from "./crc32.ts";

/** How one entry of a test archive is written; every field left out is written as it should be. */
export interface TestEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly deflate?: boolean;
  /** Sizes and CRC-32 behind the data, as numpy writes into a pipe. */
  readonly descriptor?: boolean;
  /** Sizes in the zip64 field of the local header, as numpy always writes. */
  readonly zip64?: boolean;
  /** Declared size instead of the true one, in both headers. */
  readonly size?: number;
  /** Declared CRC-32 instead of the true one. */
  readonly crc?: number;
  readonly method?: number;
  readonly flags?: number;
  /** Name in the local header instead of `name`. */
  readonly localName?: string;
  /** Compressed data instead of that of `bytes`. */
  readonly data?: Uint8Array;
}

/** Little-endian numbers, each of so many bytes, one behind the other. */
export function packed(
  ...fields: readonly (readonly [value: number, bytes: number])[]
): Uint8Array {
  const bytes: number[] = [];
  for (const [value, length] of fields) {
    let rest = BigInt(value);
    for (let at = 0; at < length; at++) {
      bytes.push(Number(rest & 255n));
      rest >>= 8n;
    }
  }
  return Uint8Array.from(bytes);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Compresses with raw deflate. */
export async function deflated(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream()
    .pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A zip archive of the entries. */
export async function zipOf(...entries: readonly TestEntry[]): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = entry.data ?? (entry.deflate ? await deflated(entry.bytes) : entry.bytes);
    const size = entry.size ?? entry.bytes.length;
    const crc = entry.crc ?? crc32(entry.bytes);
    const method = entry.method ?? (entry.deflate ? 8 : 0);
    const flags = (entry.flags ?? 0) | (entry.descriptor ? 8 : 0);
    const name = utf8(entry.name);
    const localName = utf8(entry.localName ?? entry.name);
    const [localCrc, localSize, localData] = entry.descriptor
      ? [0, 0, 0]
      : [crc, size, data.length];
    const field = entry.zip64 ? 0xffffffff : null;
    const extra = entry.zip64
      ? packed([1, 2], [16, 2], [localSize, 8], [localData, 8])
      : new Uint8Array();
    const local = concat(
      packed([0x04034b50, 4], [20, 2], [flags, 2], [method, 2], [0, 4], [localCrc, 4]),
      packed([field ?? localData, 4], [field ?? localSize, 4]),
      packed([localName.length, 2], [extra.length, 2]),
      localName,
      extra,
    );
    const wide = entry.zip64 ? 8 : 4;
    const descriptor = entry.descriptor
      ? packed([0x08074b50, 4], [crc, 4], [data.length, wide], [size, wide])
      : new Uint8Array();
    parts.push(local, data, descriptor);
    directory.push(concat(
      packed([0x02014b50, 4], [20, 2], [20, 2], [flags, 2], [method, 2], [0, 4], [crc, 4]),
      packed([data.length, 4], [size, 4], [name.length, 2], [0, 2], [0, 2], [0, 2], [0, 2]),
      packed([0, 4], [offset, 4]),
      name,
    ));
    offset += local.length + data.length + descriptor.length;
  }
  const listed = concat(...directory);
  return concat(...parts, listed, zipEnd(entries.length, listed.length, offset));
}

/** The record that ends an archive. */
export function zipEnd(count: number, length: number, offset: number): Uint8Array {
  return packed(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [count, 2],
    [count, 2],
    [length, 4],
    [offset, 4],
    [0, 2],
  );
}

/** An npy file with this header text, as it is. */
export function npyWithHeader(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = utf8(header);
  return concat(
    Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0),
    packed([text.length, version === 1 ? 2 : 4]),
    text,
    data,
  );
}

/** An npy file of this type and shape. */
export function npyOf(
  descr: string,
  shape: readonly number[],
  data: ArrayBufferView,
  fortran = false,
): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': ${
    fortran ? "True" : "False"
  }, 'shape': (${dimensions}), }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + "\n";
  return npyWithHeader(
    padded,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}

/** The entries of a 2020 profile: float64 `alloc` and `rps`, rows x columns. */
export function profileEntries(
  counts: readonly (readonly number[])[],
  rps: readonly (readonly number[])[],
  how: Partial<TestEntry> = {},
): TestEntry[] {
  const matrix = (rows: readonly (readonly number[])[]) =>
    npyOf("<f8", [rows.length, rows[0]?.length ?? 0], Float64Array.from(rows.flat()));
  return [
    { ...how, name: "alloc.npy", bytes: matrix(counts) },
    { ...how, name: "rps.npy", bytes: matrix(rps) },
  ];
}

/** A random profile: unlike configurations, values of every magnitude, now and then with latencies or repeats. */
export function randomProfile(random: Random, apps: readonly string[], rows: number): Profile {
  const counts = new Uint8Array(rows * apps.length);
  const seen = new Set<string>();
  for (let row = 0; row < rows; row++) {
    let held: Uint8Array;
    do {
      held = Uint8Array.from(apps, () => random.below(4) === 0 ? 1 + random.below(20) : 0);
      held[random.below(apps.length)]!++;
    } while (seen.has(held.join()));
    seen.add(held.join());
    counts.set(held, row * apps.length);
  }
  const values = () =>
    Float64Array.from(
      counts,
      (count) => count === 0 ? NaN : random.uniform() * 10 ** (random.below(40) - 20),
    );
  const latencies = random.below(2) === 0 ? {} : { p50: values(), p99: values() };
  const repeats = random.below(2) === 0 ? {} : {
    measurements: Uint32Array.from({ length: rows }, () => 1 + random.below(1000)),
    deviations: values(),
  };
  return { apps, rows, counts, rps: values(), ...latencies, ...repeats };
}

/** Fails unless the error is a clean refusal: an InputError of one line that names the file first. */
export function assertCleanRefusal(error: unknown, file: string): asserts error is InputError {
  assert.ok(error instanceof InputError, `not an InputError: ${error}\n${(error as Error).stack}`);
  assert.ok(error.message.startsWith(`${file}: `), error.message);
  assert.ok(!/[\r\n]/.test(error.message), error.message);
  assert.ok(error.message.length < 500, error.message);
}

/** Fails unless the work is refused cleanly with a message that matches. */
export async function refuses(
  work: () => unknown,
  message: RegExp,
  file: string = "file",
): Promise<void> {
  try {
    await work();
  } catch (error) {
    assertCleanRefusal(error, file);
    assert.match(error.message, message);
    return;
  }
  assert.fail(`accepted, expected a refusal like ${message}`);
}
