import { decodeText } from "../domain/mod.ts";

/** A stream of text: standard output (results) or standard error (talk). */
export interface OutputStream {
  /**
   * Writes all of the text.
   * @throws {BrokenPipeError} if the reader has closed the stream.
   */
  write(text: string): void;
  /** True once anything was written. */
  readonly isWritten: boolean;
  /** True if a person watches: progress and colour are for them only. */
  readonly isTerminal: boolean;
  /** Columns to lay text out for: COLUMNS, else the terminal's width, else 80; at least 20. */
  readonly columns: number;
}

/**
 * Everything that a command may know of or do to the world. Commands get no other door, so that
 * tests run them in memory (see testing.ts); context_deno.ts is the real one.
 */
export interface CliContext {
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  /** How a person calls this program: `deno task metis`, or `metis` for a binary. */
  readonly program: string;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Fires on Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /**
   * The lines of standard input without their ends, as they come, until it is closed.
   * @throws {InputError} for a line of more than a million characters.
   */
  lines(): AsyncIterable<string>;
  /** Value of an environment variable. */
  env(name: string): string | undefined;
  /** The folder in which the program runs, absolute. */
  directory(): string;
  /** Seconds on a clock that never goes back; only differences mean something. */
  seconds(): number;
  /**
   * Runs work that keeps the thread busy. `signal` cannot fire meanwhile, so Ctrl-C ends the process
   * at once instead: nothing that must be cleaned up may be open. Calls must not be nested.
   */
  blocking<T>(work: () => T): T;
  /**
   * The bytes of a file.
   * @throws {InputError} naming the file and why it cannot be read.
   */
  readFile(path: string): Promise<Uint8Array>;
  /** True if there is a regular file that is not empty. */
  holdsFile(path: string): Promise<boolean>;
  /**
   * Fails early, before long work, where `writeFile` would fail late.
   * @throws {InputError} naming the file and why it cannot be written.
   */
  checkWritable(path: string): Promise<void>;
  /**
   * Writes a whole file or none: to a temporary file beside it, then renamed. A file that is replaced keeps its owner
   * and mode; of a symbolic link, the file that it points to is replaced.
   * @throws {InputError} naming the file and why it cannot be written.
   */
  writeFile(path: string, data: string | Uint8Array): Promise<void>;
}

/**
 * The text of a file in UTF-8; a byte order mark is dropped.
 * @throws {InputError} naming the file that cannot be read, or is no such text.
 */
export async function readText(context: CliContext, path: string): Promise<string> {
  return decodeText(await context.readFile(path), path);
}

/** True if text for this stream may carry colour: a terminal, and NO_COLOR is unset or empty. */
export function wantsColor(context: CliContext, stream: OutputStream): boolean {
  return stream.isTerminal && !context.env("NO_COLOR") && context.env("TERM") !== "dumb";
}

/**
 * Prints one JSON value and a newline to standard output. What could steer a terminal or turn its text round is written
 * as JSON writes it too: \\u202e.
 */
export function printJson(context: CliContext, value: unknown): void {
  const text = JSON.stringify(value).replace(
    /[\x7f-\x9f\p{Bidi_Control}\u2028\u2029]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  context.stdout.write(text + "\n");
}
