/**
 * Files inside a link: compressed, in the letters that an address may hold.
 * @module
 */
import { InputError } from "../../mod.ts";

/** A file of the user. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Most letters of a packed file: longer links are cut by programs that send them. */
export const MOST_LETTERS = 8_000;
/** Most bytes of a file that a link may hold: strangers write links, and a few letters can unpack to gigabytes. */
const MOST_BYTES = 1_000_000;

const DAMAGED = "The file in the link is damaged: ask for the link again";

/** Packs a file; null if it is too large for a link. */
export async function packFile({ name, bytes }: NamedFile): Promise<string | null> {
  const whole = new Blob([`${name}\n`, bytes as Uint8Array<ArrayBuffer>]);
  const packed = whole.stream().pipeThrough(new CompressionStream("deflate-raw"));
  const letters = base64Of(new Uint8Array(await new Response(packed).arrayBuffer()));
  return letters.length > MOST_LETTERS ? null : letters;
}

/** Reads a packed file. @throws {InputError} if it is none, or too large. */
export async function unpackFile(letters: string): Promise<NamedFile> {
  const whole = await inflate(letters).catch((cause) => {
    if (cause instanceof InputError) throw cause;
    throw new InputError(DAMAGED, { cause });
  });
  const end = whole.indexOf("\n".charCodeAt(0));
  if (end < 0) throw new InputError(DAMAGED);
  return { name: new TextDecoder().decode(whole.subarray(0, end)), bytes: whole.slice(end + 1) };
}

async function inflate(letters: string): Promise<Uint8Array> {
  const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  const packed = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(
    new DecompressionStream("deflate-raw"),
  );
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of unpacked) {
    size += part.length;
    if (size > MOST_BYTES) throw new InputError("The file in the link is too large");
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function base64Of(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
