import { MetisError } from "../domain/errors.ts";

/** What the exit code of the command line says. */
export const EXIT = {
  /** The command did what was asked. */
  done: 0,
  /** The input cannot be used, or no placement could be found. */
  failed: 1,
  /** The command line itself is wrong: unknown option, missing value. */
  usage: 2,
  /** Stopped by Ctrl-C (SIGINT) or SIGTERM. */
  interrupted: 130,
} as const;

/** The table of exit codes as `--help` shows it. */
export const EXIT_CODES_HELP = `Exit codes:
  ${EXIT.done}    done
  ${EXIT.failed}    failed: unusable input, or no placement found
  ${EXIT.usage}    wrong usage of the command line
  ${EXIT.interrupted}  interrupted (Ctrl-C)`;

/** The reader of our output went away (`metis ... | head`): nothing is left to say to anybody. */
export class BrokenPipeError extends Error {
  override readonly name = "BrokenPipeError";
}

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof BrokenPipeError) return EXIT.done;
  if (error instanceof MetisError) return error.exitCode;
  return EXIT.failed;
}
