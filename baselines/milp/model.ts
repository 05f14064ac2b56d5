import { ShapeError, SolverError } from "../../domain/mod.ts";

/**
 * A mixed integer linear program with a sparse matrix by columns:
 * optimise cost . x subject to rowLower <= A x <= rowUpper and columnLower <= x <= columnUpper.
 * Infinite bounds are `Infinity` and `-Infinity`. Arrays are read only and copied.
 */
export interface MilpModel {
  /** Direction of the optimisation. */
  readonly sense: "maximise" | "minimise";
  /** Number of variables. */
  readonly columns: number;
  /** Number of constraints. */
  readonly rows: number;
  /** Length columns. */
  readonly cost: Float64Array;
  /** Length columns. */
  readonly columnLower: Float64Array;
  /** Length columns. */
  readonly columnUpper: Float64Array;
  /** Length columns: 1 if the column must be whole; absent = all are continuous. */
  readonly integer?: Uint8Array;
  /** Length rows. */
  readonly rowLower: Float64Array;
  /** Length rows. */
  readonly rowUpper: Float64Array;
  /** Length columns + 1: the entries of column j are those from starts[j] to starts[j + 1] - 1. */
  readonly starts: Int32Array;
  /** Row of each entry. */
  readonly indices: Int32Array;
  /** Coefficient of each entry. */
  readonly values: Float64Array;
}

/** Statuses of a simplex basis, to start a similar linear program from. */
export interface MilpBasis {
  /** Length columns: 0 at lower bound, 1 basic, 2 at upper bound, 3 free at zero, 4 nonbasic. */
  readonly columns: Int32Array;
  /** Length rows, same codes. */
  readonly rows: Int32Array;
}

/** How to solve, and when to stop. */
export interface MilpOptions {
  /** Seconds after which the solver stops with its best solution; it is ended by force at 1.5 times that. */
  readonly timeLimit?: number | undefined;
  /** Relative gap at which an integer program may stop. @default 0 */
  readonly relativeGap?: number | undefined;
  /** Absolute gap at which an integer program may stop. @default 1e-9 */
  readonly absoluteGap?: number;
  /** Ends the work at once. */
  readonly signal?: AbortSignal | undefined;
  /** Seed of the solver's own choices: a whole number, 0 or more; what is beyond 31 bits is left out. @default 0 */
  readonly seed?: number;
  /** A solution to start from; length columns. */
  readonly start?: Float64Array | undefined;
  /** A basis to start from (linear programs). */
  readonly basis?: MilpBasis;
  /** Collects the solver's log. @default false */
  readonly log?: boolean;
}

/** How a solver ended: "limit" = a time limit or gap, "interrupted" = ended by signal or force. */
export type MilpStatus = "optimal" | "infeasible" | "unbounded" | "limit" | "interrupted";

/** What a solver found. */
export interface MilpAnswer {
  /** How it ended. */
  readonly status: MilpStatus;
  /** The best solution, length columns; absent if none was found. Check it before use. */
  readonly solution?: Float64Array;
  /** Objective of the solution, NaN if there is none. */
  readonly objective: number;
  /** Proven bound on the objective (the solver's word); infinite where nothing was proven. */
  readonly bound: number;
  /** Change of the objective per unit of each row's bound; linear programs only, length rows. */
  readonly rowDuals?: Float64Array;
  /** Reduced costs; linear programs only, length columns. */
  readonly columnDuals?: Float64Array;
  /** Final basis; linear programs only. */
  readonly basis?: MilpBasis;
  /** Branch and bound nodes. */
  readonly nodes: number;
  /** Text of the solver's log, empty if none was asked for. */
  readonly log: string;
}

/** Solves mixed integer linear programs. Close it after use: it may hold a worker. */
export interface MilpSolver {
  /**
   * Solves a model.
   * @throws {ShapeError} if the arrays of the model disagree in length.
   * @throws {SolverError} if the solver failed.
   */
  solve(model: MilpModel, options?: MilpOptions): Promise<MilpAnswer>;
  /** The model as text of a common file format. */
  write(model: MilpModel, format: "lp" | "mps"): Promise<string>;
  /** Ends the worker. The solver may be used again: it then starts another. */
  close(): void;
}

/**
 * Checks the shape of a model, since solvers take a broken one for an empty one.
 * @throws {ShapeError} naming the array. @throws {SolverError} for indices out of range or NaN.
 */
export function checkModel(model: MilpModel): void {
  const { columns, rows } = model;
  const expect = (name: string, array: ArrayLike<number>, length: number): void => {
    if (array.length !== length) throw new ShapeError(name, length, array.length);
    for (let at = 0; at < length; at++) {
      if (Number.isNaN(array[at])) throw new SolverError(`Model has NaN in ${name} at ${at}`);
    }
  };
  expect("cost", model.cost, columns);
  expect("columnLower", model.columnLower, columns);
  expect("columnUpper", model.columnUpper, columns);
  if (model.integer) expect("integer", model.integer, columns);
  expect("rowLower", model.rowLower, rows);
  expect("rowUpper", model.rowUpper, rows);
  expect("starts", model.starts, columns + 1);
  expect("indices", model.indices, model.starts[columns]!);
  expect("values", model.values, model.starts[columns]!);
  for (let column = 0; column < columns; column++) {
    if (model.starts[column]! > model.starts[column + 1]!) {
      throw new SolverError(`Model has decreasing starts at column ${column}`);
    }
  }
  model.indices.forEach((row, at) => {
    if (row < 0 || row >= rows) {
      throw new SolverError(`Model entry ${at} is in row ${row}, but there are ${rows} rows`);
    }
  });
}
