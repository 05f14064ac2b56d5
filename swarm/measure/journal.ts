import * as v from "valibot";
import { decodeText, InputError, parseJson } from "../../domain/mod.ts";
import { oneLine } from "../errors.ts";
import { type Entry, type Header, JOURNAL_VERSION, recordSchema } from "./records.ts";

/** What a journal holds. */
export interface JournalText {
  readonly header: Header;
  readonly entries: readonly Entry[];
  /** Bytes up to the end of the last whole line: what follows was cut off while it was written. */
  readonly length: number;
}

/**
 * Reads a journal; a last line that was cut off in the middle never was.
 * @param file Its name, for messages.
 * @returns Null if not even the header is whole. @throws {InputError} naming file and line.
 */
export function readJournal(bytes: Uint8Array, file: string): JournalText | null {
  const length = bytes.lastIndexOf(10) + 1;
  const lines = decodeText(bytes.subarray(0, length), file).split("\n").slice(0, -1);
  if (lines.length === 0) {
    if (looksLikeHeader(new TextDecoder().decode(bytes))) return null;
    throw new InputError(`${file}: not the journal of a profile`);
  }
  const records = lines.map((line, at) => readLine(line, `${file}: line ${at + 1}`));
  const [header, ...entries] = records;
  if (header!.kind !== "header") throw new InputError(`${file}: line 1 is not its header`);
  if (header!.version !== JOURNAL_VERSION) {
    throw new InputError(
      `${file}: version ${header!.version} of the journal is not supported (${JOURNAL_VERSION} is)`,
    );
  }
  for (const [at, entry] of entries.entries()) {
    const place = `${file}: line ${at + 2}`;
    if (entry.kind === "header") throw new InputError(`${place}: a second header`);
    if (entry.counts.length !== header!.apps.length) {
      throw new InputError(
        `${place}: ${entry.counts.length} counts for ${header!.apps.length} apps`,
      );
    }
    if (entry.kind === "missing") continue;
    const strange = entry.containers.find(({ app, slot }) =>
      !header!.apps.includes(app) || slot >= header!.capacity
    );
    if (strange !== undefined) {
      throw new InputError(
        `${place}: a container of ${strange.app} in slot ${strange.slot} is of no app or slot of line 1`,
      );
    }
  }
  return { header: header!, entries: entries as Entry[], length };
}

/** True for the beginning of what a journal begins with. */
function looksLikeHeader(text: string): boolean {
  const begin = '{"kind":"header"';
  return begin.startsWith(text.slice(0, begin.length));
}

function readLine(line: string, place: string) {
  const result = v.safeParse(recordSchema, parseJson(line, place), { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new InputError(`${place}: ${v.getDotPath(issue) ?? "record"}: ${oneLine(issue.message)}`);
}

/** Where entries are kept for good. */
export interface Journal {
  /** Writes an entry, and waits until it is on the disk. */
  append(entry: Entry): void;
  close(): void;
}

/** Begins a journal, which is this process's alone. @throws {InputError} if there is one already. */
export function createJournal(path: string, header: Header): Journal {
  return explained(path, () => {
    const file = Deno.openSync(path, { createNew: true, write: true });
    holdAlone(file, path);
    writeLine(file, header);
    return journalOf(path, file);
  });
}

/**
 * Goes on with a journal, which is this process's alone from now on.
 * @param length Of what is whole: the rest is cut off. @param size In bytes, as it was read.
 * @throws {InputError} if another process writes it.
 */
export function continueJournal(path: string, length: number, size: number = length): Journal {
  return explained(path, () => {
    const file = Deno.openSync(path, { write: true });
    holdAlone(file, path);
    if (file.statSync().size !== size) {
      file.close();
      throw new InputError(`${path} grew while it was read: another run is writing it`);
    }
    file.truncateSync(length);
    file.seekSync(0, Deno.SeekMode.End);
    return journalOf(path, file);
  });
}

/** A lock that the system lets go with the process, however that ends. */
function holdAlone(file: Deno.FsFile, path: string): void {
  if (file.tryLockSync(true)) return;
  file.close();
  throw new InputError(
    `${path} is being written by another \`metis profile\`: wait for it, or measure into another --out`,
  );
}

function journalOf(path: string, file: Deno.FsFile): Journal {
  return {
    append: (entry) => explained(path, () => writeLine(file, entry)),
    close: () => file.close(),
  };
}

function writeLine(file: Deno.FsFile, value: unknown): void {
  const bytes = new TextEncoder().encode(JSON.stringify(value) + "\n");
  for (let sent = 0; sent < bytes.length;) sent += file.writeSync(bytes.subarray(sent));
  file.syncDataSync();
}

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new InputError(
        `${path} holds an earlier profile: continue it with --resume, or begin again with --overwrite`,
      );
    }
    throw new InputError(`Cannot write ${path}: ${oneLine(String((error as Error).message))}`, {
      cause: error,
    });
  }
}
