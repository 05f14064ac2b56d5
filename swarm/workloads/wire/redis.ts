import { ServiceError } from "../errors.ts";
import { Wire } from "./wire.ts";

/** What Redis answers: text, a number, bytes, nothing, or a list of those. */
export type Reply = string | number | Uint8Array<ArrayBuffer> | null | readonly Reply[];

const encoder = new TextEncoder();

/** What one reply may hold, whatever the other end announces. */
const MOST_BYTES = 64 << 20;
const MOST_ELEMENTS = 1 << 16;
const DEEPEST = 8;

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

  /** @throws {ServiceError} if no Redis answers there. */
  static async connect(host: string, port: number, timeoutMs?: number): Promise<Redis> {
    const redis = new Redis(await Wire.connect(host, port, "Redis", timeoutMs));
    try {
      const answer = await redis.#wire.exchange(encodeCommand(["PING"]), readReply, timeoutMs);
      if (answer === "PONG") return redis;
      if (answer instanceof ServiceError) throw answer;
      throw new ServiceError(`The server at ${host}:${port} is not Redis`);
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

/** What a reply may still take. */
interface Allowance {
  bytes: number;
  elements: number;
}

/** A refusal is returned, not thrown: the connection stays sound after one. */
function readReply(wire: Wire): Promise<Reply | ServiceError> {
  return readPart(wire, { bytes: MOST_BYTES, elements: MOST_ELEMENTS }, DEEPEST);
}

async function readPart(
  wire: Wire,
  left: Allowance,
  depth: number,
): Promise<Reply | ServiceError> {
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
      return rest === "-1" ? null : await wire.bytes(take(wire, left, "bytes", rest));
    case "*": {
      if (rest === "-1") return null;
      if (depth === 0) {
        throw new ServiceError(`${wire.name} sends lists that are nested too deeply`);
      }
      const replies: Reply[] = [];
      let refusal: ServiceError | null = null;
      for (let count = take(wire, left, "elements", rest); count > 0; count--) {
        const reply = await readPart(wire, left, depth - 1);
        // The rest of the list still comes: without it the next answer would be read from here.
        if (reply instanceof ServiceError) refusal ??= reply;
        else replies.push(reply);
      }
      return refusal ?? replies;
    }
  }
  throw new ServiceError(`${wire.name} speaks another protocol`);
}

/** The announced size, taken from what the reply may hold. @throws {ServiceError} if it is too much. */
function take(wire: Wire, left: Allowance, what: keyof Allowance, text: string): number {
  const size = Number(text);
  if (!/^\d+$/.test(text)) throw new ServiceError(`${wire.name} speaks another protocol`);
  if (size > left[what]) {
    throw new ServiceError(`${wire.name} announces ${size} ${what} in one reply: too many`);
  }
  left[what] -= size;
  return size;
}
