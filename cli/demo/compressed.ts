import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);
/** Of 11: beyond it, a file takes many times as long and gets 3 % smaller. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

/** Of 9: the last one takes twice as long for 0.2 % less. */
const GZIP = { level: 8 };

/** How the bytes of a file are sent. */
export interface Sent {
  readonly bytes: Uint8Array;
  /** Value of `content-encoding`; undefined where it is sent as it is. */
  readonly encoding?: "br" | "gzip";
}

/**
 * Compresses files by what a browser accepts, each once: a file is known by its tag, which differs where its bytes do.
 * @returns A function of the tag, the bytes and the header `accept-encoding`.
 */
export function compressor(): (tag: string, bytes: Uint8Array, accepted: string) => Promise<Sent> {
  const made = new Map<string, Promise<Uint8Array>>();
  return async (tag, bytes, accepted) => {
    const names = accepted.split(",").map((each) => each.trim());
    const encoding = (["br", "gzip"] as const).find((name) => names.includes(name));
    if (encoding === undefined) return { bytes };
    const key = `${encoding} ${tag}`;
    const found = made.get(key) ??
      (encoding === "br" ? brotli(bytes, BROTLI) : gzipped(bytes, GZIP)).then((out) =>
        new Uint8Array(out)
      );
    made.set(key, found);
    return { bytes: await found, encoding };
  };
}
