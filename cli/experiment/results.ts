import * as v from "valibot";
import { decodeText, InputError } from "../../domain/mod.ts";
import type { NodeGroup } from "../../scheduling/plans/mod.ts";
import { checkJson } from "../../scheduling/plans/plan.ts";
import type { TrainingFiles } from "../training/files.ts";
import { record } from "../../scheduling/plans/forms.ts";

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

const text = v.string();
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const amount = v.pipe(v.number(), v.minValue(0));
const maybe = v.nullable(v.number());
const facts = record(text, v.union([text, v.number(), v.boolean()]));
const counts = v.array(whole);

const nodeGroupSchema = v.strictObject({
  nodes: counts,
  counts,
  throughput: v.number(),
  rps: v.array(maybe),
});

const runSchema = v.strictObject({
  type: v.literal("run"),
  set: text,
  row: whole,
  label: text,
  scheduler: text,
  seed: whole,
  parameters: facts,
  demand: counts,
  error: v.nullable(text),
  mean: maybe,
  total: maybe,
  perApp: v.array(maybe),
  worst: maybe,
  // Without constraints there are none; older results have no such fields.
  violations: v.optional(v.nullable(amount), null),
  violationRatio: v.optional(v.nullable(amount), null),
  seconds: amount,
  nodes: v.array(nodeGroupSchema),
  details: facts,
  versions: record(text, text),
});

const boundSchema = v.strictObject({
  type: v.literal("bound"),
  set: text,
  row: whole,
  bound: maybe,
  proven: v.boolean(),
  seconds: amount,
});

const lineSchema = v.variant("type", [runSchema, boundSchema]);

/** What a file of results holds. */
export interface ReadLines<Line> {
  readonly lines: readonly Line[];
  /** Bytes up to the end of the last whole line: what follows was cut off while it was written. */
  readonly length: number;
}

/**
 * Reads results.jsonl. A last line that was cut off by a crash is left out.
 * @throws {InputError} for a broken line before the last.
 */
export function readLines(bytes: Uint8Array, file: string): ReadLines<ResultLine> {
  return readJsonLines(lineSchema, bytes, file);
}

/** As {@link readLines}, for lines of this form. */
export function readJsonLines<Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
  file: string,
): ReadLines<v.InferOutput<Schema>> {
  const length = bytes.lastIndexOf(10) + 1;
  const lines = decodeText(bytes.subarray(0, length), file).split("\n").slice(0, -1)
    .map((line, at) => checkJson(schema, line, `${file}: line ${at + 1}`));
  return { lines, length };
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
  read: (bytes: Uint8Array, file: string) => ReadLines<Line>,
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
  const { lines, length } = read(results, `${folder}/results.jsonl`);
  if (length < results.length) {
    await files.write(`${folder}/results.jsonl`, results.subarray(0, length));
  }
  return lines;
}
