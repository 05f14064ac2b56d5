import { printable } from "../../domain/mod.ts";

/** One column of a table: its title and how a row is shown in it. */
export interface Column<Row> {
  readonly title: string;
  /** Numbers go right, words left. */
  readonly align: "left" | "right";
  readonly cell: (row: Row) => string;
  /** May be broken at spaces where the table is too wide; for the last column only. @default false */
  readonly wraps?: boolean;
}

/** How a table is laid out. */
export interface TableLayout {
  /** Columns of the terminal; lines are kept within it wherever words are no longer than it. */
  readonly width: number;
  /** Show titles in bold. @default false */
  readonly color?: boolean;
}

const GAP = "  ";
/** Columns below which a wrapped last column is no longer readable. */
const LEAST_ROOM = 24;

/**
 * A table as text, one line per row, each line ended by a newline. Where it is wider than the
 * terminal, its last column is broken at spaces, if it may be, then the titles; where that does
 * not suffice, every row becomes a block of "title  value" lines under its first cell.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  layout: TableLayout,
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const contentWidths = columns.map((_, at) =>
    Math.max(0, ...cells.map((row) => textWidth(row[at]!)))
  );
  const wrapped = columns.map(({ title }, at) =>
    wrapText(title, Math.max(contentWidths[at]!, longestWord(title))).split("\n")
  );
  for (const titles of [columns.map(({ title }) => [title]), wrapped]) {
    const widths = contentWidths.map((width, at) => Math.max(width, ...titles[at]!.map(textWidth)));
    const excess = sum(widths) + GAP.length * (columns.length - 1) - layout.width;
    if (excess <= 0) return grid(columns, titles, cells, widths, layout);
    const room = widths.at(-1)! - excess;
    if (columns.at(-1)!.wraps && room >= LEAST_ROOM) {
      return grid(columns, titles, wrapLast(cells, room), [...widths.slice(0, -1), room], layout);
    }
  }
  return blocks(columns, cells, layout);
}

/**
 * Lines of "label  value", labels padded to one width; a value is broken at spaces where the line would be
 * wider than `width` columns.
 * @returns Text in which each line is ended by a newline.
 */
export function renderPairs(
  pairs: readonly (readonly [string, string])[],
  width: number = Infinity,
): string {
  const labels = Math.max(0, ...pairs.map(([label]) => textWidth(label)));
  const indent = labels + GAP.length;
  return pairs.map(([label, value]) => {
    const text = wrapText(printable(value), width - indent);
    return `${pad(label, labels, "left")}${GAP}${
      text.replaceAll("\n", "\n" + " ".repeat(indent))
    }\n`;
  }).join("");
}

/** Text wrapped at spaces to a width; a longer word keeps its own line. */
export function wrapText(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 1 + textWidth(word) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.join("\n");
}

function grid<Row>(
  columns: readonly Column<Row>[],
  titles: readonly string[][],
  cells: readonly string[][],
  widths: readonly number[],
  layout: TableLayout,
): string {
  const line = (row: readonly string[]): string =>
    row.map((cell, at) => pad(cell, widths[at]!, columns[at]!.align)).join(GAP).trimEnd();
  const height = Math.max(...titles.map((lines) => lines.length));
  const header = Array.from(
    { length: height },
    // Titles of fewer lines stand at the bottom, next to the numbers.
    (_, at) => line(titles.map((lines) => lines[at - height + lines.length] ?? "")),
  );
  const rule = widths.map((width) => "-".repeat(width)).join(GAP);
  return [...header.map((text) => bold(text, layout)), rule, ...cells.map(line)]
    .map((text) => text + "\n").join("");
}

function blocks<Row>(
  columns: readonly Column<Row>[],
  cells: readonly string[][],
  layout: TableLayout,
): string {
  const width = Math.max(...columns.slice(1).map(({ title }) => textWidth(title)), 0);
  return cells.map((row) => {
    const lines = row.slice(1).map((cell, at) => {
      const label = pad(columns[at + 1]!.title, width, "left");
      const room = layout.width - width - 2 * GAP.length;
      const indent = "\n" + " ".repeat(width + 2 * GAP.length);
      return `${GAP}${label}${GAP}${wrapText(cell, room).replaceAll("\n", indent)}`.trimEnd() +
        "\n";
    });
    return bold(row[0]!, layout) + "\n" + lines.join("");
  }).join("");
}

/** Rows whose last cell is broken into lines, each further line as a row of its own. */
function wrapLast(cells: readonly string[][], room: number): string[][] {
  return cells.flatMap((row) =>
    wrapText(row.at(-1)!, room).split("\n").map((line, at) =>
      at === 0 ? [...row.slice(0, -1), line] : [...row.slice(0, -1).map(() => ""), line]
    )
  );
}

function longestWord(text: string): number {
  return Math.max(...text.split(" ").map(textWidth));
}

function bold(text: string, layout: TableLayout): string {
  return layout.color ? `\x1b[1m${text}\x1b[22m` : text;
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - textWidth(text)));
  return align === "left" ? text + space : space + text;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Columns that text takes on a terminal: marks take none, East Asian wide letters and emoji two. */
function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (/\p{M}|\p{Cf}/u.test(letter)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u
          .test(letter)
        ? 2
        : 1;
  }
  return width;
}
