/**
 * Text split into words as a shell would, without any of a shell's powers: quotes and backslashes only.
 * @returns null if a quote has no end.
 */
export function shellWords(line: string): string[] | null {
  const found: string[] = [];
  let current: string | null = null;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const letter = line[at]!;
    if (letter === "\\" && quote !== "'" && at + 1 < line.length) {
      current = (current ?? "") + line[++at];
    } else if (quote !== "") {
      if (letter === quote) quote = "";
      else current += letter;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      current ??= "";
    } else if (/\s/.test(letter)) {
      if (current !== null) found.push(current);
      current = null;
    } else current = (current ?? "") + letter;
  }
  if (quote !== "") return null;
  return current === null ? found : [...found, current];
}
