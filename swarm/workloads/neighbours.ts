/**
 * How a container finds what runs beside it on its node. Containers know nothing of the Swarm: the node is
 * their default gateway, and what it publishes in host mode is reached there.
 * @module
 */
import { ServiceError } from "./errors.ts";
import { number, readSettings, text, type Values } from "./settings.ts";
import { Memcached } from "./wire/memcached.ts";
import { Redis } from "./wire/redis.ts";

/** Port that the Redis of slot 0 is published at; slot i gets this plus i. */
export const FIRST_REDIS_PORT = 6381;
/** Port that the memcached of a node is published at. */
export const MEMCACHED_PORT = 11211;

/** Where neighbours are looked for. */
export const NEIGHBOUR_SETTINGS = {
  NODE_ADDRESS: text("", "address of the node (default: the container's default gateway)"),
  MEMCACHED_PORT: number(MEMCACHED_PORT, "port of the node's memcached"),
  REDIS_PORT: number(FIRST_REDIS_PORT, "first port at which a Redis of the node may be published"),
  REDIS_PORTS: number(8, "how many ports from there on are looked at; 0: none", { min: 0 }),
} as const;

const PROBE_MS = 300;
/** A node without a Redis is looked at again after this time. */
const RECHECK_MS = 2_000;

/** What runs beside a container. */
export class Neighbours {
  readonly #settings: Values<typeof NEIGHBOUR_SETTINGS>;
  #redis: Redis | null = null;
  #memcached: Memcached | null = null;
  #connecting: Promise<Memcached> | null = null;
  #searched = -Infinity;
  #search: Promise<Redis | null> | null = null;

  /** @param now Milliseconds of a clock that never goes back. */
  constructor(
    env: (name: string) => string | undefined,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#settings = readSettings(NEIGHBOUR_SETTINGS, env);
  }

  /** The Redis of the lowest slot, or null if the node has none; looked for again now and then. */
  async redis(): Promise<Redis | null> {
    if (this.#redis !== null && !this.#redis.closed) return this.#redis;
    if (this.now() - this.#searched < RECHECK_MS) return null;
    this.#search ??= this.#findRedis().finally(() => this.#search = null);
    return await this.#search;
  }

  /** The memcached of the node. @throws {ServiceError} if it has none. */
  async memcached(): Promise<Memcached> {
    if (this.#memcached !== null && !this.#memcached.closed) return this.#memcached;
    this.#connecting ??= this.#address()
      .then((host) => Memcached.connect(host, this.#settings.MEMCACHED_PORT))
      .then((memcached) => this.#memcached = memcached)
      .finally(() => this.#connecting = null);
    return await this.#connecting;
  }

  close(): void {
    this.#redis?.close();
    this.#memcached?.close();
  }

  async #findRedis(): Promise<Redis | null> {
    const host = await this.#address();
    const found = await Promise.all(
      Array.from(
        { length: this.#settings.REDIS_PORTS },
        (_, at) => Redis.connect(host, this.#settings.REDIS_PORT + at, PROBE_MS).catch(() => null),
      ),
    );
    const [first = null, ...others] = found.filter((redis) => redis !== null);
    for (const other of others) other.close();
    this.#redis = first;
    this.#searched = this.now();
    return first;
  }

  async #address(): Promise<string> {
    if (this.#settings.NODE_ADDRESS !== "") return this.#settings.NODE_ADDRESS;
    const gateway = defaultGateway(await Deno.readTextFile("/proc/net/route"));
    if (gateway !== null) return gateway;
    throw new ServiceError(
      "There is no default gateway by which to find the node: set NODE_ADDRESS",
    );
  }
}

/** Address of the default gateway in the text of /proc/net/route, or null. */
export function defaultGateway(routes: string): string | null {
  for (const line of routes.split("\n").slice(1)) {
    const [, destination, gateway, flags] = line.split("\t");
    // Flag 2: through a gateway. Addresses are hexadecimal, the last byte first.
    if (destination !== "00000000" || gateway === undefined) continue;
    if ((parseInt(flags ?? "0", 16) & 2) === 0) continue;
    const bytes = gateway.match(/[0-9A-Fa-f]{2}/g) ?? [];
    if (bytes.length === 4) return bytes.reverse().map((byte) => parseInt(byte, 16)).join(".");
  }
  return null;
}
