/**
 * Several files in one: an archive that tar unpacks (POSIX ustar).
 * @module
 */

const BLOCK = 512;

/** An archive of files by path. @param paths Of ASCII letters, at most 100. */
export function tarOf(files: ReadonlyMap<string, Uint8Array>): Blob {
  const parts: BlobPart[] = [];
  for (const [path, bytes] of files) {
    parts.push(headerOf(path, bytes.length), bytes as Uint8Array<ArrayBuffer>);
    parts.push(new Uint8Array((BLOCK - bytes.length % BLOCK) % BLOCK));
  }
  // Two empty blocks end it.
  return new Blob([...parts, new Uint8Array(2 * BLOCK)], { type: "application/x-tar" });
}

function headerOf(path: string, size: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(0, path);
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(0, 11));
  // The sum is taken with blanks in its place.
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\x0000");
  put(148, `${octal(header.reduce((sum, byte) => sum + byte, 0), 6)}\0 `);
  return header;
}
