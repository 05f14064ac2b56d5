/** Characters that end a line, steer a terminal, or hide or turn around what is written. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u200b-\u200f\u2028\u2029\ufeff]/u;
const ALL_UNPRINTABLE = new RegExp(UNPRINTABLE, "gu");

/**
 * Text whose control characters and marks of direction are written out, such as \\x1b and \\u{202e}: names come from files and
 * engines, and must neither steer the terminal nor look like other names.
 */
export function printable(text: string): string {
  return text.replace(ALL_UNPRINTABLE, (letter) => {
    const code = letter.codePointAt(0)!.toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u{${code}}`;
  });
}

/** True if the text holds a character that {@link printable} writes out. */
export function hasUnprintable(text: string): boolean {
  return UNPRINTABLE.test(text);
}
