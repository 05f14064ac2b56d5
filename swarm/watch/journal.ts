import { decodeText, InputError } from "../../domain/mod.ts";
import { type Entry, readHistory } from "./history.ts";

/** The journal of a watch: a file of lines that only grows, this process's alone. */
export interface WatchJournal {
  /** What it held when it was opened. */
  readonly past: readonly Entry[];
  /** Writes an entry, and waits until it is on the disk. */
  append(entry: Entry): void;
  close(): void;
}

/** Opens a journal, or begins one. @throws {InputError} if another watch writes it, or it is something else. */
export function openJournal(path: string): WatchJournal {
  try {
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    try {
      if (!file.tryLockSync(true)) {
        throw new InputError(
          `${path} is being written by another \`metis watch\`: name another file by --journal`,
        );
      }
      const bytes = Deno.readFileSync(path);
      const past = readHistory(decodeText(bytes, path), path);
      // What follows the last whole line was cut off while it was written.
      const length = bytes.lastIndexOf(10) + 1;
      checkTail(decodeText(bytes.subarray(length), path), path);
      file.truncateSync(length);
      file.seekSync(length, Deno.SeekMode.Start);
      return { past, append: (entry) => writeLine(file, entry), close: () => file.close() };
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `Cannot write ${path}: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}

/** Checks that what follows the last line is the beginning of one. @throws {InputError} if the file is something else. */
function checkTail(tail: string, path: string): void {
  const begins = '{"kind":"';
  if (tail.startsWith(begins) || begins.startsWith(tail)) return;
  throw new InputError(
    `${path}: its end is not a line of the journal of a watch: name another file by --journal`,
  );
}

function writeLine(file: Deno.FsFile, entry: Entry): void {
  const bytes = new TextEncoder().encode(JSON.stringify(entry) + "\n");
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
  file.syncDataSync();
}
