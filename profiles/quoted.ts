import { hasUnprintable } from "../domain/mod.ts";

/**
 * Text from a file as one short, harmless line for a message: in double quotes, control characters
 * escaped, at most 40 characters of it.
 */
export function quoted(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  let shown = "";
  for (const character of short.toWellFormed()) {
    shown += hasUnprintable(character)
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
      : character;
  }
  return `"${shown}"`;
}
