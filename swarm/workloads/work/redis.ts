import { ServiceError } from "../errors.ts";
import type { Metric } from "../metrics.ts";
import { ChildServer, runProgram } from "../process.ts";
import { number, readSettings, type Values } from "../settings.ts";
import { Redis } from "../wire/redis.ts";
import type { Workload, WorkReport } from "../workload.ts";

/** Settings of the Redis workload. */
export const REDIS_SETTINGS = {
  REDIS_REQUESTS: number(
    400,
    "requests of each command (lpush, lpop, incr) that one request to / makes",
  ),
  REDIS_LISTEN_PORT: number(6379, "port of the Redis server inside the container"),
  REDIS_MEMORY_MIB: number(96, "memory for its data; what was not used for longest goes first"),
} as const;

const COMMANDS = ["INCR", "LPUSH", "LPOP"];

/** Runs of redis-benchmark side by side; further requests wait for their turn. */
const MOST_RUNS = 4;

/** What neighbours on the network may do: use data, and nothing that ends, empties or rules the server. */
const RIGHTS = ["on", "nopass", "~*", "&*", "-@all", "+@read", "+@write", "+@connection"];

/** A Redis server that neighbours may use, and `redis-benchmark` on it from within. */
export class RedisServer implements Workload {
  readonly #settings: Values<typeof REDIS_SETTINGS>;
  #server: ChildServer | null = null;
  #done = 0;
  #rates = new Map<string, number>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(env: (name: string) => string | undefined) {
    this.#settings = readSettings(REDIS_SETTINGS, env);
  }

  async prepare(): Promise<void> {
    const { REDIS_LISTEN_PORT: port, REDIS_MEMORY_MIB } = this.#settings;
    await this.#server?.close();
    this.#server = new ChildServer("redis-server", [
      ...[
        "--port",
        `${port}`,
        "--bind",
        "0.0.0.0",
        "--protected-mode",
        "no",
        "--loglevel",
        "warning",
      ],
      ...["--save", "", "--appendonly", "no"],
      ...["--user", "default", ...RIGHTS, "-@dangerous"],
      ...["--maxmemory", `${REDIS_MEMORY_MIB}mb`, "--maxmemory-policy", "allkeys-lru"],
    ]);
    for (let tried = 0;; tried++) {
      try {
        (await Redis.connect("127.0.0.1", port)).close();
        return;
      } catch (error) {
        this.#server.check();
        if (tried === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  check(): void {
    this.#server?.check();
  }

  async work(): Promise<WorkReport> {
    if (this.#running < MOST_RUNS) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#benchmark();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #benchmark(): Promise<WorkReport> {
    const { REDIS_LISTEN_PORT, REDIS_REQUESTS: requests } = this.#settings;
    const output = await runProgram("redis-benchmark", [
      ...["-h", "127.0.0.1", "-p", `${REDIS_LISTEN_PORT}`, "-c", "1", "-n", `${requests}`],
      ...["-t", "lpush,lpop,incr", "--csv"],
    ]);
    const rates = readBenchmark(new TextDecoder().decode(output));
    const missing = COMMANDS.filter((command) => !rates.has(command));
    if (missing.length > 0) {
      throw new ServiceError(`redis-benchmark did not report ${missing.join(", ")}`);
    }
    this.#rates = rates;
    this.#done += COMMANDS.length * requests;
    return {
      requests: COMMANDS.length * requests,
      lpushPerSecond: rates.get("LPUSH")!,
      lpopPerSecond: rates.get("LPOP")!,
      incrPerSecond: rates.get("INCR")!,
    };
  }

  metrics(): Metric[] {
    return [
      {
        name: "metis_redis_commands_total",
        help: "Commands that redis-benchmark sent",
        type: "counter",
        samples: [{ value: this.#done }],
      },
      {
        name: "metis_redis_commands_per_second",
        help: "What redis-benchmark reported last, by command",
        type: "gauge",
        samples: [...this.#rates].map(([command, value]) => ({
          labels: { command: command.toLowerCase() },
          value,
        })),
      },
    ];
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

/** Requests a second by command, of what `redis-benchmark --csv` printed. */
export function readBenchmark(csv: string): Map<string, number> {
  const rates = new Map<string, number>();
  for (const line of csv.split("\n")) {
    const [command, rate] = line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
    const value = Number(rate);
    if (command !== undefined && rate !== undefined && value > 0) rates.set(command, value);
  }
  return rates;
}
