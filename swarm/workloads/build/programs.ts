/**
 * Programs of this machine, as far as a build needs them.
 * @module
 */
import { InputError } from "../../../domain/errors.ts";
import { oneLine } from "../../errors.ts";

const SBIN = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
const decoder = new TextDecoder();

/** Where a program is, or null. Users other than root often lack the folders of the system's programs. */
export function findProgram(name: string): string | null {
  for (const folder of [...(Deno.env.get("PATH") ?? "").split(":"), ...SBIN]) {
    const path = `${folder}/${name}`;
    try {
      if (folder !== "" && Deno.statSync(path).isFile) return path;
    } catch {
      // The next folder may have it.
    }
  }
  return null;
}

/** @throws {InputError} naming the programs that are missing, and the command that brings them. */
export function requirePrograms(
  programs: readonly string[],
  packages: readonly string[],
): string[] {
  const found = programs.map(findProgram);
  const missing = programs.filter((_, at) => found[at] === null);
  if (missing.length === 0) return found as string[];
  throw new InputError(
    `Missing for the images: ${missing.join(", ")}: apt-get install -y --no-install-recommends ${
      packages.join(" ")
    }`,
  );
}

/**
 * Runs a program to its end.
 * @returns What it wrote to standard output.
 * @throws {InputError} with its own last line where it fails.
 */
export async function output(
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { PATH: `${Deno.env.get("PATH") ?? "/usr/bin:/bin"}:${SBIN.join(":")}`, LC_ALL: "C" },
    stdin: "null",
    ...(signal === undefined ? {} : { signal }),
  }).output();
  if (success) return decoder.decode(stdout);
  const said = `${decoder.decode(stderr)}\n${decoder.decode(stdout)}`.trim().split("\n");
  const reason = decoder.decode(stderr).trim().split("\n").at(-1) || said.at(-1) ||
    "no reason given";
  throw new InputError(`${program} ${args.slice(0, 2).join(" ")} failed: ${oneLine(reason)}`);
}

/**
 * A tar as a stream, with numeric owners and without times, so that equal files give equal layers.
 * @param args What is to be in it, as the program `tar` takes it.
 */
export function tarStream(args: readonly string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const child = new Deno.Command("tar", {
    args: ["--numeric-owner", "--owner=0", "--group=0", "--sort=name", "-c", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return child.stdout;
}
