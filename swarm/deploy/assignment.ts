/** Above so many pairs, an exact assignment would take too long: pairs are then taken greedily. */
const MOST_PAIRS = 1_000_000;

/**
 * Assigns each row its own column at the greatest total score.
 * @param rows Number of rows. @param columns Number of columns, at least `rows`.
 * @param score Of a pair; -Infinity where it must not be. Equal totals prefer row i in column i.
 * @returns The column of each row, or null if no assignment keeps to what must not be.
 * Exact by the Hungarian method (Kuhn 1955, with potentials after Jonker and Volgenant 1987).
 */
export function assign(
  rows: number,
  columns: number,
  score: (row: number, column: number) => number,
): number[] | null {
  if (rows > columns) return null;
  const forbidden = 1e9;
  const cost = (row: number, column: number): number => {
    const value = score(row, column);
    if (value === -Infinity) return forbidden;
    return -value + (row === column ? 0 : 1e-7);
  };
  const columnOf = rows * columns > MOST_PAIRS
    ? greedy(rows, columns, cost)
    : hungarian(rows, columns, cost);
  return columnOf.every((column, row) => cost(row, column) < forbidden) ? columnOf : null;
}

function hungarian(
  rows: number,
  columns: number,
  cost: (row: number, column: number) => number,
): number[] {
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  // Rows and columns count from 1; 0 means none.
  const rowOf = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    const least = new Float64Array(columns + 1).fill(Infinity);
    const before = new Int32Array(columns + 1);
    const used = new Uint8Array(columns + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      used[column] = 1;
      const from = rowOf[column]!;
      let delta = Infinity;
      let next = 0;
      for (let to = 1; to <= columns; to++) {
        if (used[to]) continue;
        const reduced = cost(from - 1, to - 1) - rowPotential[from]! - columnPotential[to]!;
        if (reduced < least[to]!) {
          least[to] = reduced;
          before[to] = column;
        }
        if (least[to]! < delta) {
          delta = least[to]!;
          next = to;
        }
      }
      for (let to = 0; to <= columns; to++) {
        if (used[to]) {
          rowPotential[rowOf[to]!]! += delta;
          columnPotential[to]! -= delta;
        } else least[to]! -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[before[column]!]!;
      column = before[column]!;
    }
  }
  const columnOf = new Array<number>(rows).fill(-1);
  for (let column = 1; column <= columns; column++) {
    if (rowOf[column]! > 0) columnOf[rowOf[column]! - 1] = column - 1;
  }
  return columnOf;
}

function greedy(
  rows: number,
  columns: number,
  cost: (row: number, column: number) => number,
): number[] {
  const taken = new Uint8Array(columns);
  return Array.from({ length: rows }, (_, row) => {
    let best = -1;
    for (let column = 0; column < columns; column++) {
      if (!taken[column] && (best < 0 || cost(row, column) < cost(row, best))) best = column;
    }
    taken[best] = 1;
    return best;
  });
}
