import assert from "node:assert/strict";
import { decodePhoto, encodePhoto, squareOf } from "./photo.ts";
import { Scene } from "./scene.ts";

Deno.test("a photo survives its file, but for what JPEG loses", () => {
  const picture = new Scene(1, 0).paint(96, 64, 0);
  const read = decodePhoto(encodePhoto(picture, 90));
  assert.deepEqual([read.width, read.height], [96, 64]);
  const error = read.pixels.reduce(
    (sum, byte, at) => sum + Math.abs(byte - picture.pixels[at]!),
    0,
  );
  assert.ok(error / read.pixels.length < 8, `mean error ${error / read.pixels.length}`);
});

Deno.test("what is no photo is refused", () => {
  assert.throws(() => decodePhoto(new TextEncoder().encode("hello")), /not a readable JPEG/);
});

Deno.test("a square is cut from the middle, and each pixel is the mean of what it covers", () => {
  // 6 x 4: columns 1 to 4 are the middle square; each of its quarters has one value of red.
  const pixels = new Uint8Array(3 * 6 * 4);
  const red = [
    [9, 10, 20, 30, 50, 9],
    [9, 30, 40, 30, 50, 9],
    [9, 0, 0, 200, 100, 9],
    [9, 0, 0, 200, 100, 9],
  ];
  red.flat().forEach((value, at) => pixels[3 * at] = value);
  const square = squareOf({ width: 6, height: 4, pixels }, 2);
  assert.deepEqual([0, 3, 6, 9].map((at) => square[at]), [25, 40, 0, 150]);
  // A picture that is smaller than its square repeats pixels.
  assert.equal(
    squareOf({ width: 1, height: 1, pixels: Uint8Array.of(7, 8, 9) }, 2).join(),
    "7,8,9,7,8,9,7,8,9,7,8,9",
  );
});
