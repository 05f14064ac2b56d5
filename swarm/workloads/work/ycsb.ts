import { Random } from "../../../domain/random.ts";
import { ServiceError } from "../errors.ts";
import type { Metric } from "../metrics.ts";
import { NEIGHBOUR_SETTINGS, Neighbours } from "../neighbours.ts";
import { number, readSettings, type Values } from "../settings.ts";
import type { Memcached } from "../wire/memcached.ts";
import type { Workload, WorkReport } from "../workload.ts";
import { Zipfian } from "./zipfian.ts";

/** Settings of the YCSB clients. */
export const YCSB_SETTINGS = {
  YCSB_OPERATIONS: number(400, "operations of one request"),
  YCSB_RECORDS: number(2000, "records in the data set, 2 or more", { min: 2 }),
  YCSB_RECORD_BYTES: number(1000, "bytes of a record (YCSB: 10 fields of 100 bytes)", { min: 32 }),
  YCSB_SEED: number(1, "seed of keys and operations", { min: 0 }),
  ...NEIGHBOUR_SETTINGS,
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A client of the Yahoo! Cloud Serving Benchmark against the node's memcached: reads and updates of records whose
 * keys are drawn from a Zipfian distribution. An update replaces the whole record, as YCSB's memcached binding does.
 */
export class Ycsb implements Workload {
  readonly #reads: number;
  readonly #settings: Values<typeof YCSB_SETTINGS>;
  readonly #neighbours: Neighbours;
  readonly #random: Random;
  readonly #keys: Zipfian;
  #counts = { read: 0, update: 0, loaded: 0 };
  #lastRate = 0;

  /** @param reads Fraction of reads: 0.5 is workload A, 0.95 workload B. */
  constructor(reads: number, env: (name: string) => string | undefined) {
    this.#reads = reads;
    this.#settings = readSettings(YCSB_SETTINGS, env);
    this.#neighbours = new Neighbours(env);
    this.#random = new Random(this.#settings.YCSB_SEED);
    this.#keys = new Zipfian(this.#settings.YCSB_RECORDS, this.#random.fork());
  }

  /** Loads the records that are not there yet. */
  async prepare(): Promise<void> {
    const memcached = await this.#neighbours.memcached();
    for (let item = 0; item < this.#settings.YCSB_RECORDS; item++) {
      if (await memcached.get(keyOf(item)) === null) await this.#load(memcached, item);
    }
  }

  async work(): Promise<WorkReport> {
    const memcached = await this.#neighbours.memcached();
    const before = { ...this.#counts };
    const operations = this.#settings.YCSB_OPERATIONS;
    let reads = 0;
    const began = performance.now();
    for (let done = 0; done < operations; done++) {
      const item = this.#keys.next();
      if (this.#random.uniform() < this.#reads) {
        await this.#read(memcached, item);
        reads++;
      } else {
        await memcached.set(keyOf(item), this.#record(item));
        this.#counts.update++;
      }
    }
    const seconds = (performance.now() - began) / 1000;
    this.#lastRate = operations / seconds;
    return {
      operations,
      reads,
      updates: operations - reads,
      loaded: this.#counts.loaded - before.loaded,
      operationsPerSecond: Math.round(this.#lastRate),
    };
  }

  metrics(): Metric[] {
    return [
      {
        name: "metis_ycsb_operations_total",
        help: "Operations on memcached by kind; loaded: records that were missing",
        type: "counter",
        samples: Object.entries(this.#counts).map(([operation, value]) => ({
          labels: { operation },
          value,
        })),
      },
      {
        name: "metis_ycsb_operations_per_second",
        help: "Operations a second within the last request",
        type: "gauge",
        samples: [{ value: this.#lastRate }],
      },
    ];
  }

  close(): Promise<void> {
    this.#neighbours.close();
    return Promise.resolve();
  }

  /** @throws {ServiceError} if the record is not the one of the key. */
  async #read(memcached: Memcached, item: number): Promise<void> {
    const key = keyOf(item);
    const record = await memcached.get(key);
    this.#counts.read++;
    // memcached forgets when it is restarted or full: the record is loaded again, and counted.
    if (record === null) return await this.#load(memcached, item);
    const named = decoder.decode(record.subarray(0, key.length + 1));
    if (record.length !== this.#settings.YCSB_RECORD_BYTES || named !== `${key} `) {
      throw new ServiceError(
        `The record of ${key} differs: check that all YCSB_ settings are equal`,
      );
    }
  }

  async #load(memcached: Memcached, item: number): Promise<void> {
    await memcached.set(keyOf(item), this.#record(item));
    this.#counts.loaded++;
  }

  /** The key, a space, and noise. */
  #record(item: number): Uint8Array {
    const size = this.#settings.YCSB_RECORD_BYTES;
    const record = new Uint8Array(Math.ceil(size / 4) * 4);
    const words = new Uint32Array(record.buffer);
    for (let at = 0; at < words.length; at++) words[at] = this.#random.uint32();
    record.set(encoder.encode(`${keyOf(item)} `));
    return record.subarray(0, size);
  }
}

/** Key of a record, as YCSB names them. */
function keyOf(item: number): string {
  return `user${item}`;
}
