/** Mean change per channel above which two frames belong to different scenes (as in PySceneDetect's ContentDetector). */
export const CUT_THRESHOLD = 27;

/**
 * Finds the cuts of a video by its content: the mean change of hue, saturation and value from one frame to the next,
 * the measure of PySceneDetect's ContentDetector.
 */
export class CutDetector {
  readonly #threshold: number;
  readonly #cuts: number[] = [];
  #last: Uint8Array | null = null;
  #frames = 0;

  constructor(threshold: number = CUT_THRESHOLD) {
    this.#threshold = threshold;
  }

  /** The next frame: red, green, blue bytes of each pixel; all frames have one length. */
  add(frame: Uint8Array): void {
    const hsv = toHsv(frame);
    if (this.#last !== null && meanChange(this.#last, hsv) > this.#threshold) {
      this.#cuts.push(this.#frames);
    }
    this.#last = hsv;
    this.#frames++;
  }

  /** How many frames came. */
  get frames(): number {
    return this.#frames;
  }

  /** Numbers of the frames, from 0, that begin a new scene. */
  get cuts(): readonly number[] {
    return this.#cuts;
  }
}

/** Mean absolute difference of the channels of two frames, 0 to 255; hue goes round at 180. */
export function meanChange(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 3) {
    const turn = Math.abs(a[at]! - b[at]!);
    sum += turn > 90 ? 180 - turn : turn;
    sum += Math.abs(a[at + 1]! - b[at + 1]!) + Math.abs(a[at + 2]! - b[at + 2]!);
  }
  return sum / a.length;
}

/** Hue (0 to 179, half degrees), saturation and value (0 to 255) of pixels, in the ranges of OpenCV. */
export function toHsv(rgb: Uint8Array): Uint8Array {
  const hsv = new Uint8Array(rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    const value = Math.max(red, green, blue);
    const range = value - Math.min(red, green, blue);
    if (range > 0) {
      const sixths = value === red
        ? (green - blue) / range
        : value === green
        ? 2 + (blue - red) / range
        : 4 + (red - green) / range;
      hsv[at] = Math.round(30 * (sixths < 0 ? sixths + 6 : sixths)) % 180;
      hsv[at + 1] = Math.round(255 * range / value);
    }
    hsv[at + 2] = value;
  }
  return hsv;
}
