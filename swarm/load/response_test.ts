import assert from "node:assert/strict";
import { AnswerReader, BrokenAnswerError } from "./response.ts";

/** A source that gives bytes in pieces of a length. */
function source(text: string, piece: number) {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  let at = 0;
  return {
    read: (buffer: Uint8Array) => {
      if (at === bytes.length) return Promise.resolve(null);
      const part = bytes.subarray(at, at + Math.min(piece, buffer.length));
      buffer.set(part);
      at += part.length;
      return Promise.resolve(part.length);
    },
  };
}

const CASES = [
  {
    name: "a length",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    answer: { status: 200, bytes: 5, keepAlive: true },
  },
  {
    name: "a length in small letters, and a connection that ends",
    text: "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\nconnection: Close\r\n\r\nno",
    answer: { status: 503, bytes: 2, keepAlive: false },
  },
  {
    // 5 + 16 bytes; the sizes are hexadecimal, the first has an extension.
    name: "chunks with trailers",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n10\r\n" +
      "0123456789abcdef\r\n0\r\nX-Sum: 1\r\n\r\n",
    answer: { status: 200, bytes: 21, keepAlive: true },
  },
  {
    name: "no content",
    text: "HTTP/1.1 204 No Content\r\n\r\n",
    answer: { status: 204, bytes: 0, keepAlive: true },
  },
  {
    name: "a status to continue first",
    text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    answer: { status: 200, bytes: 0, keepAlive: true },
  },
  {
    name: "the end of the connection",
    text: "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nall the rest",
    answer: { status: 200, bytes: 12, keepAlive: false },
  },
];

for (const { name, text, answer } of CASES) {
  Deno.test(`AnswerReader reads an answer that ends by ${name}, cut anywhere`, async () => {
    for (let piece = 1; piece <= text.length; piece++) {
      // The same reader reads the next answer too, where one may follow.
      const reader = new AnswerReader(source(answer.keepAlive ? text + text : text, piece));
      assert.deepEqual(await reader.next(true), answer);
      if (answer.keepAlive) assert.deepEqual(await reader.next(true), answer);
      await assert.rejects(reader.next(true), (error: BrokenAnswerError) => !error.started);
    }
  });
}

Deno.test("AnswerReader takes no body after HEAD, whatever the length says", async () => {
  const text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  const reader = new AnswerReader(source(text + text, 1000));
  assert.deepEqual(await reader.next(false), { status: 200, bytes: 0, keepAlive: true });
  assert.equal((await reader.next(false)).status, 200);
});

Deno.test("AnswerReader skips bodies larger than its buffer", async () => {
  const text = `HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${"x".repeat(200_000)}`;
  const reader = new AnswerReader(source(text + text, 50_000));
  assert.equal((await reader.next(true)).bytes, 200_000);
  assert.equal((await reader.next(true)).bytes, 200_000);
});

Deno.test("AnswerReader refuses what is no answer or ends early, and says whether it had begun", async () => {
  const refused = async (text: string, message: RegExp) => {
    const reader = new AnswerReader(source(text, 7));
    await assert.rejects(
      reader.next(true),
      (error) => error instanceof BrokenAnswerError && error.started && message.test(error.message),
      text.slice(0, 40),
    );
  };
  await refused("SSH-2.0-OpenSSH\r\n\r\n", /not HTTP/);
  await refused("HTTP/1.1 000 Continue\r\n\r\n", /not HTTP/);
  await refused("HTTP/1.1 200 OK\r\nContent-Le", /closed/);
  await refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", /closed/);
  for (const length of ["x", "", "5\r\nContent-Length: 6", "5\r\nContent-Length: 5,5"]) {
    await refused(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\nhello`, /broken length/);
  }
  await refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", /chunk/);
  await refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", /chunk/);
  await refused(`HTTP/1.1 200 OK\r\nX: ${"y".repeat(40_000)}`, /header without end/);
});
