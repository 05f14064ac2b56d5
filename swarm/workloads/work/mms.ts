import { ServiceError } from "../errors.ts";
import { fetchFile, FILE_SETTINGS } from "../files.ts";
import { decodePhoto, squareOf } from "../image/photo.ts";
import type { Metric } from "../metrics.ts";
import { NEIGHBOUR_SETTINGS, Neighbours } from "../neighbours.ts";
import { type Classifier, MobileNet } from "../network/mobilenet.ts";
import { loadClassifier } from "../network/saved_model.ts";
import { loadTensorFlow, TENSORFLOW_SETTINGS } from "../network/tensorflow.ts";
import { number, readSettings, text, type Values } from "../settings.ts";
import type { Redis } from "../wire/redis.ts";
import { Sources, type Workload, type WorkReport } from "../workload.ts";

/** Settings of the model server. */
export const MMS_SETTINGS = {
  MMS_SIDE: number(128, "side of the pictures that the network takes, in pixels (MobileNet: 224)", {
    min: 32,
  }),
  MMS_WIDTH: number(1, "multiplier of the network's channels (MobileNet: 0.25 to 1)", {
    min: 0.1,
    fraction: true,
  }),
  MMS_SEED: number(1, "seed of the weights", { min: 0 }),
  MMS_MODEL: text(
    "",
    "model.json of a TensorFlow.js classifier with real weights, instead of all that",
  ),
  MMS_IMAGES: number(8, "pictures of the file server that are classified in turn"),
  ...TENSORFLOW_SETTINGS,
  ...FILE_SETTINGS,
  ...NEIGHBOUR_SETTINGS,
} as const;

/**
 * A model server that classifies a picture. Beside a Redis it takes the picture, ready for the network, from a list
 * there; else it fetches a photo from the file server, decodes and scales it.
 */
export class ModelServer implements Workload {
  readonly #settings: Values<typeof MMS_SETTINGS>;
  readonly #neighbours: Neighbours;
  readonly #sources = new Sources();
  #classifier: Classifier | null = null;
  #next = 0;

  constructor(env: (name: string) => string | undefined) {
    this.#settings = readSettings(MMS_SETTINGS, env);
    this.#neighbours = new Neighbours(env);
  }

  async prepare(): Promise<void> {
    const { WASM_FOLDER, MMS_MODEL, MMS_SIDE, MMS_WIDTH, MMS_SEED } = this.#settings;
    if (this.#classifier === null) {
      const tf = await loadTensorFlow(WASM_FOLDER);
      this.#classifier = MMS_MODEL !== ""
        ? await loadClassifier(tf, MMS_MODEL)
        : new MobileNet(tf, { side: MMS_SIDE, width: MMS_WIDTH, seed: MMS_SEED });
    }
    await this.work();
  }

  async work(): Promise<WorkReport> {
    const classifier = this.#classifier!;
    const began = performance.now();
    const redis = await this.#neighbours.redis();
    const source = redis !== null ? "redis" : "file-server";
    const pixels = redis !== null ? await this.#listed(redis) : await this.#fetched(this.#next++);
    const got = performance.now();
    const probabilities = classifier.classify(pixels);
    const sum = probabilities.reduce((total, probability) => total + probability, 0);
    // NaN fails this comparison too.
    if (!(Math.abs(sum - 1) < 1e-3)) {
      throw new ServiceError(`The probabilities of the classes add up to ${sum}`);
    }
    const best = probabilities.reduce(
      (at, value, other) => value > probabilities[at]! ? other : at,
      0,
    );
    this.#sources.count(source);
    return {
      source,
      class: best,
      probability: probabilities[best]!,
      imageMilliseconds: got - began,
      networkMilliseconds: performance.now() - got,
    };
  }

  metrics(): Metric[] {
    return [
      this.#sources.metric(),
      {
        name: "metis_mms_weights",
        help: "Weights of the network",
        type: "gauge",
        samples: [{ value: this.#classifier?.weights ?? 0 }],
      },
    ];
  }

  close(): Promise<void> {
    this.#neighbours.close();
    return Promise.resolve();
  }

  /** The next picture of the list in Redis, which is used in turn; a container that finds no list makes it. */
  async #listed(redis: Redis): Promise<Uint8Array> {
    const { side } = this.#classifier!;
    const list = `metis:images:${side}`;
    let pixels = await redis.bytes("RPOPLPUSH", list, list);
    if (pixels === null) {
      const indices = Array.from({ length: this.#settings.MMS_IMAGES }, (_, at) => at);
      const pictures = await Promise.all(indices.map((index) => this.#fetched(index)));
      // Renamed at once, by the first who has it: a list that is half there is never seen.
      const made = `${list}:${crypto.randomUUID()}`;
      await redis.call("RPUSH", made, ...pictures);
      if (await redis.call("RENAMENX", made, list) === 0) await redis.call("DEL", made);
      pixels = await redis.bytes("RPOPLPUSH", list, list);
    }
    if (pixels?.length === 3 * side * side) return pixels;
    throw new ServiceError(`The list ${list} in Redis does not hold pictures`);
  }

  async #fetched(index: number): Promise<Uint8Array> {
    const { FILE_SERVER, MMS_IMAGES } = this.#settings;
    const file = await fetchFile(FILE_SERVER, `/images/${index % MMS_IMAGES}.jpg`);
    return squareOf(decodePhoto(file), this.#classifier!.side);
  }
}
