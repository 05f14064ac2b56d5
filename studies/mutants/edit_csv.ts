import type { Random } from "../../domain/mod.ts";
import { EXTREMES, HOSTILE_NAMES, oneOf } from "./edit_text.ts";

/** Changes of cells, columns and rows; quotes are not understood, which makes mutants of their own. */
export function editCsv(text: string, random: Random): string {
  const rows = text.split("\n").map((line) => line.split(","));
  const row = rows[random.below(rows.length)]!;
  const cell = random.below(row.length);
  const [column, other] = [random.below(rows[0]!.length), random.below(rows[0]!.length)];
  switch (random.below(10)) {
    case 0:
    case 1:
      row[cell] = oneOf(EXTREMES, random);
      break;
    case 2: // cells of a row change places
      [row[cell], row[other]] = [row[other] ?? "", row[cell]!];
      break;
    case 3: // columns change places
      for (const cells of rows) {
        if (cells.length > 1) [cells[column], cells[other]] = [cells[other]!, cells[column]!];
      }
      break;
    case 4: // a column is there twice
      for (const cells of rows) if (cells.length > 1) cells.splice(column, 0, cells[other]!);
      break;
    case 5: // a column is missing
      for (const cells of rows) cells.splice(column, 1);
      break;
    case 6: // a cell too many, or one too few
      row.splice(
        cell,
        random.below(2),
        ...(random.below(2) === 0 ? [oneOf(EXTREMES, random)] : []),
      );
      break;
    case 7:
      row[cell] = oneOf(
        [`"${row[cell]}"`, `"${row[cell]}`, ` ${row[cell]} `, `'${row[cell]}`],
        random,
      );
      break;
    case 8:
      rows[0]![column] = oneOf([...HOSTILE_NAMES, rows[0]![other]!], random);
      break;
    default: // cells of different rows change places
      for (const cells of [rows[random.below(rows.length)]!]) {
        [row[cell], cells[cell]] = [cells[cell] ?? "", row[cell]!];
      }
  }
  return rows.map((cells) => cells.join(",")).join("\n");
}
