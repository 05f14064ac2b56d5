import { SolverError } from "../../domain/mod.ts";
import type { Formulation, LossColumn } from "../columns/mod.ts";
import type { MilpModel } from "../milp/mod.ts";

/** Nodes of each configuration: the answer of the integer program. */
export interface Usage {
  readonly column: LossColumn;
  /** A whole number, at least 1. */
  readonly nodes: number;
}

/** The integer program over some columns, as a model for a solver, and the way back from its answer. */
export interface IntegerProgram {
  readonly model: MilpModel;
  /** Factor of the model's objective: it is this times the total loss, without that of the base. */
  readonly scale: number;
  /** Loss of the base. */
  readonly fixedLoss: number;
  /** Nodes of each column, from the solver's values. @throws {SolverError} if they are no whole numbers or break a row. */
  read(solution: Float64Array): Usage[];
  /** The solver's values for a known answer; undefined if it uses other columns. */
  write(usage: readonly Usage[]): Float64Array | undefined;
}

/**
 * Minimises the loss against the bound. The unknowns are deviations from `base` nodes of each column, so
 * that numbers stay small however large the cluster is.
 * @param cutoff Loss of the best known placement: columns are limited to what may be better.
 */
export function integerProgram(
  formulation: Formulation,
  nodePrices: Float64Array,
  columns: readonly LossColumn[],
  options: { readonly base: readonly number[]; readonly cutoff: number },
): IntegerProgram {
  const { demand, groups } = formulation;
  const { base, cutoff } = options;
  const apps = demand.length;
  const rows = apps + groups.length;
  const width = columns.length + groups.length;
  const scale = 1000;
  const cost = new Float64Array(width);
  const lower = new Float64Array(width);
  const upper = new Float64Array(width).fill(Infinity);
  const left = [...demand, ...groups.map(({ nodes }) => nodes.length)];
  const starts = new Int32Array(width + 1);
  const indices: number[] = [];
  const values: number[] = [];
  const mostNodes = (loss: number, nodes: number): number =>
    loss > 0 ? Math.min(nodes, Math.floor(cutoff / loss + 1e-6)) : nodes;
  columns.forEach(({ group, loss, counts }, at) => {
    const nodes = base[at]!;
    cost[at] = loss * scale;
    lower[at] = -nodes;
    upper[at] = Math.max(lower[at]!, mostNodes(loss, groups[group]!.nodes.length) - nodes);
    counts.forEach((count, app) => {
      if (count === 0) return;
      indices.push(app);
      values.push(count);
      left[app]! -= count * nodes;
    });
    indices.push(apps + group);
    values.push(1);
    left[apps + group]! -= nodes;
    starts[at + 1] = indices.length;
  });
  groups.forEach(({ nodes }, group) => {
    const at = columns.length + group;
    cost[at] = nodePrices[group]! * scale;
    upper[at] = mostNodes(nodePrices[group]!, nodes.length);
    indices.push(apps + group);
    values.push(1);
    starts[at + 1] = indices.length;
  });
  const rhs = Float64Array.from(left);
  const fixedLoss = columns.reduce((sum, { loss }, at) => sum + loss * base[at]!, 0);
  const model: MilpModel = {
    sense: "minimise",
    columns: width,
    rows,
    cost,
    columnLower: lower,
    columnUpper: upper,
    integer: new Uint8Array(width).fill(1),
    rowLower: rhs,
    rowUpper: rhs,
    starts,
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  };
  return {
    model,
    scale,
    fixedLoss,
    read(solution) {
      const usage: Usage[] = [];
      columns.forEach((column, at) => {
        const whole = Math.round(solution[at]!);
        if (Math.abs(whole - solution[at]!) > 1e-4) {
          throw new SolverError(`HiGHS answered ${solution[at]} nodes for a column: not whole`);
        }
        const nodes = whole + base[at]!;
        if (nodes < 0) throw new SolverError(`HiGHS answered ${nodes} nodes for a column`);
        if (nodes > 0) usage.push({ column, nodes });
      });
      checkUsage(formulation, usage);
      return usage;
    },
    write(usage) {
      const places = new Map(columns.map(({ rank, group }, at) => [`${rank}/${group}`, at]));
      const solution = Float64Array.from({ length: width }, (_, at) => -(base[at] ?? 0));
      groups.forEach(({ nodes }, group) => solution[columns.length + group] = nodes.length);
      for (const { column, nodes } of usage) {
        const at = places.get(`${column.rank}/${column.group}`);
        if (at === undefined) return undefined;
        solution[at]! += nodes;
        solution[columns.length + column.group]! -= nodes;
      }
      return solution;
    },
  };
}

/** @throws {SolverError} if an answer misses the demand or uses too many nodes. */
function checkUsage(formulation: Formulation, usage: readonly Usage[]): void {
  const placed = new Array<number>(formulation.demand.length).fill(0);
  const used = new Array<number>(formulation.groups.length).fill(0);
  for (const { column, nodes } of usage) {
    used[column.group]! += nodes;
    column.counts.forEach((count, app) => placed[app]! += count * nodes);
  }
  placed.forEach((count, app) => {
    if (count !== formulation.demand[app]) {
      throw new SolverError(
        `HiGHS placed ${count} of ${formulation.apps[app]}, the demand is ${
          formulation.demand[app]
        }`,
      );
    }
  });
  formulation.groups.forEach(({ nodes }, group) => {
    if (used[group]! > nodes.length) {
      throw new SolverError(`HiGHS used ${used[group]} of ${nodes.length} nodes`);
    }
  });
}
