/// <reference lib="dom" />
import { make } from "./dom.ts";

/** Milliseconds that a browser has to begin with a download. */
const KEPT = 10_000;

/** Saves a file on the user's computer. */
export function saveFile(name: string, type: string, content: BlobPart): void {
  saveBlob(name, new Blob([content], { type }));
}

/** The same of what has its type already. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}
