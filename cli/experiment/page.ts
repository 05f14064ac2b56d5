/**
 * A report of an experiment, in Markdown and HTML: facts, one table, what was refused, plots.
 * @module
 */
import { escapeText } from "../output/plots/svg.ts";

/** The report in its forms. */
export interface Report {
  readonly markdown: string;
  /** Needs no other file. */
  readonly html: string;
  /** The plots that the Markdown shows, by file name. */
  readonly plots: ReadonlyMap<string, string>;
}

/** What a report says. */
export interface ReportParts {
  readonly title: string;
  readonly facts: readonly string[];
  readonly header: readonly string[];
  /** Rows of the table; the first two cells are text. */
  readonly rows: readonly (readonly string[])[];
  /** Further sentences below the table. @default none */
  readonly notes?: readonly string[];
  /** By file name. */
  readonly plots: ReadonlyMap<string, { readonly title: string; readonly svg: string }>;
}

/** Writes a report in its forms. */
export function writeReport(
  { title, facts, header, rows, notes = [], plots }: ReportParts,
): Report {
  const items = (texts: readonly string[]): string[] => texts.map((text) => `- ${text}`);
  return {
    plots: new Map([...plots].map(([name, { svg }]) => [name, svg])),
    markdown: [
      `# ${title}`,
      ...items(facts),
      "",
      markdownTable(header, rows),
      ...items(notes),
      ...[...plots].map(([name, plot]) => `\n## ${plot.title}\n\n![${plot.title}](${name})`),
      "",
    ].join("\n"),
    html: htmlPage(title, facts, header, rows, notes, [...plots.values()]),
  };
}

/** A table in Markdown; the first two columns are text. */
function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const escaped = (cell: string): string => cell.replaceAll("|", "\\|");
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  const rule = `|${header.map((_, at) => at < 2 ? " --- |" : " ---: |").join("")}`;
  return [line(header), rule, ...rows.map(line)].join("\n") + "\n";
}

/** A page that needs no other file: facts, a table, what was refused, and plots. */
function htmlPage(
  title: string,
  facts: readonly string[],
  header: readonly string[],
  rows: readonly (readonly string[])[],
  refusals: readonly string[],
  plots: readonly { readonly title: string; readonly svg: string }[],
): string {
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join("");
  const list = (items: readonly string[]): string =>
    items.length === 0
      ? ""
      : `<ul>${items.map((item) => `<li>${escapeText(item)}</li>`).join("")}</ul>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeText(title)}</title>
<style>
body { font-family: system-ui, sans-serif; color: #222; background: #fff; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
tr.first td { border-top: 2px solid #888; }
figure { margin: 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
</style>
<h1>${escapeText(title)}</h1>
${list(facts)}
<figure><table>
<thead><tr>${cells(header, "th")}</tr></thead>
<tbody>
${
    rows.map((row, at) =>
      `<tr${at > 0 && rows[at - 1]![0] !== row[0] ? ' class="first"' : ""}>${cells(row, "td")}</tr>`
    )
      .join("\n")
  }
</tbody>
</table></figure>
${list(refusals)}
${
    plots.map((plot) => `<h2>${escapeText(plot.title)}</h2>\n<figure>\n${plot.svg}\n</figure>`)
      .join("\n")
  }
</html>
`;
}
