import type { Random } from "../../domain/mod.ts";

/** Numbers, and what looks like them, that readers take for something else. */
export const EXTREMES: readonly string[] = [
  ...[
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "1e300",
    "1e400",
    "-0",
    "0",
    "-1",
    "1e-320",
    "1e-400",
    "0.5",
  ],
  ...["99999999999", "12345678901234567890", "256", "255", "65536", "4294967296", "0x10", "0b11"],
  ...[
    "0o17",
    " 1",
    "1 ",
    "1_0",
    "1,0",
    "01",
    "+1",
    "1.",
    ".5",
    "1e3",
    "1E+2",
    "1.0",
    "--1",
    "",
    "-",
  ],
  ...["true", "null", "None", "١", "1\u00a0", "1\u200b"],
];

/** Characters that hide, turn around or end text. */
const TRICKS: readonly string[] = [
  ...["\ufeff", "\u202e", "\u0000", "\u2028", "\u200b", "\u00a0", "\u0085", "\ufffd", "\u001b[2J"],
  ...["\r", "\n", "\t", " ", '"', "'", ",", ";", "=", "#", "\\", "$", "\u{1f600}", "é", "e\u0301"],
];

/** Names that objects have of themselves. */
export const HOSTILE_NAMES: readonly string[] = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "", " "],
  ...["length", "name", "redis ", "\u202eredis", "a,b", "=1+1", "../x", "0", "-1", "rps:redis"],
];

/** One of the values. */
export function oneOf<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)]!;
}

/** Changes that make sense in any text. */
export function editText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.below(30));
  switch (random.below(12)) {
    case 0: // a number is another one
    case 1: { // likewise: most of what can be said wrongly is a number
      const numbers = [...text.matchAll(/\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)];
      if (numbers.length === 0) return text + oneOf(EXTREMES, random);
      const { index, 0: number } = oneOf(numbers, random);
      return text.slice(0, index) + oneOf(EXTREMES, random) + text.slice(index + number.length);
    }
    case 2:
      return text.slice(0, at) + oneOf(TRICKS, random) + text.slice(at);
    case 3:
      return text.slice(0, at) + text.slice(end);
    case 4: // once more, at the same place
      return text.slice(0, end) + text.slice(at);
    case 5:
      return text.slice(0, at);
    case 6: { // two lines change places, or one is there twice
      const lines = text.split("\n");
      const [a, b] = [random.below(lines.length), random.below(lines.length)];
      if (random.below(2) === 0) lines.splice(a, 0, lines[b]!);
      else [lines[a], lines[b]] = [lines[b]!, lines[a]!];
      return lines.join("\n");
    }
    case 7: {
      const lines = text.split("\n");
      lines.splice(random.below(lines.length), 1);
      return lines.join("\n");
    }
    case 8: // a very long token
      return text.slice(0, at) +
        text.slice(at, at + 1 + random.below(3)).repeat(longLength(random)) +
        text.slice(at);
    case 9: // nested deeply
      return text.slice(0, at) + oneOf(["[", "{", '{"a":', "(", "- ", "&a [", '"'], random)
        .repeat(longLength(random)) +
        text.slice(at);
    case 10: // a word is one that objects have of themselves
      return replaceWord(text, random, oneOf(HOSTILE_NAMES, random));
    default: {
      const other = oneOf(
        [["\n", "\r\n"], ["\n", "\r"], [",", ";"], [" ", "\t"], [".", ","]],
        random,
      );
      return text.replaceAll(other[0]!, other[1]!);
    }
  }
}

function replaceWord(text: string, random: Random, word: string): string {
  const words = [...text.matchAll(/[A-Za-z_-]+/g)];
  if (words.length === 0) return word;
  const { index, 0: old } = oneOf(words, random);
  return text.slice(0, index) + word + text.slice(index + old.length);
}

/** Mostly some hundreds, now and then tens of thousands. */
function longLength(random: Random): number {
  return random.below(50) === 0 ? 60_000 : 2 ** (1 + random.below(10));
}
