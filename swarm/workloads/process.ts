import { oneLine } from "../errors.ts";
import { ServiceError } from "./errors.ts";

/**
 * Runs a program to its end.
 * @param input Sent to its standard input.
 * @returns What it wrote to standard output.
 * @throws {ServiceError} with its own last line where it fails or is not installed.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  input?: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const child = startProgram(program, args, input === undefined ? "null" : "piped");
  // A program that ends early closes its input; its own message says why.
  const feeding = input?.pipeTo(child.stdin).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  await feeding;
  if (success) return stdout;
  const reason = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
  throw new ServiceError(`${program} failed: ${oneLine(reason) || "no reason given"}`);
}

/** Starts a program whose outputs are piped. @throws {ServiceError} if it is not installed. */
export function startProgram(
  program: string,
  args: readonly string[],
  stdin: "null" | "piped" = "null",
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args: [...args], stdin, stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    throw new ServiceError(`${program} cannot be started: is it installed?`, { cause: error });
  }
}

/** A server that lives as long as its workload. */
export class ChildServer {
  readonly #program: string;
  readonly #child: Deno.ChildProcess;
  #ended = false;

  /** @param args As an array. What it writes goes to our own standard error. */
  constructor(program: string, args: readonly string[]) {
    this.#program = program;
    try {
      this.#child = new Deno.Command(program, {
        args: [...args],
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).spawn();
    } catch (error) {
      throw new ServiceError(`${program} cannot be started: is it installed?`, { cause: error });
    }
    this.#child.status.then(() => this.#ended = true);
  }

  /** How it ended, once it has. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** @throws {ServiceError} if it no longer runs. */
  check(): void {
    if (this.#ended) throw new ServiceError(`${this.#program} has ended`);
  }

  async close(): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGTERM");
    await this.#child.status;
  }
}
