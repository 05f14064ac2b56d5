import { Random } from "../../../domain/random.ts";
import { ServiceError } from "../errors.ts";
import type { Metric } from "../metrics.ts";
import { NEIGHBOUR_SETTINGS, Neighbours } from "../neighbours.ts";
import { number, readSettings, type Values } from "../settings.ts";
import { Sources, type Workload, type WorkReport } from "../workload.ts";

/** Settings of the checksum service. */
export const CHECKSUM_SETTINGS = {
  CHECKSUM_BLOCKS: number(8, "blocks that one request reads"),
  CHECKSUM_BLOCK_KIB: number(512, "KiB of a block; memcached takes items of up to its own -I"),
  CHECKSUM_SEED: number(1, "seed of the blocks", { min: 0 }),
  ...NEIGHBOUR_SETTINGS,
} as const;

/** SHA-512 over blocks that a cache holds: a co-located Redis where there is one, else the node's memcached. */
export class Checksum implements Workload {
  readonly #settings: Values<typeof CHECKSUM_SETTINGS>;
  readonly #neighbours: Neighbours;
  readonly #sources = new Sources();
  #digest = "";
  #bytes = 0;
  #stored = 0;

  constructor(env: (name: string) => string | undefined) {
    this.#settings = readSettings(CHECKSUM_SETTINGS, env);
    this.#neighbours = new Neighbours(env);
  }

  async prepare(): Promise<void> {
    const blocks = this.#indices().map((index) => this.#block(index));
    this.#digest = await digestOf(blocks);
    await this.work();
  }

  async work(): Promise<WorkReport> {
    const redis = await this.#neighbours.redis();
    const source = redis !== null ? "redis" : "memcached";
    const memcached = redis === null ? await this.#neighbours.memcached() : null;
    const { CHECKSUM_BLOCK_KIB, CHECKSUM_SEED, CHECKSUM_BLOCKS } = this.#settings;
    const blocks: Uint8Array<ArrayBuffer>[] = [];
    for (const index of this.#indices()) {
      const key = `metis:block:${CHECKSUM_SEED}:${CHECKSUM_BLOCK_KIB}:${index}`;
      let block = await (redis !== null ? redis.bytes("GET", key) : memcached!.get(key));
      if (block === null) {
        block = this.#block(index);
        await (redis !== null ? redis.call("SET", key, block) : memcached!.set(key, block));
        this.#stored++;
      }
      blocks.push(block);
    }
    const digest = await digestOf(blocks);
    if (digest !== this.#digest) {
      throw new ServiceError(
        `The blocks of ${source} have the checksum ${digest}, not ${this.#digest}`,
      );
    }
    const bytes = CHECKSUM_BLOCKS * CHECKSUM_BLOCK_KIB * 1024;
    this.#bytes += bytes;
    this.#sources.count(source);
    return { blocks: CHECKSUM_BLOCKS, bytes, source, sha512: digest };
  }

  metrics(): Metric[] {
    return [
      this.#sources.metric(),
      {
        name: "metis_checksum_bytes_total",
        help: "Bytes read from the cache and hashed",
        type: "counter",
        samples: [{ value: this.#bytes }],
      },
      {
        name: "metis_checksum_stored_total",
        help: "Blocks that the cache did not hold and that were put there",
        type: "counter",
        samples: [{ value: this.#stored }],
      },
    ];
  }

  close(): Promise<void> {
    this.#neighbours.close();
    return Promise.resolve();
  }

  #indices(): number[] {
    return Array.from({ length: this.#settings.CHECKSUM_BLOCKS }, (_, index) => index);
  }

  /** The same bytes on every node, so that any container that misses them can put them back. */
  #block(index: number): Uint8Array<ArrayBuffer> {
    const random = new Random((this.#settings.CHECKSUM_SEED * 65_537 + index) >>> 0);
    const words = new Uint32Array(this.#settings.CHECKSUM_BLOCK_KIB * 256);
    for (let at = 0; at < words.length; at++) words[at] = random.uint32();
    return new Uint8Array(words.buffer);
  }
}

/** SHA-512 of blocks one after another, in hexadecimal. */
async function digestOf(blocks: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-512", await new Blob([...blocks]).arrayBuffer()),
  );
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
