import { strict as assert } from "node:assert";
import { concat, npyOf, npyWithHeader, refuses } from "./_testing.ts";
import { type NpyArray, readNpy, toNumbers } from "./npy.ts";

const six = Float64Array.of(1, 2, 3, 4, 5, 6);
const numbers = (bytes: Uint8Array): NpyArray => {
  const array = readNpy(bytes, "file");
  assert.equal(array.kind, "numbers");
  return array as NpyArray;
};

const types: [string, ArrayBufferView & ArrayLike<number | bigint>][] = [
  ["<f8", Float64Array.of(1.5, -0, NaN, Infinity)],
  ["<f4", Float32Array.of(1.5, -2, NaN, 3e38)],
  ["<i8", BigInt64Array.of(1n, -2n, 9007199254740991n, -(2n ** 63n))],
  ["<u8", BigUint64Array.of(1n, 2n, 2n ** 64n - 1n, 0n)],
  ["<i4", Int32Array.of(1, -2, 2147483647, -2147483648)],
  ["<u4", Uint32Array.of(1, 2, 4294967295, 0)],
  ["<i2", Int16Array.of(1, -2, 32767, -32768)],
  ["<u2", Uint16Array.of(1, 2, 65535, 0)],
  ["|i1", Int8Array.of(1, -2, 127, -128)],
  ["|u1", Uint8Array.of(1, 2, 255, 0)],
  ["|b1", Uint8Array.of(1, 0, 1, 0)],
];
for (const [type, data] of types) {
  Deno.test(`readNpy() reads ${type} bit for bit, wherever it lies in memory`, () => {
    const shifted = concat(new Uint8Array(3), npyOf(type, [2, 2], data)).subarray(3);
    const array = numbers(shifted);
    assert.equal(array.type, type);
    assert.deepEqual(array.shape, [2, 2]);
    assert.deepEqual(array.data, data);
  });
}

Deno.test("readNpy() reads versions 1, 2 and 3, scalars, vectors and empty arrays", () => {
  const header = "{'shape': (6,), 'fortran_order': False, 'descr': '<f8'}\n";
  for (const version of [1, 2, 3]) {
    assert.deepEqual(
      numbers(npyWithHeader(header, new Uint8Array(six.buffer), version)).data,
      six,
    );
  }
  assert.deepEqual(numbers(npyOf("<f8", [], six.subarray(0, 1))).shape, []);
  assert.deepEqual(numbers(npyOf("<f8", [0, 7], new Float64Array())).data, new Float64Array());
});

Deno.test("readNpy() transposes Fortran order", () => {
  // [[1, 2, 3], [4, 5, 6]] column by column is 1 4 2 5 3 6.
  const columns = Float64Array.of(1, 4, 2, 5, 3, 6);
  assert.deepEqual(numbers(npyOf("<f8", [2, 3], columns, true)).data, six);
  // Element (i, j, k) of shape (2, 3, 2) is 100 i + 10 j + k; i is the fastest in the file.
  const cube = Int16Array.of(0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121);
  const wanted = Int16Array.of(0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121);
  assert.deepEqual(numbers(npyOf("<i2", [2, 3, 2], cube, true)).data, wanted);
  assert.deepEqual(numbers(npyOf("<f8", [0, 3], new Float64Array(), true)).data.length, 0);
});

Deno.test("readNpy() reports arrays of objects without looking at their pickle", () => {
  const array = readNpy(npyOf("|O", [2, 9], Uint8Array.of(0x80, 4, 99)), "file");
  assert.deepEqual(array, {
    kind: "unread",
    shape: [2, 9],
    why: "it holds pickled objects, which are never executed",
  });
});

Deno.test("toNumbers() gives whole numbers exactly, or refuses", async () => {
  assert.deepEqual(
    toNumbers(numbers(npyOf("<i8", [2], BigInt64Array.of(-3n, 2n ** 53n - 1n))), "file"),
    Float64Array.of(-3, 2 ** 53 - 1),
  );
  const large = numbers(npyOf("<u8", [1], BigUint64Array.of(2n ** 53n)));
  await refuses(() => toNumbers(large, "file"), /element 0 is 9007199254740992, too large/);
});

const eight = new Uint8Array(8);
const with_ = (header: string) => npyWithHeader(header, eight);
const ok = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n";
const refused: [string, Uint8Array, RegExp][] = [
  ["another magic", Uint8Array.from(with_(ok), (byte, at) => at === 1 ? 0 : byte), /not a numpy/],
  ["an empty file", new Uint8Array(), /not a numpy array/],
  ["version 4", npyWithHeader(ok, eight, 4), /version 4.0/],
  ["a cut header", with_(ok).subarray(0, 30), /header of 58 bytes, but ends after 20/],
  ["too few bytes", with_(ok).subarray(0, -1), /needs 8 bytes, but 7 are there/],
  ["too many bytes", concat(with_(ok), eight), /needs 8 bytes, but 16 are there/],
  ["a shape over fewer numbers", npyOf("<f8", [1_000_000, 2], six), /needs 16000000 bytes, but 48/],
  ["a negative dimension", with_(ok.replace("(1,)", "(-1,)")), /not whole numbers, 0 or more/],
  ["a fractional dimension", with_(ok.replace("(1,)", "(1.0,)")), /is not understood/],
  ["a dimension with a leading zero", with_(ok.replace("(1,)", "(01,)")), /is not understood/],
  ["a number in place of a shape", with_(ok.replace("(1,)", "(1)")), /lacks ,/],
  [
    "a shape too large for memory",
    with_(ok.replace("1,", "4294967296, 4294967296")),
    /large shape/,
  ],
  [
    "a shape that is large and empty",
    with_(ok.replace("1,", "0, 9999999999999999")),
    /large shape/,
  ],
  ["65 dimensions", with_(ok.replace("1,", "1, ".repeat(65))), /large shape/],
  ["text of too few bytes", npyOf("<U5", [1], new Uint8Array(16)), /needs 20 bytes, but 16/],
  ["what is no character", npyOf("<U1", [1], Uint32Array.of(0x110000)), /not a character/],
  ["a structured array", with_(ok.replace("'<f8'", "[('a', '<f8')]")), /structured array/],
  ["booleans beyond 0 and 1", npyOf("|b1", [2], Uint8Array.of(1, 2)), /booleans/],
  ["a repeated key", with_(ok.replace("{", "{'shape': (1,), ")), /unknown or repeated key/],
  ["an unknown key", with_(ok.replace("{", "{'x': 1, ")), /unknown or repeated key/],
  ["a missing key", with_("{'descr': '<f8', 'shape': (1,)}\n"), /lacks descr, fortran_order/],
  ["an order that is a number", with_(ok.replace("False", "0")), /neither True nor False/],
  ["an expression", with_(ok.replace("(1,)", "__import__('os')")), /is not understood/],
  ["text behind the header's end", with_(ok.replace("}", "} {")), /continues after its end/],
  ["a header without its line feed", with_(ok.replace("\n", " ")), /is not understood/],
  ["an empty header", with_("\n"), /lacks \{/],
  ["a header that stops", with_("{'descr': '<f8', 'shape': (\n"), /not whole numbers/],
];
for (const [what, bytes, message] of refused) {
  Deno.test(`readNpy() refuses ${what}`, () => refuses(() => readNpy(bytes, "file"), message));
}

const unread: [string, Uint8Array, RegExp][] = [
  ["big-endian numbers", npyOf(">f8", [1], six.subarray(0, 1)), /big-endian/],
  ["half precision", npyOf("<f2", [1], new Uint8Array(2)), /type "<f2": only <f8/],
  ["complex numbers", npyOf("<c16", [1], new Uint8Array(16)), /type "<c16"/],
  ["bytes", npyOf("|S5", [1], new Uint8Array(5)), /type "\|S5"/],
];
for (const [what, bytes, why] of unread) {
  Deno.test(`readNpy() leaves ${what} unread, and says why`, () => {
    const array = readNpy(bytes, "file");
    assert.ok(array.kind === "unread");
    assert.match(array.why, why);
  });
}

Deno.test("readNpy() reads text without the NULs that fill it up", () => {
  const points = Uint32Array.from("redis\u{1F40B}web\0\0\0", (letter) => letter.codePointAt(0)!);
  assert.deepEqual(readNpy(npyOf("<U6", [2], points), "file"), {
    kind: "text",
    shape: [2],
    data: ["redis\u{1F40B}", "web"],
  });
});

Deno.test("readNpy() refuses a 10 GB header before it takes memory for it", async () => {
  // Four bytes hold at most 4 GiB - 1; the ten of a 10 GB claim end up as this.
  const claim = concat(
    Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255),
    eight,
  );
  await refuses(() => readNpy(claim, "file"), /header of 4294967295 bytes, above the limit/);
  const long = npyWithHeader(ok.replace("{", `{${" ".repeat(70_000)}`), eight, 2);
  await refuses(() => readNpy(long, "file"), /above the limit of 65536/);
});
