/**
 * The linear program over the configurations generated so far (the restricted master), solved by the
 * primal revised simplex method with a dense basis inverse: there are only as many rows as apps and
 * node groups, so this takes microseconds where a general solver has to be loaded first. Nothing
 * depends on its accuracy: the bound is computed from any prices (see column_generation.ts).
 * @module
 */

import type { Formulation } from "./formulation.ts";
import { skewedApps } from "./domain_rows.ts";
import { identity, invert } from "./invert.ts";

/** Stands for no group: the column is a variable of the rows about domains. */
const NO_GROUP = -1;

/** Reduced costs below this count as zero. */
const TOLERANCE = 1e-9;

/** Smallest pivot element. */
const PIVOT = 1e-9;

/** Pivots after which the basis inverse is computed again from the columns. */
const REFACTOR = 50;

/** A configuration on the nodes of one group. */
export interface MasterColumn {
  readonly group: number;
  readonly rank: number;
  /** Throughput of one node. */
  readonly value: number;
  /** Containers of each app. */
  readonly counts: Uint8Array;
}

/** What a column adds to rows: pairs of row and coefficient. */
type Entries = readonly (readonly [row: number, coefficient: number])[];

/** Restricted master: maximise value . x subject to demand = and nodes <= and the rows about failure domains. */
export class RestrictedMaster {
  readonly columns: MasterColumn[] = [];
  readonly #formulation: Formulation;
  readonly #entries: Entries[] = [];
  readonly #apps: number;
  readonly #groups: number;
  readonly #rows: number;
  readonly #rhs: Float64Array;
  #penalty: number;
  /** Row-major, rows x rows. */
  #inverse: Float64Array;
  /** Column in the basis of each row; -1 - r stands for the logical column of row r. */
  readonly #basis: Int32Array;
  readonly #level: Float64Array;
  readonly #known = new Set<number>();
  #sincePivot = 0;
  pivots = 0;

  /** @param penalty Cost of a container that is not placed, above any throughput. */
  constructor(formulation: Formulation, penalty: number) {
    const { demand, groups, domainRows } = formulation;
    this.#formulation = formulation;
    this.#apps = demand.length;
    this.#groups = groups.length;
    this.#rows = demand.length + groups.length + domainRows.length;
    // A small shift of each right-hand side, different in each row, keeps the simplex method from cycling.
    this.#rhs = Float64Array.from(
      [
        ...demand,
        ...groups.map(({ nodes }) => nodes.length),
        ...domainRows.map(({ most }) => most),
      ],
      (amount, row) => amount + 1e-7 * (1 + ((row * 0.6180339887) % 1)),
    );
    this.#penalty = penalty;
    this.#inverse = identity(this.#rows);
    this.#basis = Int32Array.from({ length: this.#rows }, (_, row) => -1 - row);
    this.#level = this.#rhs.slice();
    for (const app of skewedApps(domainRows)) {
      const entries = domainRows.flatMap((row, at) =>
        row.app === app && row.least !== 0 ? [[this.#rowOf(at), row.least] as const] : []
      );
      this.#push({ group: NO_GROUP, rank: app, value: 0, counts: new Uint8Array() }, entries);
    }
  }

  /** Adds a column, unless it is there already. */
  add(column: MasterColumn): void {
    const { group, rank, counts } = column;
    const key = rank * this.#groups + group;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    const entries: [number, number][] = [[this.#apps + group, 1]];
    counts.forEach((count, app) => {
      if (count > 0) entries.push([app, count]);
    });
    const { domainRows, families, groups } = this.#formulation;
    const { domain } = families[groups[group]!.family]!;
    domainRows.forEach((row, at) => {
      const count = counts[row.app]!;
      if (row.domain === domain && count > 0) entries.push([this.#rowOf(at), row.sign * count]);
    });
    this.#push(column, entries);
  }

  /** Raises the cost of containers that are not placed. */
  raisePenalty(penalty: number): void {
    this.#penalty = penalty;
  }

  /** Containers of each app that the linear program leaves unplaced. Length apps. */
  unplaced(): Float64Array {
    const missing = new Float64Array(this.#apps);
    this.#basis.forEach((column, row) => {
      const logical = -1 - column;
      if (column < 0 && logical < this.#apps) missing[logical] = Math.max(0, this.#level[row]!);
    });
    return missing;
  }

  /** Nodes of each column in use, as a map from column index. */
  solution(): Map<number, number> {
    const used = new Map<number, number>();
    this.#basis.forEach((column, row) => {
      if (column >= 0 && this.columns[column]!.group !== NO_GROUP) {
        used.set(column, Math.max(0, this.#level[row]!));
      }
    });
    return used;
  }

  /** Objective of the current solution, penalties included. */
  objective(): number {
    return this.#basis.reduce(
      (sum, column, row) => sum + this.#cost(column) * this.#level[row]!,
      0,
    );
  }

  /** Duals: the price of a container of each app, then of a node of each group, then of each row about domains. */
  duals(): Float64Array {
    const duals = new Float64Array(this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      const cost = this.#cost(this.#basis[row]!);
      if (cost === 0) continue;
      for (let at = 0; at < this.#rows; at++) {
        duals[at]! += cost * this.#inverse[row * this.#rows + at]!;
      }
    }
    return duals;
  }

  /** Pivots until no column improves. @returns False if it gave up at the limit of pivots. */
  optimise(limit = 20000): boolean {
    this.#refactor();
    for (let step = 0; step < limit; step++) {
      const duals = this.duals();
      const entering = this.#entering(duals);
      if (entering === undefined) return true;
      if (!this.#pivot(entering)) return false;
    }
    return false;
  }

  #cost(column: number): number {
    if (column >= 0) return this.columns[column]!.value;
    return -1 - column < this.#apps ? -this.#penalty : 0;
  }

  /** The column with the highest reduced cost, a slack of a node row included. */
  #entering(duals: Float64Array): number | undefined {
    let best = TOLERANCE;
    let entering: number | undefined;
    this.columns.forEach(({ value }, column) => {
      let reduced = value;
      for (const [row, coefficient] of this.#entries[column]!) reduced -= duals[row]! * coefficient;
      if (reduced > best) {
        best = reduced;
        entering = column;
      }
    });
    for (let row = this.#apps; row < this.#rows; row++) {
      if (-duals[row]! > best) {
        best = -duals[row]!;
        entering = -1 - row;
      }
    }
    return entering;
  }

  /** basis inverse x column */
  #transformed(column: number): Float64Array {
    const rows = this.#rows;
    const result = new Float64Array(rows);
    const entries = this.#entriesOf(column);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (const [at, value] of entries) sum += this.#inverse[row * rows + at]! * value;
      result[row] = sum;
    }
    return result;
  }

  #entriesOf(column: number): Entries {
    return column < 0 ? [[-1 - column, 1]] : this.#entries[column]!;
  }

  #rowOf(domainRow: number): number {
    return this.#apps + this.#groups + domainRow;
  }

  #push(column: MasterColumn, entries: Entries): void {
    this.columns.push(column);
    this.#entries.push(entries);
  }

  #pivot(entering: number): boolean {
    const rows = this.#rows;
    const change = this.#transformed(entering);
    let leaving = -1;
    let step = Infinity;
    for (let row = 0; row < rows; row++) {
      if (change[row]! <= PIVOT) continue;
      const ratio = Math.max(0, this.#level[row]!) / change[row]!;
      const tie = ratio <= step + 1e-12 && ratio >= step - 1e-12;
      if (tie ? change[row]! > change[leaving]! : ratio < step) {
        step = ratio;
        leaving = row;
      }
    }
    if (leaving < 0) return false;
    const pivot = change[leaving]!;
    for (let at = 0; at < rows; at++) this.#inverse[leaving * rows + at]! /= pivot;
    for (let row = 0; row < rows; row++) {
      const factor = change[row]!;
      if (row === leaving || factor === 0) continue;
      this.#level[row]! -= step * factor;
      for (let at = 0; at < rows; at++) {
        this.#inverse[row * rows + at]! -= factor * this.#inverse[leaving * rows + at]!;
      }
    }
    this.#level[leaving] = step;
    this.#basis[leaving] = entering;
    this.pivots++;
    if (++this.#sincePivot >= REFACTOR) this.#refactor();
    return true;
  }

  /** Computes inverse and levels from the basis (Gauss and Jordan, partial pivoting). */
  #refactor(): void {
    const rows = this.#rows;
    this.#sincePivot = 0;
    const matrix = new Float64Array(rows * rows);
    this.#basis.forEach((column, position) => {
      for (const [row, value] of this.#entriesOf(column)) matrix[row * rows + position] = value;
    });
    const inverse = invert(matrix, rows);
    // A singular basis can only come from lost digits: continuing with the old inverse is the better choice.
    if (inverse !== undefined) this.#inverse = inverse;
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let at = 0; at < rows; at++) sum += this.#inverse[row * rows + at]! * this.#rhs[at]!;
      this.#level[row] = sum;
    }
  }
}
