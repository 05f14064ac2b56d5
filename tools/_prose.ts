/** Words and idioms that read as translated, each with what plain English says. */
const TRANSLATED: readonly (readonly [RegExp, string])[] = [
  [/\bshall\b/gi, "should"],
  [/\banew\b/gi, "again"],
  [/\bbit\s+by\s+bit\b/gi, "bit for bit"],
  [/\bfor\s+ever\b/gi, "forever"],
  [/\b(thereby|whereby|hereby|whereas)\b/gi, "a new sentence"],
  [/\b(who|what)(so)?ever\s+(does|finds|has|gets|makes|lost|opens)\b/gi, "who, or any that"],
  [/\bwhatsoever\b/gi, "at all"],
  [/\bunlike\s+their\s+like\b/gi, "that differ from the others"],
  [/\b(has|have)\s+(it|them)\s+not\b/gi, "lacks it"],
  [/\bgone\s+on\s+with\b/gi, "continued"],
  [/\bwith\s+the\s+least\s+(weighted\s+)?violations\b/gi, "with the fewest violations"],
  [/\bof\s+its\s+own\s+accord\b/gi, "by itself"],
  [/(?<![\w.,-])1\s+(slots|nodes|rows|changes)\s+(short|left|missing)\b/gi, "a singular"],
];

/** Names the translated words of texts, as `path:line: ...`. @param texts By path from the root. */
export function translated(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([path, text]) =>
    TRANSLATED.flatMap(([words, plain]) =>
      [...text.matchAll(words)].map(({ 0: found, index }) => {
        const line = text.slice(0, index).split("\n").length;
        return `${path}:${line}: "${
          found.replaceAll(/\s+/g, " ")
        }" reads as translated: say ${plain}`;
      })
    )
  );
}
