import { ShapeError } from "../../domain/mod.ts";
import type { Address } from "../build/core_exports.ts";
import { Core } from "../core/core.ts";
import { CoreObject, coreOf, functionsOf } from "../core/core_object.ts";

/** The Cholesky factor of symmetric matrices of one size, one after another, in the simulator core. */
export class Cholesky extends CoreObject {
  readonly #factor: Address;
  readonly #vector: Address;

  /** Makes room. @param rows Rows, and columns, of every matrix. */
  constructor(readonly rows: number) {
    const core = new Core("Cholesky factor");
    super("Cholesky factor", core, 0, () => core.dispose());
    this.#factor = core.allocate("f64", rows * rows);
    this.#vector = core.allocate("f64", rows);
  }

  /**
   * Factors a matrix in the place of the one before.
   * @param matrix Row-major; only its lower triangle is read.
   * @returns Half the logarithm of the determinant; NaN if the matrix is not positive definite: then nothing can be solved.
   * @throws {ShapeError} for a matrix of another size.
   */
  factor(matrix: Float64Array): number {
    const { rows } = this;
    if (matrix.length !== rows * rows) throw new ShapeError("matrix", rows * rows, matrix.length);
    coreOf(this).write("f64", this.#factor, matrix, matrix.length);
    return functionsOf(this).gaussianFactor(this.#factor, rows);
  }

  /** The vector that the factored matrix makes `right` of. @throws {ShapeError} for a vector of another length. */
  solve(right: Float64Array): Float64Array {
    const core = coreOf(this);
    core.write("f64", this.#vector, right, this.rows);
    functionsOf(this).gaussianSolve(this.#factor, this.rows, this.#vector);
    return core.read("f64", this.#vector, this.rows);
  }
}
