import { refuseIfAborted } from "../../domain/errors.ts";
import { endpointText, type SshEndpoint, sshEndpoint } from "../engine/endpoint.ts";
import { sshWords } from "../engine/ssh.ts";
import { ClusterError, oneLine } from "../errors.ts";

/** How machines are reached. */
export interface SshOptions {
  /** Configuration of ssh, instead of the user's. */
  readonly config?: string | undefined;
  /** Take the host key of a machine that ssh has not met, instead of refusing it; a key that changed is always refused. */
  readonly acceptNew?: boolean | undefined;
}

/** The machine that [USER@]HOST[:PORT] names. @throws {UsageError} for anything else. */
export function machineAt(text: string, { config, acceptNew }: SshOptions = {}): SshEndpoint {
  return {
    ...sshEndpoint(text),
    options: [
      // A connection that is dead must not hold up a long installation forever.
      ...["-o", "ServerAliveInterval=15"],
      ...(config === undefined ? [] : ["-F", config]),
      // Over what files of ssh say: one with "no" would let any key pass.
      ...["-o", `StrictHostKeyChecking=${acceptNew ? "accept-new" : "yes"}`],
    ],
  };
}

/** What the user calls a machine. */
export function nameOf(machine: SshEndpoint): string {
  return endpointText(machine).slice("ssh://".length);
}

/**
 * A script of the shell with its arguments, as one text for the standard input of `sh -s`. The whole of it is read before
 * it runs, and what it runs reads nothing of it.
 */
export function scriptText(script: string, words: readonly string[]): string {
  return `main() {\n${script}\n}\nmain ${words.map(quoted).join(" ")} </dev/null\n`;
}

/** A word as the shell takes it literally, whatever is in it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Runs on a machine. */
export interface Errand {
  readonly script: string;
  readonly words?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a script on a machine, as root where the machine is one for sudo.
 * @returns What it wrote to standard output.
 * @throws {ClusterError} saying why it could not, or with its own last line where it failed.
 */
export async function runThere(
  machine: SshEndpoint,
  { script, words = [], signal }: Errand,
): Promise<string> {
  // No word of ours goes through the shell that ssh starts there: only these, and the script comes by standard input.
  const shell = machine.sudo ? ["sudo", "-n", "sh", "-s"] : ["sh", "-s"];
  refuseIfAborted(signal, INTERRUPTED);
  const child = started([...sshWords(machine), ...shell]);
  const stop = () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const writer = child.stdin.getWriter();
    const sent = writer.write(new TextEncoder().encode(scriptText(script, words)))
      // Where ssh ends before it has read all, its exit code says why.
      .then(() => writer.close()).catch(() => {});
    const { code, stdout, stderr } = await child.output();
    await sent;
    refuseIfAborted(signal, INTERRUPTED);
    const decoder = new TextDecoder();
    if (code === 0) return decoder.decode(stdout);
    const reason = code === 255 ? refusal : lastLine;
    throw new ClusterError(`${nameOf(machine)}: ${reason(decoder.decode(stderr))}`);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function started(args: readonly string[]): Deno.ChildProcess {
  try {
    return new Deno.Command("ssh", {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    const reason = error instanceof Deno.errors.NotCapable
      ? "Deno was started without the permission to run ssh: use `deno task cluster`"
      : "ssh cannot be run: install it (openssh-client)";
    throw new ClusterError(reason, { cause: error });
  }
}

/** What an interruption leaves. */
export const INTERRUPTED = "Interrupted: what was done stays, and the same command goes on from it";

/** Why ssh came to no machine, and what helps. */
export function refusal(said: string): string {
  if (/IDENTIFICATION HAS CHANGED/.test(said)) {
    return "its host key is not the one that ssh knows: somebody may be in between. If the machine was set up again, " +
      "remove the old key by ssh-keygen -R";
  }
  if (/Host key verification failed/.test(said)) {
    return "ssh does not know its host key: connect once by ssh and compare the fingerprint, or take it by --accept-new";
  }
  if (/Permission denied/.test(said)) {
    return `it takes none of the keys that ssh offers: add one to its authorized_keys (${
      lastLine(said)
    })`;
  }
  return `ssh said: ${lastLine(said)}`;
}

function lastLine(said: string): string {
  return oneLine(said.trim().split("\n").at(-1) ?? "") || "no reason given";
}
