import { ServiceError } from "../errors.ts";
import { Wire } from "./wire.ts";

/** What Redis answers: text, a number, bytes, nothing, or a list of those. */
export type Reply = string | number | Uint8Array<ArrayBuffer> | null | readonly Reply[];

const encoder = new TextEncoder();

/** A request as RESP, the protocol of Redis, has it: an array of byte strings. */
export function encodeCommand(words: readonly (string | number | Uint8Array)[]): Uint8Array {
  const parts = words.map((word) => word instanceof Uint8Array ? word : encoder.encode(`${word}`));
  const heads = parts.map((part) => encoder.encode(`$${part.length}\r\n`));
  const first = encoder.encode(`*${parts.length}\r\n`);
  const size = parts.reduce((sum, part, at) => sum + part.length + heads[at]!.length + 2, 0);
  const bytes = new Uint8Array(first.length + size);
  bytes.set(first);
  let at = first.length;
  parts.forEach((part, index) => {
    bytes.set(heads[index]!, at);
    bytes.set(part, at += heads[index]!.length);
    bytes.set([13, 10], at += part.length);
    at += 2;
  });
  return bytes;
}

/** A client of one Redis server. */
export class Redis {
  readonly #wire: Wire;

  private constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** @throws {ServiceError} where no Redis answers there. */
  static async connect(host: string, port: number, timeoutMs?: number): Promise<Redis> {
    const redis = new Redis(await Wire.connect(host, port, "Redis", timeoutMs));
    try {
      if (await redis.call("PING") === "PONG") return redis;
      throw new ServiceError(`What answers at ${host}:${port} is no Redis`);
    } catch (error) {
      redis.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#wire.closed;
  }

  /** One command. @throws {ServiceError} with the server's own words where it refuses. */
  async call(...words: readonly (string | number | Uint8Array)[]): Promise<Reply> {
    const reply = await this.#wire.exchange(encodeCommand(words), readReply);
    if (reply instanceof ServiceError) throw reply;
    return reply;
  }

  /** The bytes that a command answers with, or null. */
  async bytes(
    ...words: readonly (string | number | Uint8Array)[]
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const reply = await this.call(...words);
    if (reply === null || reply instanceof Uint8Array) return reply;
    throw new ServiceError(`${this.#wire.name} answered ${words[0]} by no bytes`);
  }

  close(): void {
    this.#wire.close();
  }
}

/** A refusal is returned, not thrown: the connection stays sound after one. */
async function readReply(wire: Wire): Promise<Reply | ServiceError> {
  const line = await wire.line();
  const rest = line.slice(1);
  switch (line[0]) {
    case "+":
      return rest;
    case "-":
      return new ServiceError(`${wire.name}: ${rest}`);
    case ":":
      return Number(rest);
    case "$":
      return rest === "-1" ? null : await wire.bytes(sizeOf(wire, rest));
    case "*": {
      if (rest === "-1") return null;
      const replies: Reply[] = [];
      for (let left = sizeOf(wire, rest); left > 0; left--) {
        const reply = await readReply(wire);
        if (reply instanceof ServiceError) return reply;
        replies.push(reply);
      }
      return replies;
    }
  }
  throw new ServiceError(`${wire.name} speaks another protocol`);
}

function sizeOf(wire: Wire, text: string): number {
  const size = Number(text);
  if (Number.isInteger(size) && size >= 0 && size <= 512 << 20) return size;
  throw new ServiceError(`${wire.name} speaks another protocol`);
}
