/**
 * The tail of an "unknown name" message: the nearest known name, and all of them.
 * @returns Text such as `: did you mean greedy? Known: random, greedy`.
 */
export function suggest(name: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const near = nearest !== undefined && nearest.distance <= Math.max(2, name.length / 3);
  return `${near ? `: did you mean ${nearest.candidate}?` : "."} Known: ${known.join(", ")}`;
}

/** Edits (insert, delete, replace) that turn one word into another (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
