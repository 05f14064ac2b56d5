import { Random } from "../../../domain/random.ts";

/** A picture: red, green, blue bytes of each pixel, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Length 3 x width x height. */
  readonly pixels: Uint8Array<ArrayBuffer>;
}

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Of a second's way, as a fraction of the width. */
  readonly speedX: number;
  readonly speedY: number;
  readonly color: readonly [number, number, number];
}

/** Fraction of a turn of the colour circle from one scene to the next: far enough for every pair of neighbours. */
const HUE_STEP = 0.382;

/**
 * A painted scene that moves: a gradient with a grain, and discs that drift over it. Scenes of neighbouring numbers
 * differ in hue, so that a cut between them is a cut by any measure.
 */
export class Scene {
  readonly #hue: number;
  readonly #discs: readonly Disc[];
  readonly #grain: Int8Array;

  /** @param index Number of the scene. */
  constructor(seed: number, index: number) {
    const random = new Random((seed * 1009 + index) >>> 0);
    this.#hue = (seed * 0.17 + index * HUE_STEP) % 1;
    this.#grain = Int8Array.from({ length: 4099 }, () => random.below(25) - 12);
    this.#discs = Array.from({ length: 12 }, () => ({
      x: random.uniform(),
      y: random.uniform(),
      radius: 0.03 + 0.07 * random.uniform(),
      speedX: 0.1 * (random.uniform() - 0.5),
      speedY: 0.1 * (random.uniform() - 0.5),
      color: rgbOf(this.#hue + 0.25 * (random.uniform() - 0.5), 0.8, 0.3 + 0.6 * random.uniform()),
    }));
  }

  /** The picture at a time, in seconds from the scene's begin. */
  paint(width: number, height: number, seconds: number): Picture {
    const pixels = new Uint8Array(3 * width * height);
    for (let y = 0; y < height; y++) {
      const [red, green, blue] = rgbOf(this.#hue, 0.6, 0.35 + 0.5 * y / height);
      for (let x = 0; x < width; x++) {
        const at = 3 * (y * width + x);
        const grain = this.#grain[(y * 131 + x * 17) % this.#grain.length]!;
        pixels[at] = clamp(red + grain);
        pixels[at + 1] = clamp(green + grain);
        pixels[at + 2] = clamp(blue + grain);
      }
    }
    for (const disc of this.#discs) this.#paintDisc(pixels, width, height, disc, seconds);
    return { width, height, pixels };
  }

  #paintDisc(pixels: Uint8Array, width: number, height: number, disc: Disc, seconds: number): void {
    const centreX = (disc.x + disc.speedX * seconds) * width;
    const centreY = disc.y * height + disc.speedY * seconds * width;
    const radius = disc.radius * width;
    const bottom = Math.min(height - 1, Math.floor(centreY + radius));
    for (let y = Math.max(0, Math.ceil(centreY - radius)); y <= bottom; y++) {
      const half = Math.sqrt(radius ** 2 - (y - centreY) ** 2);
      const right = Math.min(width - 1, Math.floor(centreX + half));
      for (let x = Math.max(0, Math.ceil(centreX - half)); x <= right; x++) {
        pixels.set(disc.color, 3 * (y * width + x));
      }
    }
  }
}

/** Red, green and blue, 0 to 255, of a hue (in turns), a saturation and a value, 0 to 1. */
function rgbOf(hue: number, saturation: number, value: number): [number, number, number] {
  const channel = (offset: number): number => {
    const k = (offset + (((hue % 1) + 1) % 1) * 6) % 6;
    const share = Math.max(0, Math.min(k, 4 - k, 1));
    return clamp(255 * value * (1 - saturation * share));
  };
  return [channel(5), channel(3), channel(1)];
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
