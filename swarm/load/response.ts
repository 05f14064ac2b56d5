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
  /** True where another request may follow on the connection. */
  readonly keepAlive: boolean;
}

/** What came is no answer, or not all of one. */
export class BrokenAnswerError extends Error {
  override readonly name = "BrokenAnswerError";
  /** @param started False where not one byte had come. */
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
   * @param hasBody False after HEAD. @throws {BrokenAnswerError} where it ends early or is none.
   */
  async next(hasBody: boolean): Promise<Answer> {
    for (;;) {
      const head = await this.#head();
      const status = statusOf(head);
      if (status >= 100 && status < 200) continue;
      const lower = head.toLowerCase();
      const close = /\r\nconnection:[^\r]*\bclose\b/.test(lower) || lower.startsWith("http/1.0");
      if (!hasBody || status === 204 || status === 304) {
        return { status, bytes: 0, keepAlive: !close };
      }
      if (/\r\ntransfer-encoding:[^\r]*\bchunked\b/.test(lower)) {
        return { status, bytes: await this.#chunks(), keepAlive: !close };
      }
      const length = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*(?:\r\n|$)/.exec(lower)?.[1];
      if (length === undefined) {
        return { status, bytes: await this.#rest(), keepAlive: false };
      }
      await this.#skip(Number(length));
      return { status, bytes: Number(length), keepAlive: !close };
    }
  }

  /** Everything before the empty line. */
  async #head(): Promise<string> {
    for (let from = this.#start;;) {
      const at = endOfHead(this.#buffer, from, this.#end);
      if (at >= 0) {
        const head = latin1.decode(this.#buffer.subarray(this.#start, at));
        this.#start = at + 4;
        return head;
      }
      const seen = this.#end - this.#start;
      if (seen > MAX_LINE) throw new BrokenAnswerError("a head without end", true);
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

function statusOf(head: string): number {
  const status = /^HTTP\/1\.[01] (\d{3})(?: |\r\n|$)/.exec(head)?.[1];
  if (status === undefined) throw new BrokenAnswerError("no HTTP/1.1", true);
  return Number(status);
}

function endOfHead(buffer: Uint8Array, from: number, end: number): number {
  for (
    let at = buffer.indexOf(13, from);
    at >= 0 && at + 3 < end;
    at = buffer.indexOf(13, at + 1)
  ) {
    if (buffer[at + 1] === 10 && buffer[at + 2] === 13 && buffer[at + 3] === 10) return at;
  }
  return -1;
}
