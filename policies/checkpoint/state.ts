import * as v from "valibot";
import { decodeText, InputError, parseJson } from "../../domain/mod.ts";
import type { StateArray, TrainerState } from "../learning/trainer.ts";
import { bytesOf, concatenate, utf8 } from "./bytes.ts";
import { record } from "../../scheduling/plans/forms.ts";

const ARRAYS = { Float32Array, Float64Array, Uint8Array, Uint32Array, Int32Array } as const;
type ArrayType = keyof typeof ARRAYS;

/**
 * The state of a trainer as JSON (values, and a directory of the arrays) and the bytes of the arrays.
 * @throws {InputError} for a value that JSON would change in silence: NaN, Infinity, undefined.
 */
export function writeState(state: TrainerState): { json: Uint8Array; bytes: Uint8Array } {
  checkExact(state.values, "values");
  const names = Object.keys(state.arrays);
  const arrays = names.map((name) => {
    const array = state.arrays[name]!;
    return { name, type: typeOf(array), length: array.length };
  });
  return {
    json: utf8(JSON.stringify({ values: state.values, arrays }, null, 1) + "\n"),
    bytes: concatenate(names.map((name) => bytesOf(state.arrays[name]!))),
  };
}

const stateSchema = v.strictObject({
  values: record(v.string(), v.unknown()),
  arrays: v.array(v.strictObject({
    // Names of digits would change places with others.
    name: v.pipe(v.string(), v.regex(/^(?!\d+$)/)),
    type: v.picklist(Object.keys(ARRAYS) as ArrayType[]),
    length: v.pipe(v.number(), v.integer(), v.minValue(0)),
  })),
});

/**
 * The state that {@link writeState} wrote, bit for bit.
 * @throws {InputError} naming the place, where the parts do not fit each other.
 */
export function readState(json: Uint8Array, bytes: Uint8Array, place: string): TrainerState {
  const parsed = v.safeParse(stateSchema, parseJson(decodeText(json, place), place));
  if (!parsed.success) throw new InputError(`${place}: not the state of a trainer`);
  const arrays = new Map<string, StateArray>();
  let offset = 0;
  for (const { name, type, length } of parsed.output.arrays) {
    const end = offset + length * ARRAYS[type].BYTES_PER_ELEMENT;
    if (end > bytes.length) throw new InputError(`${place}: array ${name} is truncated`);
    if (arrays.has(name)) throw new InputError(`${place}: array ${name} is there twice`);
    arrays.set(name, new ARRAYS[type](bytes.slice(offset, end).buffer));
    offset = end;
  }
  if (offset !== bytes.length) {
    throw new InputError(`${place}: ${bytes.length - offset} extra bytes in its arrays`);
  }
  const values = parsed.output.values as TrainerState["values"];
  return { values, arrays: Object.fromEntries(arrays) };
}

function typeOf(array: StateArray): ArrayType {
  return array.constructor.name as ArrayType;
}

function checkExact(value: unknown, path: string): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (typeof value !== "object") {
    throw new InputError(`State of the trainer cannot be saved: ${path} is ${String(value)}`);
  }
  for (const [name, inner] of Object.entries(value)) checkExact(inner, `${path}.${name}`);
}
