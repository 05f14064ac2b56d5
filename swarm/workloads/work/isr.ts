import { ServiceError } from "../errors.ts";
import { fetchFile, FILE_SETTINGS } from "../files.ts";
import { decodePhoto, squareOf } from "../image/photo.ts";
import type { Metric } from "../metrics.ts";
import { ResidualDenseNetwork } from "../network/rdn.ts";
import { loadTensorFlow, type TensorFlow, TENSORFLOW_SETTINGS } from "../network/tensorflow.ts";
import { number, readSettings, type Values } from "../settings.ts";
import type { Workload, WorkReport } from "../workload.ts";

/** Settings of image super-resolution. */
export const ISR_SETTINGS = {
  ISR_CROP: number(16, "side of the crop that one request enlarges, in pixels (2020: 100)"),
  ISR_CONVOLUTIONS: number(3, "C: convolutions of a block"),
  ISR_BLOCKS: number(10, "D: residual dense blocks"),
  ISR_GROWTH: number(64, "G: channels that a convolution adds"),
  ISR_SCALE: number(2, "side of the result by that of the crop"),
  ISR_SEED: number(1, "seed of the weights", { min: 0 }),
  ...TENSORFLOW_SETTINGS,
  ...FILE_SETTINGS,
} as const;

/** Side of the picture that crops are taken from. */
const PICTURE_SIDE = 512;

/** Doubles the side of a crop of a picture by a residual dense network. */
export class SuperResolution implements Workload {
  readonly #settings: Values<typeof ISR_SETTINGS>;
  #tf: TensorFlow | null = null;
  #network: ResidualDenseNetwork | null = null;
  #picture: Uint8Array | null = null;
  /** Checksum of the result, by crop: the same crop must always give the same. */
  readonly #checksums = new Map<number, string>();
  #next = 0;
  #pixels = 0;

  constructor(env: (name: string) => string | undefined) {
    this.#settings = readSettings(ISR_SETTINGS, env);
  }

  async prepare(): Promise<void> {
    const settings = this.#settings;
    if (settings.ISR_CROP > PICTURE_SIDE) {
      throw new ServiceError(`ISR_CROP is at most ${PICTURE_SIDE}`);
    }
    this.#tf ??= await loadTensorFlow(settings.WASM_FOLDER);
    this.#network ??= new ResidualDenseNetwork(this.#tf, {
      convolutions: settings.ISR_CONVOLUTIONS,
      blocks: settings.ISR_BLOCKS,
      growth: settings.ISR_GROWTH,
      scale: settings.ISR_SCALE,
      seed: settings.ISR_SEED,
    });
    this.#picture = squareOf(
      decodePhoto(await fetchFile(settings.FILE_SERVER, "/images/0.jpg")),
      PICTURE_SIDE,
    );
    await this.work();
  }

  work(): Promise<WorkReport> {
    return Promise.resolve().then(() => this.#enlarge());
  }

  metrics(): Metric[] {
    return [
      {
        name: "metis_isr_pixels_total",
        help: "Pixels that were made",
        type: "counter",
        samples: [{ value: this.#pixels }],
      },
      {
        name: "metis_isr_weights",
        help: "Weights of the network",
        type: "gauge",
        samples: [{ value: this.#network?.weights ?? 0 }],
      },
    ];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #enlarge(): WorkReport {
    const { ISR_CROP: side, ISR_SCALE } = this.#settings;
    // A few places in turn, so that no answer can be kept.
    const crop = this.#next++ % 8;
    const offset = Math.floor(crop * (PICTURE_SIDE - side) / 7);
    const values = new Float32Array(3 * side * side);
    for (let y = 0, at = 0; y < side; y++) {
      const from = 3 * ((offset + y) * PICTURE_SIDE + offset);
      for (let x = 0; x < 3 * side; x++) values[at++] = this.#picture![from + x]! / 255;
    }
    const tf = this.#tf!;
    const image = tf.tensor4d(values, [1, side, side, 3]);
    const result = this.#network!.enlarge(image);
    const { shape } = result;
    const pixels = result.dataSync() as Float32Array;
    tf.dispose([image, result]);
    const wanted = side * ISR_SCALE;
    if (shape.join() !== `1,${wanted},${wanted},3`) {
      throw new ServiceError(
        `The result has the shape ${shape.join(" x ")}, not ${wanted} x ${wanted}`,
      );
    }
    const checksum = checksumOf(pixels);
    const known = this.#checksums.get(crop) ?? checksum;
    this.#checksums.set(crop, known);
    if (checksum !== known) {
      throw new ServiceError(`Crop ${crop} gave the checksum ${checksum}, before it was ${known}`);
    }
    this.#pixels += wanted ** 2;
    return { crop, side, enlarged: wanted, checksum };
  }
}

/** FNV-1a, 32 bits, of the bytes of numbers. @throws {ServiceError} if one is not finite. */
export function checksumOf(values: Float32Array): string {
  if (!values.every(Number.isFinite)) {
    throw new ServiceError("The result holds numbers that are not finite");
  }
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
