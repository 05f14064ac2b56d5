import type { Random } from "../../domain/mod.ts";
import { EXTREMES, HOSTILE_NAMES, oneOf } from "./edit_text.ts";

/** Values that YAML reads as something else than they look. */
const VALUES: readonly string[] = [
  ...EXTREMES,
  ...["~", "yes", "off", ".inf", "-.nan", "2001-01-01", "1:30", "!!binary aGk=", "!!int 7", "!x y"],
  ...[
    "&a b",
    "*a",
    "<<",
    "[a, b]",
    "{a: b}",
    "| ",
    ">-",
    "'",
    '"a',
    "? a",
    "- a",
    "# a",
    "%YAML 1.1",
  ],
  ...[
    "${A}",
    "${A:-b}",
    "${",
    "$$",
    "@a",
    "`a",
    "a: b",
    "010",
    "1.10",
    "0.1e1",
    "\\x41",
    '"\\u0041"',
  ],
];

/** Changes of lines and values of YAML in block form. */
export function editYaml(text: string, random: Random): string {
  const lines = text.split("\n");
  const at = random.below(lines.length);
  const line = lines[at]!;
  const [indent = ""] = /^ */.exec(line) ?? [];
  const key = /^( *(?:- )?)([\w.-]+)(:.*)$/.exec(line);
  switch (random.below(9)) {
    case 0:
    case 1: // another value
      lines[at] = line.replace(
        /(: |- )[^:]*$/,
        `$1${oneOf(VALUES, random).replaceAll("$", "$$$$")}`,
      );
      break;
    case 2: // another key
      if (key !== null) lines[at] = `${key[1]}${oneOf(HOSTILE_NAMES, random)}${key[3]}`;
      break;
    case 3: // the key of another line
      lines[at] = indent + lines[random.below(lines.length)]!.trimStart();
      break;
    case 4: // a level in or out
      lines[at] = random.below(2) === 0 ? `  ${line}` : line.replace(/^ {1,2}/, "");
      break;
    case 5: // a key that nobody knows, or a known one at a wrong place
      lines.splice(at, 0, `${indent}${oneOf(["extra", "image", "ports", "x-a", "<<"], random)}: 1`);
      break;
    case 6: // the line is there twice
      lines.splice(at, 0, line);
      break;
    case 7: // merged from an anchor
      lines.splice(at, 0, `${indent}<<: *${oneOf(["a", "base"], random)}`);
      if (lines[0] !== undefined) lines[0] = `x-a: &a {image: b}\n${lines[0]}`;
      break;
    default: // everything from here on is text
      lines[at] = line.replace(/:.*$/, `: ${oneOf(["|", ">", "|2", "'", '"'], random)}`);
  }
  return lines.join("\n");
}
