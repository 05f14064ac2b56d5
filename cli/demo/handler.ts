/**
 * Answers a browser with the files of the demo, and nothing else. Pure: files come from a function.
 * @module
 */

import { sha256 } from "../../policies/checkpoint/bytes.ts";
import { compressor } from "./compressed.ts";

/** The bytes of a file of the demo by its path (such as `assets/page.js`), or null if there is none. */
export type ReadDemoFile = (path: string) => Promise<Uint8Array | null>;

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};

/** The page's own policy is the same; frames can be refused by a header only. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The folder of the demo that is named after what it holds: files in it never change. */
const NAMED_AFTER_CONTENT = /^assets-[\da-f]{8}\//;

const HEADERS = {
  "cache-control": "no-cache",
  "content-security-policy": CONTENT_POLICY,
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * A handler of requests.
 * @param isKnown True for the hosts that the demo answers to: a page elsewhere whose name was made to point here
 * (DNS rebinding) asks for another one.
 */
export function demoHandler(
  read: ReadDemoFile,
  isKnown: (host: string) => boolean,
): (request: Request) => Promise<Response> {
  const compress = compressor();
  return async (request) => {
    const host = request.headers.get("host") ?? "";
    if (!/^[\w.:[\]-]*$/.test(host)) return refusal(400, "Not a host");
    if (!isKnown(host)) return refusal(403, "Unknown host");
    if (request.method !== "GET" && request.method !== "HEAD") {
      return refusal(405, "Only GET and HEAD", { allow: "GET, HEAD" });
    }
    const path = pathOf(request.url);
    const bytes = path === null ? null : await read(path);
    if (path === null || bytes === null) return refusal(404, "Not found");
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    // Weak: it is the same however the bytes are compressed.
    const etag = `W/"${(await sha256(bytes)).slice(0, 32)}"`;
    const headers = {
      ...HEADERS,
      ...(NAMED_AFTER_CONTENT.test(path) ? { "cache-control": "max-age=31536000, immutable" } : {}),
      "content-type": type,
      vary: "accept-encoding",
      etag,
    };
    if (request.headers.get("if-none-match") === etag) {
      return new Response(null, { status: 304, headers });
    }
    const accepted = request.headers.get("accept-encoding") ?? "";
    const sent = await compress(etag, bytes, accepted);
    const body = request.method === "HEAD" ? null : sent.bytes as Uint8Array<ArrayBuffer>;
    return new Response(body, {
      headers: {
        ...headers,
        "content-length": String(sent.bytes.length),
        ...(sent.encoding === undefined ? {} : { "content-encoding": sent.encoding }),
      },
    });
  };
}

/** The hosts of a server on this port that only this machine reaches. */
export function isLoopbackHost(host: string, port: number): boolean {
  const names = ["localhost", "127.0.0.1", "[::1]"];
  return names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}

/** The path inside the demo, or null if it may lead out of it. */
function pathOf(url: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(new URL(url).pathname).slice(1);
  } catch {
    return null;
  }
  if (path === "" || path.endsWith("/")) path += "index.html";
  return /^(?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+$/.test(path) ? path : null;
}

function refusal(status: number, text: string, headers: HeadersInit = {}): Response {
  const plain = { ...HEADERS, "content-type": "text/plain; charset=utf-8", ...headers };
  return new Response(`${text}\n`, { status, headers: plain });
}
