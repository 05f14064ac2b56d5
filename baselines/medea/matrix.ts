import type { MilpModel } from "../milp/mod.ts";

/** A sparse matrix that is written row by row and handed over column by column. */
export class MatrixByRows {
  readonly #lower: number[] = [];
  readonly #upper: number[] = [];
  readonly #rows: number[] = [];
  readonly #columns: number[] = [];
  readonly #values: number[] = [];

  /** Begins a row with these bounds. */
  beginRow(lower: number, upper: number): void {
    this.#lower.push(lower);
    this.#upper.push(upper);
  }

  /** Adds an entry to the row that was begun last; at most one per column. */
  add(column: number, value: number): void {
    this.#rows.push(this.#lower.length - 1);
    this.#columns.push(column);
    this.#values.push(value);
  }

  /** The matrix and the bounds of its rows, as models hold them. */
  byColumns(
    columns: number,
  ): Pick<MilpModel, "rows" | "rowLower" | "rowUpper" | "starts" | "indices" | "values"> {
    const starts = new Int32Array(columns + 1);
    for (const column of this.#columns) starts[column + 1]!++;
    for (let column = 0; column < columns; column++) starts[column + 1]! += starts[column]!;
    const next = starts.slice();
    const indices = new Int32Array(this.#columns.length);
    const values = new Float64Array(this.#columns.length);
    this.#columns.forEach((column, entry) => {
      const at = next[column]!++;
      indices[at] = this.#rows[entry]!;
      values[at] = this.#values[entry]!;
    });
    return {
      rows: this.#lower.length,
      rowLower: Float64Array.from(this.#lower),
      rowUpper: Float64Array.from(this.#upper),
      starts,
      indices,
      values,
    };
  }
}
