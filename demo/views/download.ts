/// <reference lib="dom" />
import { make } from "./dom.ts";

/** Milliseconds that a browser has to begin with a download. */
const KEPT = 10_000;

/** Saves a file on the user's computer. */
export function saveFile(name: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}
