import { MetisError } from "../domain/errors.ts";

/** What the exit code of the command line says. */
export const EXIT = {
  /** The command did what was asked. */
  done: 0,
  /** The input cannot be used, or no placement could be found. */
  failed: 1,
  /** The command line itself is wrong: unknown option, missing value. */
  usage: 2,
  /** A deployment failed and was taken back: the Swarm is as it was. */
  rolledBack: 3,
  /** A deployment was still converging when its time was up. */
  timedOut: 4,
  /** A deployment failed half-way and could not, or should not, be taken back. */
  partlyApplied: 5,
  /** Stopped by Ctrl-C (SIGINT) or SIGTERM. */
  interrupted: 130,
} as const;

/** The table of exit codes as `--help` shows it. */
export const EXIT_CODES_HELP = `Exit codes:
  ${EXIT.done}    done
  ${EXIT.failed}    failed: unusable input, or no placement found
  ${EXIT.usage}    wrong usage of the command line
  ${EXIT.rolledBack}    deployment failed and was rolled back
  ${EXIT.timedOut}    deployment timed out and is still converging
  ${EXIT.partlyApplied}    deployment was applied in part
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
