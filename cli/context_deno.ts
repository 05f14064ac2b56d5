import { InputError } from "../domain/errors.ts";
import type { CliContext, OutputStream } from "./context.ts";
import { BrokenPipeError, EXIT } from "./exit_codes.ts";

/** Largest file that is read: beyond it, memory would run out before any reader could complain. */
const MAX_FILE_BYTES = 1 << 29;
/** Bytes asked of a file at once. */
const CHUNK_BYTES = 1 << 20;
/** Longest line of standard input, in characters. */
const MAX_LINE = 1_000_000;

/** The real world as a context, and what the entry point needs besides. */
export interface DenoContext extends CliContext {
  /** Removes temporary files of writes that did not finish. */
  cleanUp(): void;
  /** Ends the process. */
  exit(code: number): never;
}

/** The context of this process. The only file of the command line that uses Deno's own functions. */
export function denoContext(): DenoContext {
  const controller = new AbortController();
  const unfinished = new Set<string>();
  const read = new Set<string>();
  const interrupt = () => {
    // Whoever presses Ctrl-C again does not want to wait for what is being saved.
    if (controller.signal.aborted) {
      unfinished.forEach(removeQuietly);
      Deno.exit(EXIT.interrupted);
    }
    controller.abort();
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  const listen = () => signals.forEach((name) => Deno.addSignalListener(name, interrupt));
  listen();

  return {
    args: Deno.args,
    // The portable binary says by the variable that it is one.
    program: Deno.build.standalone || Deno.env.get("METIS_PORTABLE") ? "metis" : "deno task metis",
    stdout: outputStream(Deno.stdout),
    stderr: outputStream(Deno.stderr),
    signal: controller.signal,
    lines: inputLines,
    env: readVariable,
    directory: () => Deno.cwd(),
    blocking: (work) => {
      // Without a listener, the system's own answer to the signal is back.
      signals.forEach((name) => Deno.removeSignalListener(name, interrupt));
      try {
        return work();
      } finally {
        listen();
      }
    },
    seconds: () => performance.now() / 1000,
    async readFile(path) {
      const bytes = await explained(`Cannot read ${path}`, () => readCapped(path));
      await Deno.realPath(path).then((real) => read.add(real), () => {});
      return bytes;
    },
    holdsFile: (path) =>
      Deno.stat(path).then(({ isFile, size }) => isFile && size > 0, () => false),
    checkWritable: (path) =>
      explained(`Cannot write ${path}`, async () => {
        const target = await writeTarget(path);
        if (read.has(target.path)) throw new InputError(`Cannot write ${path}: it is an input`);
        if (!target.isRegular) return;
        const probe = temporaryBeside(target.path);
        await Deno.writeFile(probe, new Uint8Array(), { createNew: true });
        await Deno.remove(probe);
      }),
    writeFile: (path, data) =>
      explained(`Cannot write ${path}`, async () => {
        const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
        const target = await writeTarget(path);
        // A pipe or /dev/stdout cannot be replaced by a rename, only written to.
        if (!target.isRegular) return await Deno.writeFile(target.path, bytes);
        const temporary = temporaryBeside(target.path);
        unfinished.add(temporary);
        try {
          // What is replaced may be secret: until it has that file's mode, nobody else reads the new one.
          const mode = target.before === null ? {} : { mode: 0o600 };
          await Deno.writeFile(temporary, bytes, { createNew: true, ...mode });
          if (target.before !== null) await takeOver(temporary, target.before, path);
          await Deno.rename(temporary, target.path);
        } catch (error) {
          removeQuietly(temporary);
          throw error;
        } finally {
          unfinished.delete(temporary);
        }
      }),
    cleanUp: () => unfinished.forEach(removeQuietly),
    exit: (code) => Deno.exit(code),
  };
}

/** The tasks may read the variables that they need, by name; those of a services file can have any name. */
function readVariable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new InputError(
      `Deno was started without the permission for the variable ${name}: use \`deno task cluster\``,
      { cause: error },
    );
  }
}

async function* inputLines(): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(1 << 16);
  let rest = "";
  for (;;) {
    const count = await Deno.stdin.read(chunk);
    rest += decoder.decode(chunk.subarray(0, count ?? 0), { stream: count !== null });
    const lines = rest.split("\n");
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > MAX_LINE) {
      throw new InputError(`A line of standard input has more than ${MAX_LINE} characters`);
    }
    if (count !== null) continue;
    if (rest !== "") yield rest;
    return;
  }
}

function outputStream(stream: typeof Deno.stdout | typeof Deno.stderr): OutputStream {
  let isWritten = false;
  return {
    isTerminal: stream.isTerminal(),
    get isWritten() {
      return isWritten;
    },
    get columns() {
      const wanted = Number(Deno.env.get("COLUMNS"));
      if (Number.isInteger(wanted) && wanted > 0) return Math.max(20, wanted);
      return Math.max(20, stream.isTerminal() ? terminalColumns() : 80);
    },
    write(text) {
      isWritten ||= text !== "";
      let rest = new TextEncoder().encode(text);
      try {
        while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
      } catch (error) {
        if (error instanceof Deno.errors.BrokenPipe) throw new BrokenPipeError();
        throw new InputError(`Cannot write the output: ${reason(error)}`, { cause: error });
      }
    },
  };
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 80;
  }
}

async function readCapped(path: string): Promise<Uint8Array> {
  const info = await Deno.stat(path);
  if (info.isDirectory) throw new InputError(`Cannot read ${path}: it is a directory`);
  using file = await Deno.open(path);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = await file.read(chunk);
    if (count === null) break;
    length += count;
    // Counted while reading, since a pipe or device has no size to ask for.
    if (length > MAX_FILE_BYTES || info.size > MAX_FILE_BYTES) {
      throw new InputError(`Cannot read ${path}: larger than ${MAX_FILE_BYTES / (1 << 20)} MiB`);
    }
    chunks.push(chunk.subarray(0, count));
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Where a write ends up. */
interface WriteTarget {
  readonly path: string;
  /** False for pipes and devices. */
  readonly isRegular: boolean;
  /** The file that is there already, null if there is none. */
  readonly before: Deno.FileInfo | null;
}

/** Where a write to `path` ends up: symbolic links are followed, so that they survive the rename. */
async function writeTarget(path: string): Promise<WriteTarget> {
  let before: Deno.FileInfo;
  try {
    before = await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { path, isRegular: true, before: null };
    throw error;
  }
  if (before.isDirectory) throw new InputError(`Cannot write ${path}: it is a directory`);
  return before.isFile
    ? { path: await Deno.realPath(path), isRegular: true, before }
    : { path, isRegular: false, before };
}

/** Gives a file the owner and the mode of the one that it replaces: nobody may read more than before. */
async function takeOver(file: string, before: Deno.FileInfo, path: string): Promise<void> {
  const now = await Deno.stat(file);
  if (before.uid !== null && (before.uid !== now.uid || before.gid !== now.gid)) {
    try {
      await Deno.chown(file, before.uid, before.gid);
    } catch (error) {
      throw new InputError(
        `Cannot write ${path}: it belongs to another user or group: remove it, or choose another file`,
        { cause: error },
      );
    }
  }
  if (before.mode !== null) await Deno.chmod(file, before.mode & 0o7777);
}

function temporaryBeside(path: string): string {
  const cut = path.lastIndexOf("/") + 1;
  return `${path.slice(0, cut)}.${path.slice(cut)}.${crypto.randomUUID().slice(0, 8)}.tmp`;
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It may never have been created, and there is nobody left to tell.
  }
}

async function explained<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${what}: ${reason(error)}`, { cause: error });
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file or directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was started without the permission for it: use `deno task metis`";
  }
  if (error instanceof Deno.errors.NotADirectory) return "a part of the path is not a directory";
  return error instanceof Error ? error.message.split("\n")[0]! : String(error);
}
