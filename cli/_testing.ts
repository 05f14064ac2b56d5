/**
 * A world in memory for the tests of the command line.
 * @module
 */
import { InputError } from "../domain/errors.ts";
import type { CliContext, OutputStream } from "./context.ts";

/** What a test sets up; everything has a quiet default. */
export interface MemoryWorld {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Lines of standard input. @default none */
  readonly lines?: readonly string[];
  /** Columns of both streams. @default 80 */
  readonly columns?: number;
  /** Whether a person watches. @default false */
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
}

/** A context that remembers what was written. */
export interface MemoryContext extends CliContext {
  /** Everything on standard output so far. */
  output(): string;
  /** Everything on standard error so far. */
  talk(): string;
  /** Files by path: those given, and those written. */
  readonly files: Map<string, string | Uint8Array>;
  /** Moves the clock on. */
  wait(seconds: number): void;
}

/** Makes a context in memory. */
export function memoryContext(world: MemoryWorld = {}): MemoryContext {
  const files = new Map(Object.entries(world.files ?? {}));
  const [stdout, output] = memoryStream(world);
  const [stderr, talk] = memoryStream(world);
  let now = 0;
  return {
    args: world.args ?? [],
    program: "deno task metis",
    stdout,
    stderr,
    output,
    talk,
    files,
    signal: world.signal ?? new AbortController().signal,
    lines: async function* () {
      yield* world.lines ?? [];
    },
    env: (name) => world.env?.[name],
    directory: () => "/here",
    seconds: () => now,
    wait: (seconds) => void (now += seconds),
    blocking: (work) => work(),
    readFile: (path) => {
      const data = files.get(path);
      if (data === undefined) {
        return Promise.reject(new InputError(`Cannot read ${path}: no such file or directory`));
      }
      return Promise.resolve(typeof data === "string" ? new TextEncoder().encode(data) : data);
    },
    holdsFile: (path) => Promise.resolve((files.get(path)?.length ?? 0) > 0),
    checkWritable: () => Promise.resolve(),
    writeFile: (path, data) => Promise.resolve(void files.set(path, data)),
  };
}

function memoryStream(world: MemoryWorld): [OutputStream, () => string] {
  let written = "";
  const { columns = 80, isTerminal = false } = world;
  const stream = {
    columns,
    isTerminal,
    get isWritten() {
      return written !== "";
    },
    write: (text: string) => void (written += text),
  };
  return [stream, () => written];
}
