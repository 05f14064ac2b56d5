import * as v from "valibot";
import { decodeText, InputError, parseJson } from "../../domain/mod.ts";
import { oneLine } from "../errors.ts";
import {
  type Entry,
  entrySchema,
  type Header,
  headerSchema,
  JOURNAL_VERSION,
  type VerifyEntry,
  verifyEntrySchema,
  type VerifyHeader,
  verifyHeaderSchema,
} from "./records.ts";

/** What a journal holds. */
export interface JournalText {
  readonly header: Header;
  readonly entries: readonly Entry[];
  /** Bytes up to the end of the last whole line: what follows was cut off while it was written. */
  readonly length: number;
}

/** What the journal of a verification holds, as {@link JournalText}. */
export interface VerifyJournalText {
  readonly header: VerifyHeader;
  readonly entries: readonly VerifyEntry[];
  readonly length: number;
}

/**
 * Reads a journal; a last line that was cut off in the middle never was.
 * @param file Its name, for messages.
 * @returns Null if not even the header is whole. @throws {InputError} naming file and line.
 */
export function readJournal(bytes: Uint8Array, file: string): JournalText | null {
  const read = readRecords(bytes, file, headerSchema, entrySchema, "profile");
  if (read === null) return null;
  const { header, entries } = read;
  for (const [at, entry] of entries.entries()) {
    const place = `${file}: line ${at + 2}`;
    if (entry.counts.length !== header.apps.length) {
      throw new InputError(
        `${place}: ${entry.counts.length} counts for ${header.apps.length} apps`,
      );
    }
    if (entry.kind === "missing") continue;
    const strange = entry.containers.find(({ app, slot }) =>
      !header.apps.includes(app) || slot >= header.capacity
    );
    if (strange !== undefined) {
      throw new InputError(
        `${place}: a container of ${strange.app} in slot ${strange.slot} is of no app or slot of line 1`,
      );
    }
  }
  return read;
}

/** The journal of a verification, as {@link readJournal} reads that of a profile. @throws {InputError} naming file and line. */
export function readVerifyJournal(bytes: Uint8Array, file: string): VerifyJournalText | null {
  return readRecords(bytes, file, verifyHeaderSchema, verifyEntrySchema, "verification");
}

/** Reads a header and what follows it. @returns Null if not even the header is whole. */
function readRecords<Head extends { readonly version: number }, Line>(
  bytes: Uint8Array,
  file: string,
  headSchema: v.GenericSchema<unknown, Head>,
  lineSchema: v.GenericSchema<unknown, Line>,
  of: string,
): { header: Head; entries: Line[]; length: number } | null {
  const length = bytes.lastIndexOf(10) + 1;
  const lines = decodeText(bytes.subarray(0, length), file).split("\n").slice(0, -1);
  if (lines.length === 0) {
    if (looksLikeHeader(new TextDecoder().decode(bytes))) return null;
    throw new InputError(`${file}: not the journal of a ${of}`);
  }
  const [first, ...others] = lines.map((line, at) => ({
    place: `${file}: line ${at + 1}`,
    value: parseJson(line, `${file}: line ${at + 1}`),
  }));
  if (!v.is(v.object({ kind: v.literal("header") }), first!.value)) {
    throw new InputError(`${file}: line 1 is not its header`);
  }
  const header = readLine(first!.value, headSchema, first!.place);
  if (header.version !== JOURNAL_VERSION) {
    throw new InputError(
      `${file}: version ${header.version} of the journal is not supported (${JOURNAL_VERSION} is)`,
    );
  }
  const entries = others.map(({ value, place }) => {
    if (v.is(v.object({ kind: v.literal("header") }), value)) {
      throw new InputError(`${place}: a second header`);
    }
    return readLine(value, lineSchema, place);
  });
  return { header, entries, length };
}

/** True for the beginning of what a journal begins with. */
function looksLikeHeader(text: string): boolean {
  const begin = '{"kind":"header"';
  return begin.startsWith(text.slice(0, begin.length));
}

function readLine<Line>(
  value: unknown,
  schema: v.GenericSchema<unknown, Line>,
  place: string,
): Line {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new InputError(`${place}: ${v.getDotPath(issue) ?? "record"}: ${oneLine(issue.message)}`);
}

/** Where entries are kept for good. */
export interface Journal<Line = Entry> {
  /** Writes an entry, and waits until it is on the disk. */
  append(entry: Line): void;
  close(): void;
}

/** What is done about a journal that is there. */
export interface JournalOptions<Head, Line> {
  readonly header: Head;
  /** Go on with it. */
  readonly resume: boolean;
  /** Begin again. */
  readonly overwrite: boolean;
  readonly read: (bytes: Uint8Array, file: string) => {
    readonly header: Head;
    readonly entries: readonly Line[];
    readonly length: number;
  } | null;
  /** @throws {MetisError} if it was begun for something else. */
  readonly checkSame: (before: Head) => void;
  readonly note: (text: string) => void;
}

/** Opens a journal, which is this process's alone from now on. @throws {InputError} if it cannot be had. */
export async function openJournal<Head extends object, Line>(
  path: string,
  { header, resume, overwrite, read, checkSame, note }: JournalOptions<Head, Line>,
): Promise<{ journal: Journal<Line>; entries: readonly Line[] }> {
  const bytes = resume ? await Deno.readFile(path).catch(() => null) : null;
  const before = bytes === null ? null : read(bytes, path);
  if (before === null) {
    // Not even its header was written to the end.
    if (bytes !== null) await Deno.remove(path);
    if (overwrite) await removeJournal(path);
    return { journal: createJournal(path, header), entries: [] };
  }
  checkSame(before.header);
  if (bytes!.length > before.length) {
    note(`${path}: the last line was cut off: what it said is measured again`);
  }
  return { journal: continueJournal(path, before.length, bytes!.length), entries: before.entries };
}

/** Removes a journal that may be there. @throws {InputError} if another run is writing it. */
async function removeJournal(path: string): Promise<void> {
  const found = await Deno.stat(path).catch(() => null);
  if (found === null) return;
  continueJournal(path, 0, found.size).close();
  await Deno.remove(path);
}

/** Begins a journal, which is this process's alone. @throws {InputError} if there is one already. */
export function createJournal<Line = Entry>(path: string, header: object): Journal<Line> {
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
export function continueJournal<Line = Entry>(
  path: string,
  length: number,
  size: number = length,
): Journal<Line> {
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
    `${path} is being written by another \`metis profile\` or \`metis verify\`: wait for it, or write another file`,
  );
}

function journalOf<Line>(path: string, file: Deno.FsFile): Journal<Line> {
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
        `${path} holds earlier measurements: continue them with --resume, or begin again with --overwrite`,
      );
    }
    throw new InputError(`Cannot write ${path}: ${oneLine(String((error as Error).message))}`, {
      cause: error,
    });
  }
}
