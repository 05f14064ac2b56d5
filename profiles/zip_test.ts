import { strict as assert } from "node:assert";
import { Random } from "../domain/mod.ts";
import {
  assertCleanRefusal,
  concat,
  deflated,
  packed,
  refuses,
  utf8,
  zipEnd,
  zipOf,
} from "./_testing.ts";
import { crc32 } from "./crc32.ts";
import { inflate } from "./inflate.ts";
import { readZip } from "./zip.ts";

const text = utf8(
  "the quick brown fox jumps over the lazy dog, again and again and again and again",
);

Deno.test("crc32() gives the check value of the standard", () => {
  assert.equal(crc32(utf8("123456789")), 0xcbf43926);
  assert.equal(crc32(new Uint8Array()), 0);
});

for (const deflate of [false, true]) {
  for (const descriptor of [false, true]) {
    for (const zip64 of [false, true]) {
      const form = `${deflate ? "deflated" : "stored"}${descriptor ? ", streamed" : ""}${
        zip64 ? ", zip64 local sizes" : ""
      }`;
      Deno.test(`readZip() reads entries that are ${form}`, async () => {
        const how = { deflate, descriptor, zip64 };
        const archive = await zipOf(
          { name: "a/b.txt", bytes: text, ...how },
          { name: "empty", bytes: new Uint8Array(), ...how },
        );
        const entries = await readZip(archive, "file");
        assert.deepEqual(entries, [
          { name: "a/b.txt", bytes: text },
          { name: "empty", bytes: new Uint8Array() },
        ]);
      });
    }
  }
}

Deno.test("readZip() reads a large entry, and an archive that starts within a larger buffer", async () => {
  const random = new Random(1);
  const large = Uint8Array.from({ length: 300_000 }, (_, at) => at % 3 ? random.below(256) : 7);
  const archive = await zipOf({ name: "large", bytes: large, deflate: true });
  const within = concat(new Uint8Array(5), archive).subarray(5);
  assert.deepEqual((await readZip(within, "file"))[0]!.bytes, large);
});

Deno.test("readZip() refuses every truncation of an archive", async () => {
  const archive = await zipOf({ name: "a", bytes: text, deflate: true });
  for (let length = 0; length < archive.length; length++) {
    await refuses(() => readZip(archive.subarray(0, length), "file"), /truncated/);
  }
});

Deno.test("readZip() never accepts wrong bytes after a flip of any single bit", async () => {
  const archive = await zipOf(
    { name: "a", bytes: text, deflate: true },
    { name: "b", bytes: text, descriptor: true, zip64: true },
  );
  let accepted = 0;
  for (let bit = 0; bit < archive.length * 8; bit++) {
    const flipped = archive.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    try {
      const entries = await readZip(flipped, "file");
      assert.deepEqual(entries, [{ name: "a", bytes: text }, { name: "b", bytes: text }]);
      accepted++;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assertCleanRefusal(error, "file");
    }
  }
  // Versions, dates and attributes carry no content; everything else must be noticed.
  assert.ok(accepted < archive.length * 8 * 0.3, `${accepted} of ${archive.length * 8} accepted`);
});

const ENTRY = { name: "a", bytes: text };
const refused: [string, () => Promise<Uint8Array>, RegExp][] = [
  ["a wrong CRC-32", () => zipOf({ ...ENTRY, crc: 1 }), /"a": CRC-32 does not match/],
  [
    "a wrong CRC-32 of deflated data",
    () => zipOf({ ...ENTRY, deflate: true, crc: 1 }),
    /"a": CRC-32/,
  ],
  ["a declared size that is too small", () => zipOf({ ...ENTRY, deflate: true, size: 9 }), /more/],
  [
    "a declared size that is too large",
    () => zipOf({ ...ENTRY, deflate: true, size: 99 }),
    /holds 80 bytes, not the declared 99/,
  ],
  [
    "a declared size beyond what deflate can hold",
    () => zipOf({ ...ENTRY, deflate: true, size: 200e6 }),
    /cannot hold the declared 200000000/,
  ],
  ["stored data whose sizes differ", () => zipOf({ ...ENTRY, size: 9 }), /two sizes differ/],
  ["two entries of one name", () => zipOf(ENTRY, ENTRY), /"a" is in the archive twice/],
  ["an absolute path", () => zipOf({ ...ENTRY, name: "/etc/passwd" }), /not a plain relative path/],
  ["a path that climbs", () => zipOf({ ...ENTRY, name: "a/../../b" }), /not a plain relative path/],
  [
    "a path with a backslash",
    () => zipOf({ ...ENTRY, name: "..\\b" }),
    /not a plain relative path/,
  ],
  ["a drive letter", () => zipOf({ ...ENTRY, name: "C:b" }), /not a plain relative path/],
  ["a folder", () => zipOf({ name: "a/", bytes: new Uint8Array() }), /not a plain relative path/],
  [
    "a name with a line feed",
    () => zipOf({ ...ENTRY, name: "a\nb" }),
    /"a\\u000ab" is not a plain/,
  ],
  ["an empty name", () => zipOf({ ...ENTRY, name: "" }), /not a plain relative path/],
  ["an unmarked UTF-8 name", () => zipOf({ ...ENTRY, name: "é" }), /neither ASCII nor marked/],
  ["an encrypted entry", () => zipOf({ ...ENTRY, flags: 1 }), /is encrypted/],
  ["an unknown flag", () => zipOf({ ...ENTRY, flags: 1 << 5 }), /unknown zip flags 0x20/],
  ["an unknown method", () => zipOf({ ...ENTRY, method: 12 }), /compression method 12/],
  [
    "a local header of another name",
    () => zipOf({ ...ENTRY, localName: "b" }),
    /disagree about its name/,
  ],
  [
    "broken deflate data",
    () => zipOf({ ...ENTRY, method: 8, data: Uint8Array.of(0xff, 0xff, 0xff) }),
    /compressed data is broken/,
  ],
  [
    "bytes behind the deflate stream",
    async () =>
      zipOf({ ...ENTRY, method: 8, data: concat(await deflated(text), Uint8Array.of(1, 2, 3)) }),
    /compressed data is broken/,
  ],
  ["bytes behind the end", async () => concat(await zipOf(ENTRY), utf8("x")), /other bytes behind/],
  [
    "bytes before the beginning",
    async () => concat(utf8("x"), await zipOf(ENTRY)),
    /does not fit the file/,
  ],
  ["an empty file", () => Promise.resolve(new Uint8Array()), /does not end as a zip/],
];
for (const [what, make, message] of refused) {
  Deno.test(`readZip() refuses ${what}`, async () => {
    const archive = await make();
    await refuses(() => readZip(archive, "file"), message);
  });
}

Deno.test("readZip() refuses bytes that belong to no entry", async () => {
  const archive = await zipOf(ENTRY);
  const directoryAt = 30 + 1 + text.length;
  const hidden = utf8("hidden");
  const grown = concat(
    archive.subarray(0, directoryAt),
    hidden,
    archive.subarray(directoryAt, archive.length - 22),
    zipEnd(1, 47, directoryAt + hidden.length),
  );
  await refuses(() => readZip(grown, "file"), /unknown bytes before the zip directory/);
});

Deno.test("readZip() refuses two directory entries that share one body", async () => {
  const archive = await zipOf(ENTRY);
  const directoryAt = 30 + 1 + text.length;
  const listed = archive.slice(directoryAt, directoryAt + 47);
  // The second entry begins where the first does: its local header can only agree under one name, so
  // it is placed within the first one's data, where a whole local header is stored.
  const inner = concat(archive.subarray(0, directoryAt));
  const outer = await zipOf({ name: "o", bytes: inner });
  const outerListed = outer.slice(31 + inner.length, 31 + inner.length + 47);
  listed.set(packed([31, 4]), 42);
  const quine = concat(
    outer.subarray(0, 31 + inner.length),
    outerListed,
    listed,
    zipEnd(2, 94, 31 + inner.length),
  );
  await refuses(() => readZip(quine, "file"), /"a" overlaps another entry/);
});

Deno.test("readZip() refuses more than 10,000 entries, and volumes that do not fit", async () => {
  const end = zipEnd(10_001, 0, 0);
  await refuses(() => readZip(end, "file"), /10001 entries, above the limit of 10000/);
  await refuses(() => readZip(zipEnd(1, 0, 0), "file"), /entry 0: the zip directory is broken/);
});

Deno.test("readZip() stops a zip bomb whose size is declared truly at the cap", async () => {
  const bomb = await zipOf({ name: "bomb", bytes: new Uint8Array(20_000_000), deflate: true });
  assert.ok(bomb.length < 25_000);
  await refuses(() => readZip(bomb, "file", 10_000_000), /20000000 bytes decompressed, above/);
});

Deno.test("readZip() stops a zip bomb that declares a small size", async () => {
  const data = await deflated(new Uint8Array(20_000_000));
  const bomb = await zipOf({ name: "bomb", bytes: utf8("x"), method: 8, data, size: 1000 });
  await refuses(() => readZip(bomb, "file"), /"bomb": holds more than the declared 1000 bytes/);
});

Deno.test("inflate() stops reading a zip bomb after a few slices of its input", async () => {
  const data = await deflated(new Uint8Array(20_000_000));
  let slices = 0;
  const counted = Object.assign(data, {
    slice(start?: number, end?: number) {
      slices++;
      return Uint8Array.prototype.slice.call(data, start, end);
    },
  });
  await refuses(() => inflate(counted, 1000, "file: bomb"), /more than the declared 1000 bytes/);
  assert.ok(slices >= 1 && slices < 10, `${slices} slices of ${data.length} bytes`);
});
