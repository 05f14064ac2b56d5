/**
 * A reader under test, and what is asked of it: it refuses cleanly, or what it accepts says all that the file says.
 * @module
 */
import { MetisError, Random } from "../../domain/mod.ts";
import { type Form, mutate } from "./mutate.ts";

/** What turns bytes from outside into values. */
export interface Reader {
  /** As `--only` takes it. */
  readonly name: string;
  readonly form: Form;
  /** Sound files; at least one. Each is accepted. */
  readonly samples: readonly Uint8Array[];
  /**
   * Reads the file.
   * @returns What is wrong with what it accepted, told from the bytes alone by other code than the reader's; null if
   * the value is sound and says all that the file says.
   * @throws What the reader throws.
   */
  readonly accept: (file: Uint8Array) => (string | null) | Promise<string | null>;
  /** Begins, or is within, every message: the name of the file or the option. */
  readonly place: string;
  /** True for what the reader may throw beside the errors of Metis. */
  readonly mayThrow?: (error: unknown) => boolean;
  /** A mutant of a sample, if it takes more than a change of its bytes: checksums taken again. */
  readonly mutate?: (sample: number, random: Random) => Promise<Uint8Array>;
}

/** What became of the mutants of a reader. */
export interface Tally {
  mutants: number;
  accepted: number;
  refused: number;
  /** Errors that are no clean refusals. */
  crashes: number;
  /** Accepted mutants whose value does not say what the file says. */
  silent: number;
  /** Longest time that a mutant took, with its check. */
  longestMs: number;
}

/** A mutant on which a reader failed. */
export interface Fault {
  readonly reader: string;
  readonly number: number;
  readonly what: string;
  readonly file: Uint8Array;
}

/** Longest message of a refusal. */
const MOST_LETTERS = 2100;

/** A mutant by its number: the same forever. */
export async function mutantOf(reader: Reader, number: number): Promise<Uint8Array> {
  const random = new Random(number);
  const sample = number % reader.samples.length;
  return await reader.mutate?.(sample, random) ??
    mutate(reader.samples[sample]!, reader.form, random);
}

/**
 * Gives mutants to a reader.
 * @param first Number of the first. @param count How many. @param onFault Told of each failure.
 */
export async function tryMutants(
  reader: Reader,
  first: number,
  count: number,
  onFault: (fault: Fault) => void,
): Promise<Tally> {
  const tally: Tally = {
    mutants: 0,
    accepted: 0,
    refused: 0,
    crashes: 0,
    silent: 0,
    longestMs: 0,
  };
  for (let number = first; number < first + count; number++) {
    const file = await mutantOf(reader, number);
    const start = performance.now();
    const { kind, what } = await outcomeOf(reader, file);
    tally.longestMs = Math.max(tally.longestMs, performance.now() - start);
    tally.mutants++;
    tally[kind]++;
    if (what !== null) onFault({ reader: reader.name, number, what, file });
  }
  return tally;
}

interface Outcome {
  readonly kind: "accepted" | "refused" | "crashes" | "silent";
  readonly what: string | null;
}

async function outcomeOf(reader: Reader, file: Uint8Array): Promise<Outcome> {
  let lost: string | null;
  try {
    const accepted = reader.accept(file);
    // Most readers are synchronous: a turn of the event loop for each would be most of the time.
    lost = accepted instanceof Promise ? await accepted : accepted;
  } catch (error) {
    const unclean = uncleanness(reader, error);
    return unclean === null ? { kind: "refused", what: null } : { kind: "crashes", what: unclean };
  }
  return lost === null ? { kind: "accepted", what: null } : { kind: "silent", what: lost };
}

/** Why an error is no clean refusal: another class, no place, more than a line; null if it is one. */
function uncleanness({ place, mayThrow }: Reader, error: unknown): string | null {
  if (mayThrow?.(error) === true) return null;
  if (!(error instanceof MetisError)) {
    return error instanceof Error ? `throws ${error.stack}` : `throws ${error}`;
  }
  const { message } = error;
  if (!message.includes(place)) return `does not name ${place}: ${message}`;
  if (message.length > MOST_LETTERS) return `has ${message.length} letters: ${place}`;
  return /[\p{Cc}\u2028\u2029]/u.test(message) ? `is no printable line: ${message}` : null;
}
