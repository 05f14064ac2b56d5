/**
 * The linear program over configurations of many different nodes, by the primal simplex method with generalised upper
 * bounds (Dantzig and Van Slyke 1967): each group of nodes has a key column that takes what its other columns leave, so
 * the basis has only as many rows as there are apps, rules about failure domains, and the limit of starts. Nothing
 * depends on its accuracy: bounds are computed from any prices (see relaxation.ts).
 * @module
 */

import { invert } from "../../baselines/columns/mod.ts";

/** Reduced costs below this count as zero, and below this share of the penalty: digits are lost there. */
const TOLERANCE = 1e-9;
const LOST = 1e-13;

/** Smallest pivot element. */
const PIVOT = 1e-9;

/** A variable: a configuration on the nodes of a group, or one of no group. */
export interface GroupColumn {
  /** Index of the group; -1 for none. */
  readonly group: number;
  /** Rank of the configuration. */
  readonly rank: number;
  readonly value: number;
  /** Coefficient in each linking row. */
  readonly linking: Float64Array;
}

/** A row that links the groups. */
export interface LinkingRow {
  /** "equal" to the amount, or at "most" that. */
  readonly kind: "equal" | "most";
  readonly amount: number;
}

/** Maximises value . x; every node of a group holds one configuration, and the linking rows are kept, at a penalty. */
export class GroupedMaster {
  readonly #rows: readonly LinkingRow[];
  readonly #members: readonly number[];
  readonly #keys: GroupColumn[];
  #penalty: number;
  /** Columns of the basis that are no keys: one for each row. */
  readonly #basis: GroupColumn[];
  /** Row-major inverse of the working basis, and the level of each of its columns. */
  #inverse: Float64Array;
  #levels: Float64Array;
  #duals: Float64Array;
  /** Amounts that the keys leave. */
  readonly #rest: Float64Array;

  /**
   * @param members Nodes of each group. @param keys A column of each group to start from.
   * @param penalty What breaking a row by one costs, above any value.
   */
  constructor(
    rows: readonly LinkingRow[],
    members: readonly number[],
    keys: readonly GroupColumn[],
    penalty: number,
  ) {
    this.#rows = rows;
    this.#members = members;
    this.#keys = [...keys];
    this.#penalty = penalty;
    // A small shift of each amount, different in each row, keeps the simplex method from cycling.
    this.#rest = Float64Array.from(
      rows,
      ({ amount }, row) => amount + 1e-7 * (1 + ((row * 0.6180339887) % 1)),
    );
    this.#inverse = new Float64Array(rows.length ** 2);
    this.#levels = new Float64Array(rows.length);
    this.#duals = new Float64Array(rows.length);
    keys.forEach((key, group) => this.#count(key, -members[group]!));
    this.#basis = rows.map((_, row) => this.logical(row, this.#rest[row]! >= 0 ? 1 : -1));
    this.#refactor();
  }

  /** Raises what breaking a row costs. */
  raisePenalty(penalty: number): void {
    this.#penalty = penalty;
    this.#basis.forEach(({ group, rank, value, linking }, at) => {
      if (group < 0 && value < 0) this.#basis[at] = this.logical(rank, linking[rank]! > 0 ? 1 : -1);
    });
    this.#refactor();
  }

  /**
   * Changes the amount of a row. What the basis then has too little of, it breaks rows by instead.
   * @returns False if it does not come to fit: then another master has to start.
   */
  change(row: number, by: number): boolean {
    this.#rest[row]! += by;
    this.#refactor();
    const rows = this.#rows.length;
    for (let turn = 0; turn <= rows; turn++) {
      const short = this.#keyLevels().findIndex((level) => level < 0);
      if (short >= 0) {
        const heir = this.#basis.findIndex(({ group }) => group === short);
        const key = this.#keys[short]!;
        this.#setKey(short, this.#basis[heir]!);
        this.#basis[heir] = key;
        this.#refactor();
      }
      let at = 0;
      for (let other = 1; other < rows; other++) {
        if (this.#levels[other]! < this.#levels[at]!) at = other;
      }
      if (this.#levels[at]! >= 0) {
        return short < 0 || this.#keyLevels().every((level) => level >= 0);
      }
      let broken = 0;
      for (let other = 1; other < rows; other++) {
        const better = Math.abs(this.#inverse[at * rows + other]!);
        if (better > Math.abs(this.#inverse[at * rows + broken]!)) broken = other;
      }
      this.#basis[at] = this.logical(broken, this.#inverse[at * rows + broken]! < 0 ? 1 : -1);
      this.#refactor();
    }
    return false;
  }

  /** The column that most nodes of each group hold. */
  mostUsed(): GroupColumn[] {
    const keys = [...this.#keys];
    const levels = this.#keyLevels();
    this.#basis.forEach((column, at) => {
      if (column.group < 0 || this.#levels[at]! <= levels[column.group]!) return;
      keys[column.group] = column;
      levels[column.group] = this.#levels[at]!;
    });
    return keys;
  }

  /** What is left of a row (sign 1), or is too much in it (-1), as a column. */
  logical(row: number, sign: 1 | -1): GroupColumn {
    const linking = new Float64Array(this.#rows.length);
    linking[row] = sign;
    const free = sign === 1 && this.#rows[row]!.kind === "most";
    return { group: -1, rank: row, value: free ? 0 : -this.#penalty, linking };
  }

  /** Reduced costs up to this count as zero. */
  get tolerance(): number {
    return Math.max(TOLERANCE, LOST * this.#penalty);
  }

  /** Price of each linking row. */
  get duals(): Float64Array {
    return this.#duals;
  }

  /** Price of a node of a group. */
  groupDual(group: number): number {
    const { value, linking } = this.#keys[group]!;
    return value - dot(this.#duals, linking);
  }

  /** What a column is worth more than it costs. */
  reduced({ group, value, linking }: GroupColumn): number {
    return value - dot(this.#duals, linking) - (group < 0 ? 0 : this.groupDual(group));
  }

  /** Sum of values, penalties included. */
  objective(): number {
    let sum = dot(this.#levels, this.#basis.map(({ value }) => value));
    this.#keyLevels().forEach((level, group) => sum += level * this.#keys[group]!.value);
    return sum;
  }

  /** What the rows are broken by in all. */
  broken(): number {
    return this.#basis.reduce(
      (sum, { group, value }, at) =>
        group < 0 && value < 0 ? sum + Math.max(0, this.#levels[at]!) : sum,
      0,
    );
  }

  /** Columns in use with their number of nodes, a fractional number. */
  *solution(): Generator<{ readonly column: GroupColumn; readonly nodes: number }> {
    const levels = this.#keyLevels();
    for (const [group, column] of this.#keys.entries()) yield { column, nodes: levels[group]! };
    for (const [at, column] of this.#basis.entries()) {
      if (column.group >= 0) yield { column, nodes: this.#levels[at]! };
    }
  }

  /** Lets logical columns enter while they improve. */
  settle(): void {
    const rows = this.#rows.length;
    for (let turn = 0; turn < 10 * rows; turn++) {
      let row = -1;
      let sign: 1 | -1 = 1;
      let most = this.tolerance;
      for (let at = 0; at < rows; at++) {
        const dual = this.#duals[at]!;
        const over = -dual - (this.#rows[at]!.kind === "equal" ? this.#penalty : 0);
        if (over > most) [most, row, sign] = [over, at, 1];
        if (dual - this.#penalty > most) [most, row, sign] = [dual - this.#penalty, at, -1];
      }
      if (row < 0 || !this.enter(this.logical(row, sign))) return;
    }
  }

  /** Brings a column that is worth its price into the basis. @returns False if it changes nothing. */
  enter(entering: GroupColumn): boolean {
    const rows = this.#rows.length;
    const { group } = entering;
    const change = this.#transformed(entering);
    // Containers of no group have no key; those of others lose what the columns beside the key gain.
    const keyRates = new Map<number, number>(group < 0 ? [] : [[group, 1]]);
    const keyLevels = new Map<number, number>();
    for (const [at, { group: own }] of this.#basis.entries()) {
      if (own < 0) continue;
      keyRates.set(own, (keyRates.get(own) ?? 0) - change[at]!);
      keyLevels.set(own, (keyLevels.get(own) ?? this.#members[own]!) - this.#levels[at]!);
    }
    let step = Infinity;
    let leaving = -1;
    let leavingKey = -1;
    for (let at = 0; at < rows; at++) {
      if (change[at]! <= PIVOT) continue;
      const ratio = Math.max(0, this.#levels[at]!) / change[at]!;
      if (ratio < step) [step, leaving] = [ratio, at];
    }
    for (const [own, rate] of keyRates) {
      if (rate <= PIVOT) continue;
      const ratio = Math.max(0, keyLevels.get(own) ?? this.#members[own]!) / rate;
      if (ratio < step) [step, leavingKey] = [ratio, own];
    }
    if (step === Infinity) return false;
    if (leavingKey < 0) {
      this.#basis[leaving] = entering;
    } else {
      // Another column of the group becomes its key, the entering one where there is no other.
      const heir = this.#basis.findIndex((column) => column.group === leavingKey);
      const key = heir < 0 ? entering : this.#basis[heir]!;
      this.#setKey(leavingKey, key);
      if (heir >= 0) this.#basis[heir] = entering;
    }
    this.#refactor();
    return true;
  }

  #setKey(group: number, key: GroupColumn): void {
    this.#count(this.#keys[group]!, this.#members[group]!);
    this.#count(key, -this.#members[group]!);
    this.#keys[group] = key;
  }

  /** Adds nodes with a column to what the keys leave. */
  #count({ linking }: GroupColumn, nodes: number): void {
    for (let row = 0; row < linking.length; row++) this.#rest[row]! += nodes * linking[row]!;
  }

  #keyLevels(): Float64Array {
    const levels = Float64Array.from(this.#members);
    this.#basis.forEach(({ group }, at) => {
      if (group >= 0) levels[group]! -= this.#levels[at]!;
    });
    return levels;
  }

  /** The entries of a column beyond those of its group's key. */
  #beyondKey({ group, linking }: GroupColumn): Float64Array {
    if (group < 0) return linking;
    const key = this.#keys[group]!.linking;
    return linking.map((coefficient, row) => coefficient - key[row]!);
  }

  #transformed(column: GroupColumn): Float64Array {
    const rows = this.#rows.length;
    const beyond = this.#beyondKey(column);
    return Float64Array.from({ length: rows }, (_, at) => {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += this.#inverse[at * rows + row]! * beyond[row]!;
      return sum;
    });
  }

  /** Computes inverse, levels and duals from the basis: it is small. */
  #refactor(): void {
    const rows = this.#rows.length;
    const matrix = new Float64Array(rows * rows);
    this.#basis.forEach((column, at) => {
      this.#beyondKey(column).forEach((coefficient, row) => matrix[row * rows + at] = coefficient);
    });
    // A singular basis can only come from lost digits: continuing with the old inverse is the better choice.
    this.#inverse = invert(matrix, rows) ?? this.#inverse;
    const worth = Float64Array.from(
      this.#basis,
      ({ group, value }) => group < 0 ? value : value - this.#keys[group]!.value,
    );
    this.#levels = new Float64Array(rows);
    this.#duals = new Float64Array(rows);
    for (let at = 0; at < rows; at++) {
      for (let row = 0; row < rows; row++) {
        const inverse = this.#inverse[at * rows + row]!;
        this.#levels[at]! += inverse * this.#rest[row]!;
        this.#duals[row]! += worth[at]! * inverse;
      }
    }
  }
}

function dot(a: Float64Array, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
