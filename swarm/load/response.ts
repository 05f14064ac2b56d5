/**
 * Reads answers of HTTP/1.1 from a connection: a generator must know when an answer ends, and what its
 * status is, and must cost so little that it does not measure itself (bench/load.ts).
 * @module
 */

const BUFFER_BYTES = 1 << 16;
const MAX_LINE = 1 << 14;
const latin1 = new TextDecoder("latin1");

/** Where bytes come from. */
export interface Source {
  /** As Deno.Reader: null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** What is known of an answer that has ended. */
export interface Answer {
  readonly status: number;
  /** Length of the body as it came, after chunks were put together. */
  readonly bytes: number;
  /** True if another request may follow on the connection. */
  readonly keepAlive: boolean;
}

/** What came is no answer, or not all of one. */
export class BrokenAnswerError extends Error {
  override readonly name = "BrokenAnswerError";
  /** @param started False if not one byte had come. */
  constructor(message: string, readonly started: boolean) {
    super(message);
  }
}

/** Reads one answer after another. */
export class AnswerReader {
  readonly #source: Source;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #start = 0;
  #end = 0;

  /** @param source Read by nobody else. */
  constructor(source: Source) {
    this.#source = source;
  }

  /**
   * The next answer, its body skipped.
   * @param hasBody False after HEAD. @throws {BrokenAnswerError} if it ends early or is none.
   */
  async next(hasBody: boolean): Promise<Answer> {
    for (;;) {
      const { status, close, chunked, length } = await this.#head();
      if (status >= 100 && status < 200) continue;
      if (!hasBody || status === 204 || status === 304) {
        return { status, bytes: 0, keepAlive: !close };
      }
      if (chunked) return { status, bytes: await this.#chunks(), keepAlive: !close };
      if (length === null) return { status, bytes: await this.#rest(), keepAlive: false };
      await this.#skip(length);
      return { status, bytes: length, keepAlive: !close };
    }
  }

  /** Everything before the empty line. */
  async #head(): Promise<Head> {
    for (let from = this.#start;;) {
      const at = endOfHead(this.#buffer, from, this.#end);
      if (at >= 0) {
        const head = readHead(this.#buffer, this.#start, at);
        this.#start = at + 4;
        return head;
      }
      const seen = this.#end - this.#start;
      if (seen > MAX_LINE) throw new BrokenAnswerError("a header without end", true);
      if (!(await this.#fill())) throw new BrokenAnswerError("closed", seen > 0);
      from = this.#start + Math.max(0, seen - 3);
    }
  }

  async #chunks(): Promise<number> {
    let bytes = 0;
    for (;;) {
      const line = await this.#line();
      const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
      if (size === undefined) throw new BrokenAnswerError("a broken chunk", true);
      const length = parseInt(size, 16);
      if (length === 0) break;
      bytes += length;
      await this.#skip(length);
      if (await this.#line() !== "") throw new BrokenAnswerError("a broken chunk", true);
    }
    while (await this.#line() !== "") { /* trailers */ }
    return bytes;
  }

  async #line(): Promise<string> {
    for (;;) {
      const at = this.#buffer.subarray(0, this.#end).indexOf(10, this.#start);
      if (at >= 0) {
        const line = latin1.decode(this.#buffer.subarray(this.#start, at));
        this.#start = at + 1;
        return line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      if (this.#end - this.#start > MAX_LINE) throw new BrokenAnswerError("a broken chunk", true);
      if (!(await this.#fill())) throw new BrokenAnswerError("closed", true);
    }
  }

  async #skip(length: number): Promise<void> {
    let left = length;
    for (;;) {
      const taken = Math.min(left, this.#end - this.#start);
      this.#start += taken;
      left -= taken;
      if (left === 0) return;
      if (!(await this.#fill())) throw new BrokenAnswerError("closed", true);
    }
  }

  async #rest(): Promise<number> {
    let bytes = 0;
    do {
      bytes += this.#end - this.#start;
      this.#start = this.#end;
    } while (await this.#fill());
    return bytes;
  }

  /** Reads more. @returns False at the end. */
  async #fill(): Promise<boolean> {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    else if (this.#end === BUFFER_BYTES) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const count = await this.#source.read(this.#buffer.subarray(this.#end));
    if (count === null) return false;
    this.#end += count;
    return true;
  }
}

/** What of a head says where the answer ends. */
interface Head {
  readonly status: number;
  readonly close: boolean;
  readonly chunked: boolean;
  readonly length: number | null;
}

/** Reads the head between two places; only the lines that matter are made text of. */
function readHead(buffer: Uint8Array, start: number, end: number): Head {
  const line = (from: number) => {
    // Somewhere there is one: the empty line begins with it.
    const next = Math.min(end, buffer.indexOf(13, from));
    return String.fromCharCode(...buffer.subarray(from, next));
  };
  const first = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(line(start));
  if (first === null) throw new BrokenAnswerError("not HTTP/1.1", true);
  let close = first[1] === "0";
  let chunked = false;
  let length: number | null = null;
  for (
    let at = buffer.indexOf(10, start) + 1;
    at > 0 && at < end;
    at = buffer.indexOf(10, at) + 1
  ) {
    // 0x20 makes capital letters small: c is 99, t is 116.
    const letter = buffer[at]! | 0x20;
    if (letter !== 99 && letter !== 116) continue;
    const text = line(at);
    if (/^connection:.*\bclose\b/i.test(text)) close = true;
    else if (/^transfer-encoding:.*\bchunked\b/i.test(text)) chunked = true;
    else {
      const given = /^content-length:[ \t]*(.*?)[ \t]*$/is.exec(text)?.[1];
      if (given === undefined) continue;
      const said = /^\d{1,15}$/.test(given) ? Number(given) : NaN;
      if (said !== (length ?? said)) throw new BrokenAnswerError("a broken length", true);
      length = said;
    }
  }
  return { status: Number(first[2]), close, chunked, length };
}

/** Where the empty line begins, or -1. A loop, since `indexOf` would go on through what is left of older answers. */
function endOfHead(buffer: Uint8Array, from: number, end: number): number {
  for (let at = from + 3; at < end; at++) {
    if (
      buffer[at] === 10 && buffer[at - 1] === 13 && buffer[at - 2] === 10 && buffer[at - 3] === 13
    ) return at - 3;
  }
  return -1;
}
