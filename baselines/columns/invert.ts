/** The identity matrix, row-major. */
export function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let at = 0; at < size; at++) matrix[at * size + at] = 1;
  return matrix;
}

/** Inverse of a row-major matrix, which is overwritten (Gauss and Jordan, partial pivoting); undefined if it is singular. */
export function invert(matrix: Float64Array, size: number): Float64Array | undefined {
  const inverse = identity(size);
  for (let column = 0; column < size; column++) {
    let pivotRow = column;
    for (let row = column + 1; row < size; row++) {
      if (Math.abs(matrix[row * size + column]!) > Math.abs(matrix[pivotRow * size + column]!)) {
        pivotRow = row;
      }
    }
    const pivot = matrix[pivotRow * size + column]!;
    if (Math.abs(pivot) < 1e-12) return undefined;
    for (const target of [matrix, inverse]) {
      for (let at = 0; at < size; at++) {
        const moved = target[pivotRow * size + at]!;
        target[pivotRow * size + at] = target[column * size + at]!;
        target[column * size + at] = moved / pivot;
      }
    }
    for (let row = 0; row < size; row++) {
      const factor = matrix[row * size + column]!;
      if (row === column || factor === 0) continue;
      for (const target of [matrix, inverse]) {
        for (let at = 0; at < size; at++) {
          target[row * size + at]! -= factor * target[column * size + at]!;
        }
      }
    }
  }
  return inverse;
}
