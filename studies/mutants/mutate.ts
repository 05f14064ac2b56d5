/**
 * Mutants of sound files: what a broken disk, a careless editor, another program or an attacker makes of them. The same
 * random numbers give the same mutants.
 * @module
 */
import type { Random } from "../../domain/mod.ts";
import { editCsv } from "./edit_csv.ts";
import { editJson, editJsonLine } from "./edit_json.ts";
import { editText } from "./edit_text.ts";
import { editYaml } from "./edit_yaml.ts";

/** What a file is made of: says how it is mutated beside its bytes. */
export type Form = "bytes" | "text" | "csv" | "json" | "jsonl" | "yaml";

/** Changes text of one form in one place. */
export type Edit = (text: string, random: Random) => string;

const EDITS: Readonly<Record<Exclude<Form, "bytes">, Edit>> = {
  text: editText,
  csv: editCsv,
  json: editJson,
  jsonl: editJsonLine,
  yaml: editYaml,
};

/** Largest mutant: readers are given files of any size elsewhere, and a study makes millions. */
const MOST_BYTES = 200_000;

/** The sample with one change, or up to three. */
export function mutate(sample: Uint8Array, form: Form, random: Random): Uint8Array {
  let mutant = sample;
  for (let times = random.below(2) === 0 ? 1 : 1 + random.below(3); times > 0; times--) {
    if (form === "bytes" || random.below(4) === 0) mutant = editBytes(mutant, random);
    else {
      const edit = random.below(2) === 0 ? editText : EDITS[form];
      mutant = new TextEncoder().encode(edit(new TextDecoder().decode(mutant), random));
    }
  }
  return mutant.subarray(0, MOST_BYTES);
}

/** Flips, truncations, splices and edits of what may be a length. */
function editBytes(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random.below(256));
  const at = random.below(bytes.length);
  const length = Math.min(bytes.length - at, 1 + random.below(40));
  const copy = bytes.slice();
  switch (random.below(7)) {
    case 0: // one bit
      copy[at]! ^= 1 << random.below(8);
      return copy;
    case 1: // one byte
      copy[at] = random.below(256);
      return copy;
    case 2: // the end is missing
      return copy.subarray(0, at);
    case 3: // a piece is missing
      return concatenate(bytes.subarray(0, at), bytes.subarray(at + length));
    case 4: { // a piece is there once more, elsewhere
      const to = random.below(bytes.length);
      return concatenate(bytes.subarray(0, to), copy.subarray(at, at + length), bytes.subarray(to));
    }
    case 5: // a piece lies over another
      copy.copyWithin(random.below(bytes.length - length + 1), at, at + length);
      return copy;
    default: // what may be a length: zero, small, huge
      for (let byte = 0; byte < 4 && at + byte < copy.length; byte++) {
        copy[at + byte] = [0, 1, 127, 255][random.below(4)]!;
      }
      return copy;
  }
}

function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
