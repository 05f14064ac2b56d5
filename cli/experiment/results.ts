import { InputError } from "../../domain/mod.ts";
import type { NodeGroup } from "../../scheduling/plans/mod.ts";
import type { TrainingFiles } from "../training/files.ts";

/** One run of a scheduler: a line of results.jsonl. */
export interface RunLine {
  readonly type: "run";
  /** Name of the set of demands, and the row in it. */
  readonly set: string;
  readonly row: number;
  readonly label: string;
  readonly scheduler: string;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly demand: readonly number[];
  /** Why the scheduler did not place it; null if it did. */
  readonly error: string | null;
  /** Mean normalised throughput. */
  readonly mean: number | null;
  readonly total: number | null;
  readonly perApp: readonly (number | null)[];
  readonly worst: number | null;
  readonly violations: number | null;
  readonly violationRatio: number | null;
  /** Seconds that the scheduler took. */
  readonly seconds: number;
  /** The placement with the throughput of each node and the RPS of each container, equal nodes together. */
  readonly nodes: readonly NodeGroup[];
  readonly details: Readonly<Record<string, number | string | boolean>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** The proven bound on one demand: a line of results.jsonl. */
export interface BoundLine {
  readonly type: "bound";
  readonly set: string;
  readonly row: number;
  /** Upper bound on the mean normalised throughput; null if none was proven. */
  readonly bound: number | null;
  /** True if a placement reaches it. */
  readonly proven: boolean;
  readonly seconds: number;
}

/** A line of results.jsonl. */
export type ResultLine = RunLine | BoundLine;

/** What a line is about: each is run once. */
export function lineKey(line: Pick<RunLine, "set" | "row" | "label" | "seed"> | BoundLine): string {
  return "label" in line
    ? JSON.stringify([line.set, line.row, line.label, line.seed])
    : JSON.stringify([line.set, line.row]);
}

/**
 * Reads results.jsonl. A last line that was cut off by a crash is left out.
 * @returns The lines, and how many bytes of text they take.
 * @throws {InputError} for a broken line before the last.
 */
export function readLines(
  text: string,
  file: string,
): { readonly lines: readonly ResultLine[]; readonly whole: string } {
  return readJsonLines<ResultLine>(text, file, ["run", "bound"]);
}

/** As {@link readLines}, for lines of these types. */
export function readJsonLines<Line extends { readonly type: string }>(
  text: string,
  file: string,
  types: readonly Line["type"][],
): { readonly lines: readonly Line[]; readonly whole: string } {
  const lines: Line[] = [];
  const texts = text.split("\n");
  const unfinished = texts.pop() ?? "";
  texts.forEach((one, at) => {
    try {
      const line = JSON.parse(one) as Line;
      if (!types.includes(line.type)) throw new Error("unknown type");
      lines.push(line);
    } catch (error) {
      throw new InputError(
        `${file}: line ${at + 1} is broken: remove it to repeat the run`,
        { cause: error },
      );
    }
  });
  return { lines, whole: text.slice(0, text.length - unfinished.length) };
}

/**
 * Makes the folder of an experiment, or checks that it is of this one; mends a line that a crash cut off.
 * @param file The experiment as read. @param read Reads the lines of results.jsonl.
 * @returns The results that are there.
 * @throws {InputError} if the folder holds another experiment.
 */
export async function openFolder<Line>(
  file: unknown,
  files: Pick<TrainingFiles, "read" | "write" | "makeDirectory">,
  folder: string,
  read: (text: string, file: string) => { readonly lines: readonly Line[]; readonly whole: string },
): Promise<readonly Line[]> {
  await files.makeDirectory(folder);
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const described = JSON.stringify(file, null, 2) + "\n";
  const present = await files.read(`${folder}/experiment.json`);
  if (present === null) {
    await files.write(`${folder}/experiment.json`, encode(described));
  } else if (decode(present) !== described) {
    throw new InputError(
      `${folder} holds the results of another experiment: choose another --out, or remove it`,
    );
  }
  const results = await files.read(`${folder}/results.jsonl`);
  if (results === null) return [];
  const text = decode(results);
  const { lines, whole } = read(text, `${folder}/results.jsonl`);
  if (whole !== text) await files.write(`${folder}/results.jsonl`, encode(whole));
  return lines;
}
