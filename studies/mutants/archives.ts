/**
 * Readers of npz (zip and npy within): measurements, and the networks that are published so.
 * @module
 */
import { type Profile, Random } from "../../domain/mod.ts";
import { readPublishedNetworks } from "../../policies/checkpoint/published.ts";
import {
  npyOf,
  profileEntries,
  randomProfile,
  type TestEntry,
  zipOf,
} from "../../profiles/_testing.ts";
import { readNpz, readProfile } from "../../profiles/mod.ts";
import { mutate } from "./mutate.ts";
import { differenceOf } from "./naive.ts";
import { FILE, lostInWriting, UNITS, unsoundness } from "./profiles.ts";
import type { Reader } from "./reader.ts";

const random = new Random(322);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function entriesOf(profile: Profile) {
  const width = profile.apps.length;
  const rowsOf = (values: ArrayLike<number>) =>
    Array.from(
      { length: profile.rows },
      (_, row) => [...Array.from(values).slice(row * width, (row + 1) * width), 0, 0],
    );
  return { counts: rowsOf(profile.counts), rps: rowsOf(profile.rps) };
}

const FORMS = [{}, { deflate: true }, { zip64: true }, {
  deflate: true,
  descriptor: true,
  zip64: true,
}];
const archives = await Promise.all(FORMS.map(async (form) => {
  const { counts, rps } = entriesOf(randomProfile(random, ["a", "b", "c"], 12));
  const bytes = await zipOf(...profileEntries(counts, rps, form));
  return { bytes, profile: (await readProfile(bytes, FILE, UNITS)).profile };
}));

/** Every number is under a CRC-32: what is still accepted must be what was written. */
const profileNpz: Reader = {
  name: "profile-npz",
  form: "bytes",
  place: FILE,
  samples: archives.map(({ bytes }) => bytes),
  async accept(file) {
    const { profile } = await readProfile(file, FILE, UNITS);
    const differences = archives.map((archive) => differenceOf(profile, archive.profile));
    return differences.includes(null) ? null : differences[0]!;
  },
};

/** Text of an npy array: four bytes a letter. */
function textNpy(words: readonly string[]): Uint8Array {
  const width = Math.max(...words.map((word) => word.length));
  const points = new Uint32Array(words.length * width);
  words.forEach((word, at) =>
    [...word].forEach((letter, index) => points[at * width + index] = letter.codePointAt(0)!)
  );
  return npyOf(`<U${width}`, [words.length], points);
}

const inner = entriesOf(randomProfile(random, ["a", "b", "c"], 3));
const npyEntries: readonly (readonly TestEntry[])[] = [
  profileEntries(inner.counts, inner.rps),
  [...profileEntries(inner.counts, inner.rps), {
    name: "apps.npy",
    bytes: textNpy(["x", "y", "zz"]),
  }],
  [
    { name: "alloc.npy", bytes: npyOf("|u1", [3, 2], Uint8Array.of(1, 2, 0, 0, 1, 1), true) },
    { name: "rps.npy", bytes: npyOf("<f4", [3, 2], Float32Array.of(1, 0.5, 0, 0, 1, 0.75), true) },
  ],
  [
    { name: "alloc.npy", bytes: npyOf("<i8", [2, 1], BigInt64Array.of(1n, 2n)) },
    { name: "rps.npy", bytes: npyOf("<f8", [2, 1], Float64Array.of(1, 0.5)) },
  ],
];

/** A mutant of one entry of an archive, its CRC-32 taken afterwards. */
function mutateEntry(entries: readonly TestEntry[], random: Random): Promise<Uint8Array> {
  const target = random.below(entries.length);
  return zipOf(
    ...entries.map((entry, at) =>
      at === target ? { ...entry, bytes: mutate(entry.bytes, "bytes", random) } : entry
    ),
  );
}

/** Elements of an npy file by its header, read as numpy documents it. */
function naiveNpy(
  bytes: Uint8Array,
): { values: number[]; shape: number[]; fortran: boolean } | null {
  const header = /\{.*\}\s*\n/s.exec(
    new TextDecoder("latin1").decode(bytes.subarray(0, Math.min(bytes.length, 400))),
  );
  const descr = /'descr':\s*'([^']*)'/.exec(header?.[0] ?? "")?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header?.[0] ?? "")?.[1];
  if (header === null || descr === undefined || shape === undefined) return null;
  const data = bytes.slice(header.index + header[0].length);
  const view = new DataView(data.buffer);
  const readings: Record<string, [size: number, read: (at: number) => number]> = {
    "<f8": [8, (at) => view.getFloat64(at, true)],
    "<f4": [4, (at) => view.getFloat32(at, true)],
    "<i8": [8, (at) => Number(view.getBigInt64(at, true))],
    "<u8": [8, (at) => Number(view.getBigUint64(at, true))],
    "<i4": [4, (at) => view.getInt32(at, true)],
    "<u4": [4, (at) => view.getUint32(at, true)],
    "<i2": [2, (at) => view.getInt16(at, true)],
    "<u2": [2, (at) => view.getUint16(at, true)],
    "|i1": [1, (at) => view.getInt8(at)],
    "|u1": [1, (at) => view.getUint8(at)],
  };
  const reading = readings[descr];
  if (reading === undefined || data.length % reading[0] !== 0) return null;
  return {
    values: Array.from(
      { length: data.length / reading[0] },
      (_, at) => reading[1](at * reading[0]),
    ),
    shape: shape.split(",").filter((part) => part.trim() !== "").map(Number),
    fortran: /'fortran_order':\s*True/.test(header[0]),
  };
}

const profileNpy: Reader = {
  name: "profile-npy",
  form: "bytes",
  place: FILE,
  samples: await Promise.all(npyEntries.map((entries) => zipOf(...entries))),
  mutate: (sample, random) => mutateEntry(npyEntries[sample]!, random),
  async accept(file) {
    const { profile } = await readProfile(file, FILE, UNITS);
    // The archives of the study store: entries are found by their names in the local headers.
    const entry = (name: string) => storedEntry(file, name);
    const [alloc, rps] = [naiveNpy(entry("alloc.npy")), naiveNpy(entry("rps.npy"))];
    if (alloc === null || rps === null) return "an array was read that says nothing";
    const [rows, columns] = alloc.shape as [number, number];
    const width = profile.apps.length;
    const at = ({ fortran }: { fortran: boolean }, row: number, column: number) =>
      fortran ? column * rows + row : row * columns + column;
    const wanted = new Float64Array(rows * width);
    const counts = new Uint8Array(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const count = alloc.values[at(alloc, row, column)]!;
        const value = rps.values[at(rps, row, column)]!;
        if (column >= width) {
          if (count !== 0 || (value !== 0 && !Number.isNaN(value))) return "a column was dropped";
          continue;
        }
        if (count === 0 && value !== 0 && !Number.isNaN(value)) return "a value of an absent app";
        counts[row * width + column] = count;
        if (counts[row * width + column] !== count) return `count ${count} was read`;
        wanted[row * width + column] = count === 0 ? NaN : value + 0;
      }
    }
    return unsoundness(profile) ?? differenceOf(profile.counts, counts) ??
      differenceOf(profile.rps, wanted) ?? await lostInWriting(profile);
  },
};

/** The content of a stored entry of an archive that zipOf() wrote. */
function storedEntry(file: Uint8Array, name: string): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const wanted = bytesOf(name);
  for (let at = 0; view.getUint32(at, true) === 0x04034b50;) {
    const size = view.getUint32(at + 22, true);
    const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
    const found = file.subarray(at + 30, at + 30 + view.getUint16(at + 26, true));
    if (found.length === wanted.length && found.every((byte, index) => byte === wanted[index])) {
      return file.slice(start, start + size);
    }
    at = start + size;
  }
  return new Uint8Array();
}

const layerEntries: readonly TestEntry[] = [
  {
    name: "class0_level1_fc1_kernel.npy",
    bytes: npyOf("<f4", [2, 3], new Float32Array(6).fill(0.5)),
  },
  { name: "class0_level1_fc1_bias.npy", bytes: npyOf("<f4", [3], new Float32Array(3)) },
  {
    name: "class0_level1_fc2_kernel.npy",
    bytes: npyOf("<f4", [3, 2], new Float32Array(6).fill(-1)),
  },
  { name: "class0_level1_fc2_bias.npy", bytes: npyOf("<f4", [2], Float32Array.of(1, 2)) },
];
const layerArchive = await zipOf(...layerEntries);

const networksNpz: Reader = {
  name: "networks-npz",
  form: "bytes",
  place: FILE,
  samples: [layerArchive],
  async mutate(_, random) {
    if (random.below(4) === 0) return mutate(layerArchive, "bytes", random);
    if (random.below(3) > 0) return await mutateEntry(layerEntries, random);
    const target = random.below(layerEntries.length);
    const words = ["class0", "class10", "level2", "fc2", "bias", "__proto__", "fc3", ""];
    return await zipOf(...layerEntries.map((entry, at) =>
      at !== target ? entry : {
        ...entry,
        name: entry.name.replace(
          /class0|level1|fc[12]|kernel|bias/,
          words[random.below(words.length)]!,
        ),
      }
    ));
  },
  async accept(file) {
    const { arrays } = await readNpz(file, FILE, 1_000_000);
    const networks = readPublishedNetworks(asNamed(arrays), FILE);
    const weights = networks.flatMap(({ layers }) =>
      layers.flatMap(({ kernel, bias }) => [...kernel, ...bias])
    );
    if (!weights.every(Number.isFinite)) return "a weight is not finite";
    const given = [...arrays].reduce((sum, [, { data }]) => sum + data.length, 0);
    if (weights.length !== given) return `${given} numbers became ${weights.length} weights`;
    for (const entry of layerEntries) {
      if (storedEntry(file, entry.name).length === 0) return `${entry.name} is missing`;
    }
    return null;
  },
};

function asNamed(arrays: Awaited<ReturnType<typeof readNpz>>["arrays"]) {
  return Object.fromEntries(
    Array.from(arrays, ([name, { shape, data }]) => [
      name,
      { shape, data: Array.from(data as ArrayLike<number | bigint>, Number) },
    ]),
  );
}

/** Readers of npz. */
export const archiveReaders: readonly Reader[] = [profileNpz, profileNpy, networksNpz];
