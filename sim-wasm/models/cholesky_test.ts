import assert from "node:assert/strict";
import { Random } from "../../domain/mod.ts";
import { Cholesky } from "./cholesky.ts";

Deno.test("what is solved gives the right side back, and the determinant is that of the matrix", () => {
  const random = new Random(1);
  using cholesky = new Cholesky(5);
  for (let round = 0; round < 3; round++) {
    // A matrix times its transpose, plus the identity, is positive definite.
    const half = Float64Array.from({ length: 25 }, () => random.normal());
    const matrix = Float64Array.from({ length: 25 }, (_, at) => {
      const [row, column] = [Math.floor(at / 5), at % 5];
      let sum = row === column ? 1 : 0;
      for (let k = 0; k < 5; k++) sum += half[row * 5 + k]! * half[column * 5 + k]!;
      return sum;
    });
    const right = Float64Array.from({ length: 5 }, () => random.normal());
    const determinant = cholesky.factor(matrix);
    const solved = cholesky.solve(right);
    for (let row = 0; row < 5; row++) {
      let product = 0;
      for (let k = 0; k < 5; k++) product += matrix[row * 5 + k]! * solved[k]!;
      assert.ok(Math.abs(product - right[row]!) < 1e-9);
    }
    assert.ok(Math.abs(2 * determinant - Math.log(eliminate(matrix, 5))) < 1e-9);
  }
});

Deno.test("a matrix that is not positive definite has no factor, and other sizes are refused", () => {
  using cholesky = new Cholesky(2);
  assert.ok(Number.isNaN(cholesky.factor(Float64Array.of(1, 2, 2, 1))));
  assert.throws(() => cholesky.factor(new Float64Array(9)), { name: "ShapeError" });
  assert.throws(() => cholesky.solve(new Float64Array(3)), { name: "ShapeError" });
});

/** Determinant by Gaussian elimination: of positive definite matrices, which need no pivots. */
function eliminate(matrix: Float64Array, rows: number): number {
  const left = matrix.slice();
  let determinant = 1;
  for (let pivot = 0; pivot < rows; pivot++) {
    determinant *= left[pivot * rows + pivot]!;
    for (let row = pivot + 1; row < rows; row++) {
      const factor = left[row * rows + pivot]! / left[pivot * rows + pivot]!;
      for (let k = pivot; k < rows; k++) left[row * rows + k]! -= factor * left[pivot * rows + k]!;
    }
  }
  return determinant;
}
