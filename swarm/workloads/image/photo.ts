import jpeg from "jpeg-js";
import { ServiceError } from "../errors.ts";
import type { Picture } from "./scene.ts";

/** A picture as a JPEG file. @param quality 1 to 100. */
export function encodePhoto(
  { width, height, pixels }: Picture,
  quality: number,
): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    data.set(pixels.subarray(from, from + 3), to);
  }
  return new Uint8Array(jpeg.encode({ data, width, height }, quality).data);
}

/** The picture in a JPEG file. @throws {ServiceError} if it is none. */
export function decodePhoto(file: Uint8Array): Picture {
  try {
    const { width, height, data } = jpeg.decode(file, {
      useTArray: true,
      formatAsRGBA: false,
      maxMemoryUsageInMB: 256,
    });
    return { width, height, pixels: new Uint8Array(data) };
  } catch (error) {
    throw new ServiceError("A file of the file server is not a readable JPEG", {
      cause: error,
    });
  }
}

/**
 * The middle square of a picture, scaled to a side by averaging what falls into each pixel.
 * @returns Red, green, blue bytes, length 3 x side x side.
 */
export function squareOf(picture: Picture, side: number): Uint8Array<ArrayBuffer> {
  const { width, height, pixels } = picture;
  const square = Math.min(width, height);
  const [left, top] = [(width - square) >> 1, (height - square) >> 1];
  const edge = (at: number) => Math.floor(at * square / side);
  const scaled = new Uint8Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    const rows = [edge(y), Math.max(edge(y) + 1, edge(y + 1))] as const;
    for (let x = 0; x < side; x++) {
      const columns = [edge(x), Math.max(edge(x) + 1, edge(x + 1))] as const;
      let [red, green, blue] = [0, 0, 0];
      for (let row = rows[0]; row < rows[1]; row++) {
        for (let column = columns[0]; column < columns[1]; column++) {
          const at = 3 * ((top + row) * width + left + column);
          red += pixels[at]!;
          green += pixels[at + 1]!;
          blue += pixels[at + 2]!;
        }
      }
      const count = (rows[1] - rows[0]) * (columns[1] - columns[0]);
      scaled.set([red / count, green / count, blue / count], 3 * (y * side + x));
    }
  }
  return scaled;
}
