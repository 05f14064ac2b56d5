/** Characters that end a line, move the cursor or hide text: never shown as they are. */
// deno-lint-ignore no-control-regex
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/**
 * Text from a file as one short, harmless line for a message: in double quotes, control characters
 * escaped, at most 40 characters of it.
 */
export function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  let shown = "";
  for (const character of short.toWellFormed()) {
    shown += hasUnshowable(character)
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
      : character;
  }
  return `"${shown}"`;
}

/** True if the text holds a character that would break a line or hide what is written. */
export function hasUnshowable(text: string): boolean {
  return UNSHOWABLE.test(text);
}
