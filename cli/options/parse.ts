/**
 * Parsers of the values of options: they check the form; whether a value fits the data is checked where it is loaded.
 * @module
 */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { decimal, InputError, suggest, UsageError } from "../../domain/mod.ts";

/** Largest seed, and the most of anything that is counted on the command line. */
export const MAX_UINT32 = 4294967295;
/** Most numbers that one list of ranges may name. */
const MAX_LISTED = 10_000_000;

/** A limit on the containers of one app on a node, as given: `redis=2`. */
export interface NamedLimit {
  readonly app: string;
  readonly limit: number;
}

/** A parser of whole numbers in a range. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(
        most === MAX_UINT32 && least <= 1
          ? `It must be a whole number, at least ${least}.`
          : `It must be a whole number from ${least} to ${most}.`,
      );
    }
    return value;
  };
}

/** A number above 0. */
export function positive(text: string): number {
  const value = decimal(text);
  if (!(value > 0 && value < Infinity)) {
    throw new InvalidArgumentError("It must be a number above 0.");
  }
  return value;
}

/** A share: 0 or more, below 1. */
export function share(text: string): number {
  const value = decimal(text);
  if (!(value >= 0 && value < 1)) {
    throw new InvalidArgumentError("It must be a number from 0 to below 1.");
  }
  return value;
}

/** Names separated by commas. */
export function parseNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.some((name) => name === "")) {
    throw new InvalidArgumentError("It must be names separated by commas.");
  }
  return names;
}

/** Whole numbers and ranges, such as `3,5-7`, in the order given, each once. */
export function parseRanges(text: string): number[] {
  const listed = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last < first || last > MAX_UINT32) {
      throw new InvalidArgumentError("It must be whole numbers and ranges: 3,5-7.");
    }
    if (last - first + listed.size > MAX_LISTED) {
      throw new InvalidArgumentError(`It names more than ${MAX_LISTED} numbers.`);
    }
    for (let value = first; value <= last; value++) listed.add(value);
  }
  return [...listed];
}

/** A name and a whole number: `redis=2`. */
export function parseNamed(text: string): NamedLimit {
  // The last "=" divides, so that a name may hold one.
  const match = /^(.+)=(\d+)$/.exec(text);
  if (match === null || Number(match[2]) > MAX_UINT32) {
    throw new InvalidArgumentError("It must be a name and a whole number: redis=2.");
  }
  return { app: match[1]!.trim(), limit: Number(match[2]) };
}

/** Index of an app that an option names. @throws {InputError} with the nearest name if there is none. */
export function appIndex(app: string, apps: readonly string[], option: string): number {
  const at = apps.indexOf(app);
  if (at < 0) throw new InputError(`${option}: unknown app ${app}${suggest(app, apps)}`);
  return at;
}

/** Refuses an option that says two things of one app. @throws {UsageError} naming the app. */
export function refuseTwice(option: string, named: readonly { readonly app: string }[]): void {
  const seen = new Set<string>();
  for (const { app } of named) {
    if (seen.has(app)) throw new UsageError(`${option}: ${app} is named twice`);
    seen.add(app);
  }
}
