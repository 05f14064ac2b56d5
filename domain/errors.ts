/**
 * The error classes of Metis. Each carries the exit code that the command line ends with, so that
 * a failure means the same thing wherever it is raised.
 *
 * Messages name the thing, the place and the remedy, in one line, without a final period.
 * @module
 */
import { printable } from "./text.ts";

/** Longest message: what quotes a file of others stays a line. */
const MAX_MESSAGE = 2000;

/** Base class of every error that Metis raises on purpose. */
export class MetisError extends Error {
  /** Exit code of the command line: 1 failed, 2 wrong usage, 130 interrupted. */
  readonly exitCode: number = 1;
  /** Name of the class. */
  override readonly name: string = "MetisError";
  /** Makes the error; its message is one printable line, whatever a file of others put into it. */
  constructor(message: string, options?: ErrorOptions) {
    // Cut before, since all of it may be megabytes, and after: what is written out is longer.
    super(printable(message.slice(0, MAX_MESSAGE)).slice(0, MAX_MESSAGE), options);
  }
}

/** Input data that cannot be used: a broken file, an impossible count, disagreeing rows. */
export class InputError extends MetisError {
  /** Name of the class. */
  override readonly name = "InputError";
}

/** A command, option or function that was called in a way that cannot work. */
export class UsageError extends MetisError {
  /** Name of the class. */
  override readonly name = "UsageError";
  /** Wrong usage. */
  override readonly exitCode = 2;
}

/** An array whose length does not fit the shape that its use asks for. */
export class ShapeError extends MetisError {
  /** Name of the class. */
  override readonly name = "ShapeError";
  /** Makes the error. @param argument Name of the argument. @param expected Elements wanted. @param actual Elements found. */
  constructor(readonly argument: string, readonly expected: number, readonly actual: number) {
    super(`Wrong length of ${argument}: expected ${expected} elements, found ${actual}`);
  }
}

/** An object was used after it was disposed of: the memory behind it may be somebody else's by now. */
export class DisposedError extends MetisError {
  /** Name of the class. */
  override readonly name = "DisposedError";
  /** Makes the error. @param what Name of the object: `planner`. */
  constructor(readonly what: string) {
    super(`This ${what} is disposed: create a new one`);
  }
}

/** A measured table was asked for a configuration that was never measured. */
export class MissingConfigurationError extends MetisError {
  /** Name of the class. */
  override readonly name = "MissingConfigurationError";
}

/** A demand that no placement can meet: it says which app, and how many slots are short. */
export class InfeasibleError extends MetisError {
  /** Name of the class. */
  override readonly name = "InfeasibleError";
}

/** A scheduler was asked for something that it does not support (a rule, several node classes, a size). */
export class UnsupportedError extends MetisError {
  /** Name of the class. */
  override readonly name = "UnsupportedError";
}

/** A solver ended without an answer, or with an answer that our own check refuses. */
export class SolverError extends MetisError {
  /** Name of the class. */
  override readonly name = "SolverError";
}

/** A placement that breaks the demand, a capacity or a rule. Never shown to a user as a result. */
export class InvalidPlacementError extends MetisError {
  /** Name of the class. */
  override readonly name = "InvalidPlacementError";
}

/** The work was stopped by its abort signal (Ctrl-C) before there was a result to give. */
export class InterruptedError extends MetisError {
  /** Name of the class. */
  override readonly name = "InterruptedError";
  /** As shells report SIGINT. */
  override readonly exitCode = 130;
}

/**
 * Refuses to go on where the signal has fired.
 * @param message What was interrupted, in words.
 * @throws {InterruptedError} if the signal has fired.
 */
export function refuseIfAborted(
  signal: AbortSignal | undefined,
  message: string = "Interrupted",
): void {
  if (signal?.aborted) throw new InterruptedError(message);
}

/**
 * The result of work on what a file holds.
 * @throws {InputError} as the work does, but naming the file.
 */
export function aboutFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${file}: ${error.message}`, { cause: error });
  }
}
